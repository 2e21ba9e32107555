"""The caption of the most similar training drawings, without a trained model.

The method is that of Devlin et al. 2015, "Exploring Nearest Neighbor Approaches for Image Captioning": find the k
nearest training images, pool their captions, answer with the consensus caption, the one with the highest summed
similarity (CIDEr) to its best-matching half of the pool. Their features came from a trained network; ours are two
classic ones that need no weights: histograms of oriented gradients (Dalal and Triggs 2005) for the outlines and a
tiny colour image (Torralba et al. 2008) for the layout of colours.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from captioners.base import CAPTIONERS, Answer, Baseline, CaptionerError, Drawing
from captioners.baselines.consensus import ConsensusScorer

# Chosen on the validation splits of openmoji and shapes, where nearby values do about as well. Devlin et al. have far
# more training images, and so more neighbours.
NEIGHBOURS = 3
GRADIENT_CELLS, ORIENTATIONS = 8, 8  # cells per side, unsigned orientations
TINY_SIDE = 16  # pixels
GRADIENT_WEIGHT = 2.0  # of the outlines against the colours

Array = npt.NDArray[np.float64]


@CAPTIONERS.register("nearest-neighbour")
class NearestNeighbour(Baseline):
    """k nearest training drawings by cosine of their features; their consensus caption."""

    name = "nearest-neighbour"
    summary = "consensus caption of the most similar training drawings (Devlin et al. 2015)"
    reads = "image"
    image_size = 64
    learns = True

    def __init__(self) -> None:
        self._features: Array = np.zeros((0, 0))
        self._captions: list[tuple[str, ...]] = []
        self._scorer: ConsensusScorer | None = None

    def fingerprint(self) -> Mapping[str, object]:
        return {
            "version": self.version,
            "neighbours": NEIGHBOURS,
            "gradients": [GRADIENT_CELLS, ORIENTATIONS, GRADIENT_WEIGHT],
            "tiny_image": TINY_SIDE,
        }

    def fit(self, training: Iterable[Drawing]) -> None:
        features = []
        for drawing in training:
            if drawing.image is not None:  # a training drawing that cannot be rendered has no neighbours
                features.append(image_features(np.asarray(drawing.image)))
                self._captions.append(drawing.captions)
        if not features:
            raise CaptionerError("there is no training drawing that could be rendered")
        self._features = np.stack(features)
        self._scorer = ConsensusScorer(self._captions)

    def caption(self, drawings: Sequence[Drawing]) -> list[Answer]:
        return [Answer(self._caption(drawing)) for drawing in drawings]

    def _caption(self, drawing: Drawing) -> str:
        if drawing.image is None:
            raise CaptionerError(f"drawing {drawing.id!r} comes without its picture")
        similarities = self._features @ image_features(np.asarray(drawing.image))
        nearest = np.argsort(-similarities, kind="stable")[:NEIGHBOURS]
        return self._consensus([caption for i in nearest for caption in self._captions[i]])

    def _consensus(self, captions: Sequence[str]) -> str:
        """The caption most similar to its best-matching half of the pool; of equals the nearest drawing's."""
        assert self._scorer is not None
        similarities = self._scorer.similarities(captions)
        np.fill_diagonal(similarities, 0.0)
        half = max(1, len(captions) // 2)
        support = np.sort(similarities, axis=1)[:, -half:].sum(axis=1)
        return captions[int(np.argmax(support.round(9)))]


def image_features(pixels: npt.NDArray[np.uint8]) -> Array:
    """Unit vector of a picture ``[s, s, 3]``, s a multiple of 8 and of 16; white counts as nothing."""
    ink = 1.0 - pixels.astype(np.float64) / 255.0
    gradients = GRADIENT_WEIGHT * _unit(_oriented_gradients(ink.mean(axis=-1)))
    return _unit(np.concatenate([gradients, _unit(_block_means(ink, TINY_SIDE).ravel())]))


def _oriented_gradients(grey: Array) -> Array:
    """Square-rooted gradient magnitudes per cell and orientation, ``[cells * cells * orientations]``."""
    down, right = np.gradient(grey)
    orientation = (np.arctan2(down, right) % np.pi) / np.pi * ORIENTATIONS
    bins = np.minimum(orientation.astype(int), ORIENTATIONS - 1)
    votes = np.hypot(down, right)[..., np.newaxis] * (bins[..., np.newaxis] == np.arange(ORIENTATIONS))
    return np.asarray(np.sqrt(_block_means(votes, GRADIENT_CELLS).ravel()))


def _block_means(image: Array, side: int) -> Array:
    """``[s, s, c]`` to ``[side, side, c]`` by the mean of each block."""
    block = image.shape[0] // side
    return np.asarray(image.reshape(side, block, side, block, -1).mean(axis=(1, 3)))


def _unit(vector: Array) -> Array:
    return vector / max(float(np.linalg.norm(vector)), 1e-12)
