"""METEOR's formula, in the order of operations of the reference implementation, so that not one bit differs."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from benchmark.metrics.base import Array
from benchmark.metrics.meteor.alignment import CHUNKS, HYPOTHESIS_MATCHES, REFERENCE_MATCHES

# The tuned parameters of METEOR 1.5 for English, task "rank" (Denkowski and Lavie 2014, table 1).
ALPHA, BETA, GAMMA, DELTA = 0.85, 0.20, 0.60, 0.75
_EXCESS = float(Fraction(BETA) - Fraction(1, 5))
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
        scores = f_mean * (1.0 - GAMMA * power_of_beta(fragmentation))
    return np.asarray(np.where(scores > 0, scores, 0.0))  # neither negative nor, without a word, no number


def power_of_beta(values: Array) -> Array:
    """``values ** BETA``, correctly rounded, of numbers from 0; the same on every machine.

    The power functions of Python, numpy and Java are each off by a bit now and then, at different arguments: Java's
    (17, x86-64) at 1 of 1,800 fractions of chunks, first at 55 chunks of 117 matched words, Python's at twice as many.
    Here a rough root y gets one step of Newton's method, whose residual, x - y**5, is computed to twice the precision.
    """
    roots = values**BETA
    square, square_rest = _product(roots, roots)
    fourth, fourth_rest = _product(square, square)
    fifth, fifth_rest = _product(fourth, roots)
    fifth_rest += (fourth_rest + 2 * square * square_rest) * roots
    # BETA is not quite a fifth: values ** BETA = (values * values ** (5 * excess)) ** (1 / 5)
    with np.errstate(divide="ignore", invalid="ignore"):
        residual = (values - fifth) - fifth_rest + values * (5 * _EXCESS * np.log(values))
        return np.where(values > 0, roots + roots * (residual / (5 * values)), roots)


def _product(a: Array, b: Array) -> tuple[Array, Array]:
    """A product and its rounding error (Dekker 1971)."""
    product = a * b
    (a_high, a_low), (b_high, b_low) = _halves(a), _halves(b)
    return product, ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low


def _halves(a: Array) -> tuple[Array, Array]:
    shifted = 134_217_729.0 * a  # 2^27 + 1
    high = shifted - (shifted - a)
    return high, a - high


def _weighted_length(sums: Array, side: int) -> Array:
    words, function = sums[..., side], sums[..., 2 + side]
    return np.asarray(DELTA * (words - function) + (1.0 - DELTA) * function)


def _weighted_matches(sums: Array, side: int) -> Array:
    matches = np.zeros(sums.shape[:-1])
    for place, share in ((4 + side, DELTA), (6 + side, 1.0 - DELTA)):  # content words, then function words
        for stage, weight in enumerate(STAGE_WEIGHTS):
            matches = matches + sums[..., place + 4 * stage] * weight * share
    return matches
