"""The measures against hand-computed values and those of scikit-image."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from renderers.comparison.similarity import (
    Pixels,
    largest_patch_difference,
    mean_absolute_difference,
    structural_similarity,
)


def flat(colour: tuple[int, ...], size: tuple[int, int] = (4, 2)) -> Pixels:
    return Pixels(Image.new("RGBA" if len(colour) == 4 else "RGB", size, colour))


def pattern(seed: int) -> np.ndarray:
    """64 x 48 pixels of gradients that wrap around, and checks; the same wherever it is computed."""
    y, x = np.mgrid[0:48, 0:64]
    channels = ((x * 3 + seed * 7) % 256, (y * 5 + x * seed) % 256, ((x // 8 + y // 8) * 40 * seed) % 256)
    return np.stack(channels, axis=2).astype(np.uint8)


def picture(levels: np.ndarray) -> Pixels:
    return Pixels(Image.fromarray(levels))


def test_the_mean_difference_is_over_all_channels() -> None:
    assert mean_absolute_difference(flat((10, 20, 30)), flat((13, 20, 24))) == pytest.approx((3 + 0 + 6) / 3)
    assert mean_absolute_difference(flat((0, 0, 0)), flat((255, 255, 255))) == 255


def test_colours_count_as_much_as_they_are_opaque() -> None:
    half_red, half_green = flat((200, 0, 0, 51)), flat((0, 100, 0, 51))  # premultiplied: 40 and 20
    assert mean_absolute_difference(half_red, half_green) == pytest.approx((40 + 20 + 0 + 0) / 4)


def test_invisible_colours_count_for_nothing() -> None:
    assert mean_absolute_difference(flat((255, 0, 0, 0)), flat((0, 0, 255, 0))) == 0


def test_a_picture_without_alpha_is_an_opaque_one() -> None:
    assert mean_absolute_difference(flat((9, 8, 7)), flat((9, 8, 7, 255))) == 0
    assert mean_absolute_difference(flat((0, 0, 0)), flat((0, 0, 0, 0))) == pytest.approx(255 / 4)


@pytest.mark.parametrize("measure", [mean_absolute_difference, largest_patch_difference, structural_similarity])
def test_pictures_of_different_sizes_are_refused(measure) -> None:
    with pytest.raises(ValueError, match="cannot be compared"):
        measure(flat((0, 0, 0), (4, 2)), flat((0, 0, 0), (2, 4)))


def test_a_small_shape_that_is_missing_shows_in_its_patch_and_not_in_the_mean() -> None:
    whole = np.full((224, 224, 3), 255, np.uint8)
    whole[100:108, 100:108] = (0, 0, 0)  # 8 x 8 pixels: one patch of 7 x 7 is all black
    white = picture(np.full((224, 224, 3), 255, np.uint8))
    assert mean_absolute_difference(picture(whole), white) == pytest.approx(255 * 64 / 224**2)
    assert largest_patch_difference(picture(whole), white) == 255


def test_a_line_that_is_one_level_of_antialiasing_off_stays_low_in_every_patch() -> None:
    line, beside = (np.full((224, 224, 3), 255, np.uint8) for _ in range(2))
    line[50] = beside[50] = 0
    line[51] = 127  # the other one ends half a pixel earlier
    assert largest_patch_difference(picture(line), picture(beside)) == pytest.approx(128 * 7 / 49)


def test_the_patch_takes_the_channel_that_differs_most_and_reaches_the_edges() -> None:
    corner = np.zeros((64, 64, 3), np.uint8)
    corner[62:, 62:] = (10, 90, 0)
    assert largest_patch_difference(picture(corner), picture(np.zeros((64, 64, 3), np.uint8))) == 90


# structural_similarity of scikit-image 0.26.0 on the same luma (Pillow's convert("L")) with gaussian_weights=True,
# sigma=1.5, use_sample_covariance=False, data_range=255: the settings that it names for Wang et al. 2004.
GOLDEN = {(1, 2): 0.6706349785577237, (2, 3): 0.3924157131114269, (1, 5): 0.505721132767016}


@pytest.mark.parametrize(("seeds", "expected"), GOLDEN.items())
def test_ssim_equals_that_of_scikit_image(seeds: tuple[int, int], expected: float) -> None:
    a, b = map(picture, map(pattern, seeds))
    assert structural_similarity(a, b) == pytest.approx(expected, abs=1e-10)
    assert structural_similarity(b, a) == pytest.approx(expected, abs=1e-10)


def test_ssim_of_a_changed_patch_and_of_a_shift_equal_those_of_scikit_image() -> None:
    changed = pattern(1)
    changed[10:20, 30:44] = (200, 30, 60)
    shifted = np.roll(pattern(1), 1, axis=1)
    assert structural_similarity(picture(pattern(1)), picture(changed)) == pytest.approx(0.91540518422848, abs=1e-10)
    assert structural_similarity(picture(pattern(1)), picture(shifted)) == pytest.approx(0.9270806809572791, abs=1e-10)


def test_ssim_of_equal_pictures_is_one_even_when_they_are_smaller_than_the_window() -> None:
    small = np.arange(5 * 3 * 3, dtype=np.uint8).reshape(5, 3, 3)
    assert structural_similarity(picture(small), picture(small)) == pytest.approx(1)
    assert structural_similarity(picture(small), picture(255 - small)) < 0.2


def test_ssim_sees_transparent_pictures_over_white() -> None:
    assert structural_similarity(flat((0, 0, 0, 0), (20, 20)), flat((255, 255, 255), (20, 20))) == pytest.approx(1)
    assert structural_similarity(flat((0, 0, 0, 255), (20, 20)), flat((0, 0, 0, 0), (20, 20))) < 0.01
