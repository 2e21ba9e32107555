"""Bootstrap intervals and paired tests, from the sums of rows that every metric is a function of.

Samples are drawn, never scores: each resample's score comes from the sum of its rows, so metrics of the whole corpus,
such as BLEU and METEOR, are resampled as they are defined. The draws depend on the seed and on the number of samples
alone, so all captioners and all metrics meet the same resamples.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from benchmark.metrics.base import METRICS, Array, way
from benchmark.metrics.evaluation import Evaluation
from benchmark.resampling import coins, draws, exact, sums

RESAMPLES = 10_000
CONFIDENCE = 0.95
SEED = 0
SIGNIFICANCE = 0.05
# Two differences this near are equal: the last bits of a score depend on how it was rounded.
_TIE = 1e-12


@dataclass(frozen=True, slots=True)
class PairedTest:
    """How a captioner's score differs from that of the baseline, in one column, on the same samples.

    Attributes:
        difference: captioner minus baseline, on the metric's own scale.
        low, high: percentile interval of the difference.
        bootstrap: two-sided p-value of the paired bootstrap (Koehn 2004): how often the difference of a resample is
            as far from ``difference`` as that is from 0.
        randomization: two-sided p-value of approximate randomization (Riezler and Maxwell 2005): how often the
            difference is as large when each sample's two captions change places by the toss of a coin.
        bootstrap_holm, randomization_holm: the same, corrected for the number of captioners (:func:`holm`).
    """

    difference: float
    low: float
    high: float
    bootstrap: float
    randomization: float
    bootstrap_holm: float
    randomization_holm: float


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number of one captioner and its percentile interval."""

    score: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Pair:
    """How two captioners differ in one number, on the same samples.

    Attributes:
        difference: first minus second; ``low`` and ``high`` are its percentile interval.
        p: two-sided p-value of approximate randomization, as in :class:`PairedTest`.
        p_holm: the same, corrected for the number of pairs (:func:`holm`).
    """

    first: str
    second: str
    difference: float
    low: float
    high: float
    p: float
    p_holm: float


def bootstrap_intervals(
    evaluation: Evaluation, *, resamples: int = RESAMPLES, confidence: float = CONFIDENCE, seed: int = SEED
) -> dict[str, tuple[float, float]]:
    """Percentile intervals of the corpus scores (Efron and Tibshirani 1993, ch. 13), as Koehn (2004) uses them.

    Returns:
        column -> (low, high), on the metric's own scale.
    """
    rows = evaluation.stacked()
    low, high = _interval(evaluation.scores_of(sums(draws, resamples, seed, exact(rows))), confidence)
    return {column: (float(a), float(b)) for column, a, b in zip(evaluation.columns, low, high, strict=True)}


def paired_tests(
    baseline: Evaluation,
    others: Mapping[str, Evaluation],
    *,
    resamples: int = RESAMPLES,
    confidence: float = CONFIDENCE,
    seed: int = SEED,
) -> dict[str, dict[str, PairedTest]]:
    """Each captioner against the baseline, in every column that both have a number in.

    p-values are ``(c + 1) / (resamples + 1)``, where ``c`` counts what is at least as extreme as what was observed,
    so none is 0 (Davison and Hinkley 1997, section 4.2). Captioners that equal the baseline have a p-value of 1.

    Returns:
        captioner -> column -> test.

    Raises:
        ValueError: other samples than the baseline's, or numbers that are computed in another way.
    """
    options = {"resamples": resamples, "seed": seed}
    tests = {name: _tests(name, baseline, other, confidence, **options) for name, other in others.items()}
    for column in baseline.columns:
        having = [name for name in tests if column in tests[name]]
        for kind in ("bootstrap", "randomization"):
            corrected = holm([getattr(tests[name][column], kind) for name in having])
            for name, value in zip(having, corrected, strict=True):
                tests[name][column] = replace(tests[name][column], **{f"{kind}_holm": value})
    return tests


