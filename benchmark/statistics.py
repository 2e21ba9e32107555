"""Bootstrap intervals over per-sample statistics."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from benchmark.metrics.base import Array
from benchmark.metrics.evaluation import Evaluation

RESAMPLES = 10_000
CONFIDENCE = 0.95
SEED = 0
# Resamples drawn at a time: bounds the memory to this many rows of sample counts.
_CHUNK = 500


def bootstrap_intervals(
    evaluation: Evaluation, *, resamples: int = RESAMPLES, confidence: float = CONFIDENCE, seed: int = SEED
) -> dict[str, tuple[float, float]]:
    """Percentile intervals of the corpus scores (Efron and Tibshirani 1993, ch. 13), as Koehn (2004) uses them.

    Samples are drawn with replacement; each resample's score comes from the sum of its rows, so corpus-level
    metrics such as BLEU are resampled as they are defined. The same seed draws the same samples for every captioner
    of the same sample set.

    Returns:
        column -> (low, high), on the metric's own scale.
    """
    rows = evaluation.stacked()
    scores = np.concatenate([evaluation.scores_of(weights @ rows) for weights in _weights(len(rows), resamples, seed)])
    tail = 50 * (1 - confidence)
    low, high = np.percentile(scores, [tail, 100 - tail], axis=0)
    return {column: (float(a), float(b)) for column, a, b in zip(evaluation.columns, low, high, strict=True)}


def _weights(count: int, resamples: int, seed: int) -> Iterator[Array]:
    """How often each of ``count`` samples occurs in each resample: chunks ``[<=500, count]``."""
    generator = np.random.default_rng(seed)

    for start in range(0, resamples, _CHUNK):
        size = min(_CHUNK, resamples - start)
        draws = generator.integers(count, size=(size, count))
        draws += np.arange(size)[:, np.newaxis] * count
        yield np.bincount(draws.ravel(), minlength=size * count).reshape(size, count).astype(np.float64)
