from __future__ import annotations

import numpy as np
import pytest

from benchmark.metrics import Evaluation, evaluate
from benchmark.metrics.base import METRICS
from benchmark.statistics import bootstrap_intervals


def rouge_like(scores: np.ndarray) -> Evaluation:
    """An evaluation whose one metric is a mean of the given sample scores."""
    rows = np.stack([scores, np.ones_like(scores)], axis=1)
    return Evaluation(tuple(map(str, range(len(scores)))), {"rouge_l": rows}, {}, {})


def test_intervals_of_a_mean_are_those_of_the_normal_approximation() -> None:
    scores = np.random.default_rng(7).normal(0.5, 0.1, size=2_000)
    low, high = bootstrap_intervals(rouge_like(scores))["ROUGE-L"]
    error = 1.96 * scores.std() / np.sqrt(len(scores))
    assert (low, high) == pytest.approx((scores.mean() - error, scores.mean() + error), abs=0.1 * error)


def test_a_corpus_level_metric_is_resampled_as_it_is_defined() -> None:
    """The oracle scores every resample from its rows, one by one."""
    words = ["red", "blue", "star", "circle", "above", "below", "one", "two"]
    draw = np.random.default_rng(0)
    references = {str(i): [" ".join(draw.choice(words, 6))] for i in range(25)}
    hypotheses = {id: " ".join([*r[0].split()[:4], "x"]) for id, r in references.items()}
    evaluation = evaluate(hypotheses, references, metrics=("bleu",))
    rows = evaluation.statistics["bleu"]
    generator = np.random.default_rng(5)
    scores = [METRICS["bleu"].score(rows[generator.integers(25, size=25)].sum(axis=0))[0] for _ in range(3_000)]
    expected = np.percentile(scores, [2.5, 97.5])
    assert bootstrap_intervals(evaluation)["BLEU-1"] == pytest.approx(expected, abs=0.01)


def test_the_same_seed_gives_the_same_intervals_and_another_one_others() -> None:
    evaluation = rouge_like(np.linspace(0, 1, 50))
    assert bootstrap_intervals(evaluation, seed=1) == bootstrap_intervals(evaluation, seed=1)
    assert bootstrap_intervals(evaluation, seed=1) != bootstrap_intervals(evaluation, seed=2)


def test_a_lower_confidence_gives_a_narrower_interval() -> None:
    evaluation = rouge_like(np.linspace(0, 1, 50))
    low95, high95 = bootstrap_intervals(evaluation)["ROUGE-L"]
    low50, high50 = bootstrap_intervals(evaluation, confidence=0.5)["ROUGE-L"]
    assert low95 < low50 < high50 < high95


def test_identical_samples_have_an_interval_without_width() -> None:
    assert bootstrap_intervals(rouge_like(np.full(10, 0.25)))["ROUGE-L"] == (0.25, 0.25)
