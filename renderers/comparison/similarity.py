"""How much two pictures of the same size differ.

Two measures that fail in different ways: the mean absolute difference counts every wrong pixel and little else,
SSIM compares local structure and forgives an even shift of colour. Both are pure numpy.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Floats = NDArray[np.float64]

# Wang, Bovik, Sheikh and Simoncelli, "Image quality assessment: from error visibility to structural similarity",
# IEEE Transactions on Image Processing 13(4), 2004, section III.B and C: a circular Gaussian window of 11 x 11
# pixels with a standard deviation of 1.5, K1 = 0.01, K2 = 0.03, and 8-bit luminance.
_RADIUS = 5
_SIGMA = 1.5
_C1 = (0.01 * 255) ** 2
_C2 = (0.03 * 255) ** 2
_WINDOW = np.exp(-(np.arange(-_RADIUS, _RADIUS + 1) ** 2) / (2 * _SIGMA**2))
_WINDOW /= _WINDOW.sum()


@dataclass(frozen=True)
class Pixels:
    """A picture ready to be compared; what several comparisons need is computed once.

    Attributes:
        image: RGB, or RGBA with straight alpha.
    """

    image: Image.Image

    @cached_property
    def premultiplied(self) -> NDArray[np.float32]:
        """Levels 0 to 255, [height, width, 3 or 4]; colours are scaled by alpha, which is the fourth channel."""
        levels = np.asarray(self.image, dtype=np.float32)
        if self.image.mode == "RGB":
            return levels
        alpha = levels[..., 3:]
        return np.concatenate((levels[..., :3] * (alpha / 255), alpha), axis=2)

    @cached_property
    def luma(self) -> Floats:
        """Rec. 601 luma, 0 to 255, of the picture over white; edges are repeated up to the window's 11 pixels."""
        shown = self.image
        if shown.mode == "RGBA":
            shown = Image.alpha_composite(Image.new("RGBA", shown.size, "white"), shown)
        luma = np.asarray(shown.convert("L"), dtype=np.float64)
        missing = [max(0, 2 * _RADIUS + 1 - side) for side in luma.shape]
        return np.pad(luma, [(gap // 2, gap - gap // 2) for gap in missing], mode="edge")

    @cached_property
    def mean_and_variance(self) -> tuple[Floats, Floats]:
        """Of the luma in each window that lies wholly inside the picture."""
        mean = _windowed(self.luma)
        return mean, _windowed(self.luma**2) - mean**2


def mean_absolute_difference(a: Pixels, b: Pixels) -> float:
    """Mean of \\|a - b\\| over all pixels and channels of the premultiplied pictures, 0 to 255.

    An RGB picture is compared with an RGBA one as an opaque RGBA picture. What is invisible counts for nothing: two
    wholly transparent pixels are equal whatever colour they hold. Raises ValueError for different sizes.
    """
    left, right = _alike(a, b)
    return float(np.abs(left - right).mean(dtype=np.float64))


def largest_patch_difference(a: Pixels, b: Pixels) -> float:
    """Mean absolute difference in the square patch where it is largest, 0 to 255.

    Patches measure 1/32 of the picture's shorter side (7 pixels of 224) and are taken at every position, so that
    a small shape that is missing or has the wrong colour shows, though it is lost in the mean of the whole
    picture; a line drawn a fraction of a pixel beside stays far lower. Of the channels the largest difference
    counts. Raises ValueError for different sizes.
    """
    left, right = _alike(a, b)
    levels = np.abs(left - right)
    difference: NDArray[np.float32] = levels[..., 0]
    for channel in range(1, levels.shape[2]):  # ten times as fast as max(axis=2)
        difference = np.maximum(difference, levels[..., channel])
    height, width = difference.shape[:2]
    side: int = max(1, min(height, width) // 32)
    sums = np.zeros((height + 1, width + 1))
    sums[1:, 1:] = difference.cumsum(axis=0, dtype=np.float64).cumsum(axis=1)
    patches = sums[side:, side:] - sums[:-side, side:] - sums[side:, :-side] + sums[:-side, :-side]
    return float(patches.max()) / side**2


def structural_similarity(a: Pixels, b: Pixels) -> float:
    """Mean SSIM of the luma (Wang et al. 2004), -1 to 1, 1 for equal pictures.

    As in the paper, windows that reach over the edge are left out. Raises ValueError for different sizes.
    """
    _refuse_other_size(a, b)
    (mean_a, variance_a), (mean_b, variance_b) = a.mean_and_variance, b.mean_and_variance
    covariance = _windowed(a.luma * b.luma) - mean_a * mean_b
    above = (2 * mean_a * mean_b + _C1) * (2 * covariance + _C2)
    below = (mean_a**2 + mean_b**2 + _C1) * (variance_a + variance_b + _C2)
    return float((above / below).mean())


def _windowed(values: Floats) -> Floats:
    """Gaussian means over all whole windows: of rows, then of columns."""
    height, width = (side - 2 * _RADIUS for side in values.shape)
    rows = np.zeros((height, values.shape[1]))
    means = np.zeros((height, width))
    for i, weight in enumerate(_WINDOW):
        rows += weight * values[i : i + height]
    for i, weight in enumerate(_WINDOW):
        means += weight * rows[:, i : i + width]
    return means


def _alike(a: Pixels, b: Pixels) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    _refuse_other_size(a, b)
    if a.image.mode != b.image.mode:
        a, b = (Pixels(one.image.convert("RGBA")) for one in (a, b))
    return a.premultiplied, b.premultiplied


def _refuse_other_size(a: Pixels, b: Pixels) -> None:
    if a.image.size != b.image.size:
        raise ValueError(f"pictures of {a.image.size} and {b.image.size} pixels cannot be compared")
