"""METEOR's formula, in the order of operations of the reference implementation, so that not one bit differs."""

from __future__ import annotations

import numpy as np

from benchmark.metrics.base import Array
from benchmark.metrics.meteor.alignment import CHUNKS, HYPOTHESIS_MATCHES, REFERENCE_MATCHES

# The tuned parameters of METEOR 1.5 for English, task "rank" (Denkowski and Lavie 2014, table 1).
ALPHA, BETA, GAMMA, DELTA = 0.85, 0.20, 0.60, 0.75
STAGE_WEIGHTS = (1.0, 0.6, 0.8, 0.6)  # exact, stem, synonym, paraphrase


def without_perfect_chunks(rows: Array) -> Array:
    """Rows ``[n, 23]`` in which a pair that is matched throughout in one piece has no chunk: no fragmentation."""
    whole = (rows[:, 0] == rows[:, HYPOTHESIS_MATCHES]) & (rows[:, 1] == rows[:, REFERENCE_MATCHES])
    rows = rows.copy()
    rows[whole & (rows[:, CHUNKS] == 1), CHUNKS] = 0.0
    return rows


def meteor(sums: Array) -> Array:
    """Scores ``[...]``, 0 to 1, of sums of such rows, ``[..., 23]``."""
    with np.errstate(divide="ignore", invalid="ignore"):
        precision = _weighted_matches(sums, 0) / _weighted_length(sums, 0)
        recall = _weighted_matches(sums, 1) / _weighted_length(sums, 1)
        f_mean = 1.0 / (((1.0 - ALPHA) / precision) + (ALPHA / recall))
        fragmentation = sums[..., CHUNKS] / ((sums[..., HYPOTHESIS_MATCHES] + sums[..., REFERENCE_MATCHES]) / 2)
    # numpy's own power differs in the last bit on some processors.
    powers = np.fromiter((value**BETA for value in fragmentation.ravel().tolist()), np.float64, fragmentation.size)
    scores = f_mean * (1.0 - GAMMA * powers.reshape(fragmentation.shape))
    return np.asarray(np.where(scores > 0, scores, 0.0))  # neither negative nor, without a word, no number


def _weighted_length(sums: Array, side: int) -> Array:
    words, function = sums[..., side], sums[..., 2 + side]
    return np.asarray(DELTA * (words - function) + (1.0 - DELTA) * function)


def _weighted_matches(sums: Array, side: int) -> Array:
    matches = np.zeros(sums.shape[:-1])
    for place, share in ((4 + side, DELTA), (6 + side, 1.0 - DELTA)):  # content words, then function words
        for stage, weight in enumerate(STAGE_WEIGHTS):
            matches = matches + sums[..., place + 4 * stage] * weight * share
    return matches