def all_pairs(
    evaluations: Mapping[str, Evaluation],
    weights: Mapping[str, float],
    *,
    resamples: int = RESAMPLES,
    confidence: float = CONFIDENCE,
    seed: int = SEED,
) -> tuple[dict[str, Estimate], list[Pair]]:
    """Every captioner against every other one in one number: a column, or a weighted sum of columns.

    All pairs share one set of resamples and one of coin tosses, which are those of :func:`paired_tests` too. There are
    more tosses than ``resamples`` where so many pairs would leave no p-value significant after the correction.

    Args:
        evaluations: captioner -> statistics, of the same samples in the same order; each has all columns.
        weights: column -> weight; ``{"CIDEr": 1}`` for a column alone.

    Returns:
        captioner -> its number, and the pairs in the order of ``evaluations``.

    Raises:
        ValueError: other samples, or numbers that are computed in another way.
    """
    names = list(evaluations)
    having = {
        name: one.only([m for m in one.statistics if not weights.keys().isdisjoint(METRICS[m].columns)])
        for name, one in evaluations.items()
    }
    for name in names[1:]:
        _check_comparable(name, having[names[0]], having[name])
    count = len(names)
    pairs = [(i, j) for i in range(count) for j in range(i + 1, count)]
    rows = np.split(exact(np.concatenate([having[name].stacked() for name in names])), count)
    drawn, tossed = (
        np.split(sums(weigh, number, seed, np.hstack(rows)), count, axis=1)
        for weigh, number in ((draws, resamples), (coins, max(resamples, round(2 * len(pairs) / SIGNIFICANCE))))
    )
    score = partial(_weighted, having[names[0]], weights)
    totals = [one.sum(axis=0) for one in rows]
    scores, resampled = [score(one) for one in totals], [score(one) for one in drawn]
    differences = []
    for i, j in pairs:
        observed = scores[i] - scores[j]
        moved = tossed[j] - tossed[i]
        p = float(_p_values(score(totals[i] + moved) - score(totals[j] - moved), observed))
        low, high = _interval(resampled[i] - resampled[j], confidence).tolist()
        differences.append(Pair(names[i], names[j], float(observed), low, high, p, p))
    corrected = holm([pair.p for pair in differences])
    estimates = {
        name: Estimate(float(scores[i]), *_interval(resampled[i], confidence).tolist()) for i, name in enumerate(names)
    }
    return estimates, [replace(pair, p_holm=p) for pair, p in zip(differences, corrected, strict=True)]


def _weighted(evaluation: Evaluation, weights: Mapping[str, float], rows: Array) -> Array:
    """A weighted sum of columns ``[...]`` of sums of rows ``[..., K]``."""
    scores = evaluation.scores_of(rows)
    parts = [weight * scores[..., evaluation.columns.index(column)] for column, weight in weights.items()]
    return np.asarray(sum(parts[1:], parts[0]))


def holm(p_values: Sequence[float]) -> list[float]:
    """p-values of several tests, corrected so that the chance of any false alarm stays what one has (Holm 1979).

    The i-th smallest of m, from 0 on, is multiplied by m - i; none falls below a smaller one's, none exceeds 1.
    """
    order = np.argsort(p_values, kind="stable")
    steps = np.asarray(p_values, dtype=np.float64)[order] * np.arange(len(order), 0, -1)
    corrected = np.empty(len(order))
    corrected[order] = np.minimum(np.maximum.accumulate(steps), 1)
    return [float(value) for value in corrected]


def _tests(
    name: str, baseline: Evaluation, other: Evaluation, confidence: float, *, resamples: int, seed: int
) -> dict[str, PairedTest]:
    metrics = [metric for metric in baseline.statistics if metric in other.statistics]
    ours, theirs = baseline.only(metrics), other.only(metrics)
    _check_comparable(name, ours, theirs)
    # Both side by side: a column's rounding is the same in both, so that equal captions have equal rows.
    old, new = np.split(exact(np.concatenate([ours.stacked(), theirs.stacked()])), 2)
    score = ours.scores_of
    observed = score(new.sum(axis=0)) - score(old.sum(axis=0))
    olds, news = np.split(sums(draws, resamples, seed, np.hstack([old, new])), 2, axis=1)
    resampled = score(news) - score(olds)
    swapped = sums(coins, resamples, seed, new - old)
    randomized = score(new.sum(axis=0) - swapped) - score(old.sum(axis=0) + swapped)
    low, high = _interval(resampled, confidence)
    bootstrap, randomization = _p_values(resampled - observed, observed), _p_values(randomized, observed)
    values = np.stack([observed, low, high, bootstrap, randomization, bootstrap, randomization], axis=1)
    return {column: PairedTest(*map(float, row)) for column, row in zip(ours.columns, values, strict=True)}


def _check_comparable(name: str, baseline: Evaluation, other: Evaluation) -> None:
    """Raises ValueError unless both are of the same samples, and each column is computed in the same way."""
    if baseline.ids != other.ids:
        raise ValueError(f"{name!r} and the baseline are not scored on the same samples in the same order")
    for column in baseline.columns:
        computed = [way(one.signatures.get(column, "")) for one in (baseline, other)]
        if computed[0] != computed[1]:
            raise ValueError(f"{column} of {name!r} is computed in another way than the baseline's: {computed}")


def _p_values(null: Array, observed: Array) -> Array:
    """Of differences ``[resamples, columns]`` that chance alone makes, how many are as large as the observed ones."""
    extreme = np.abs(null) >= np.abs(observed) - _TIE
    return np.asarray((extreme.sum(axis=0) + 1) / (len(null) + 1))


def _interval(scores: Array, confidence: float) -> Array:
    tail = 50 * (1 - confidence)
    return np.asarray(np.percentile(scores, [tail, 100 - tail], axis=0))
