"""Intervals and paired tests; oracle: one resample at a time, from the same draws, in plain loops."""

from __future__ import annotations

from dataclasses import astuple

import numpy as np
import pytest

from benchmark import resampling
from benchmark.metrics import Evaluation
from benchmark.metrics.base import METRICS, Corpus
from benchmark.statistics import bootstrap_intervals, holm, paired_tests


def rouge_like(scores: np.ndarray) -> Evaluation:
    """An evaluation whose one metric is a mean of the given sample scores."""
    rows = np.stack([scores, np.ones_like(scores)], axis=1)
    return Evaluation(tuple(map(str, range(len(scores)))), {"rouge_l": rows}, {}, {})


WORDS = ["red", "blue", "star", "circle", "above", "below", "one", "two"]


def made_up(count: int, seed: int, keep: int = 4) -> Evaluation:
    """Captions that keep some words of their reference; the references are the same for every seed."""
    fixed, draw = np.random.default_rng(0), np.random.default_rng(seed)
    references = [" ".join(fixed.choice(WORDS, 6)) for _ in range(count)]
    hypotheses = [" ".join([*r.split()[: draw.integers(keep + 1)], "x"]) for r in references]
    corpus = Corpus(hypotheses, [[reference] for reference in references], "none")
    rows = {name: METRICS[name].statistics(corpus) for name in ("bleu", "rouge_l", "cider")}
    return Evaluation(tuple(map(str, range(count))), rows, {}, {})


def loop(evaluation: Evaluation, seed: int, resamples: int) -> np.ndarray:
    """Scores of resamples, ``[resamples, columns]``: the rows of each are picked and added up."""
    generator, count = np.random.default_rng(seed), len(evaluation.ids)
    scores = []
    for _ in range(resamples):
        drawn = generator.integers(count, size=count, dtype=np.uint32)
        scores.append(
            np.concatenate(
                [
                    METRICS[name].score(sum((rows[i] for i in drawn), np.zeros(rows.shape[1])))
                    for name, rows in evaluation.statistics.items()
                ]
            )
        )
    return np.array(scores)


def test_intervals_of_a_mean_are_those_of_the_normal_approximation() -> None:
    scores = np.random.default_rng(7).normal(0.5, 0.1, size=2_000)
    low, high = bootstrap_intervals(rouge_like(scores))["ROUGE-L"]
    error = 1.96 * scores.std() / np.sqrt(len(scores))
    assert (low, high) == pytest.approx((scores.mean() - error, scores.mean() + error), abs=0.1 * error)


def test_every_metric_is_resampled_as_it_is_defined() -> None:
    evaluation = made_up(25, seed=1)
    expected = np.percentile(loop(evaluation, seed=5, resamples=400), [2.5, 97.5], axis=0).T
    intervals = bootstrap_intervals(evaluation, resamples=400, seed=5)
    assert list(intervals) == ["BLEU-1", "BLEU-2", "BLEU-3", "BLEU-4", "ROUGE-L", "CIDEr"]
    assert np.array(list(intervals.values())) == pytest.approx(expected, abs=1e-9)


def test_intervals_cover_the_true_mean_as_often_as_they_say() -> None:
    draw = np.random.default_rng(3)
    intervals = [
        bootstrap_intervals(rouge_like(draw.beta(2, 5, size=60)), resamples=400, seed=i)["ROUGE-L"] for i in range(300)
    ]
    covered = np.mean([low <= 2 / 7 <= high for low, high in intervals])
    assert 0.92 < covered < 0.97


def test_the_same_seed_gives_the_same_intervals_and_another_one_others() -> None:
    evaluation = rouge_like(np.linspace(0, 1, 50))
    assert bootstrap_intervals(evaluation, seed=1) == bootstrap_intervals(evaluation, seed=1)
    assert bootstrap_intervals(evaluation, seed=1) != bootstrap_intervals(evaluation, seed=2)


@pytest.mark.parametrize("block", [1, 1_000, 7_777])
def test_neither_the_size_of_blocks_nor_the_order_of_metrics_changes_a_bit(
    block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = made_up(31, seed=1), made_up(31, seed=2)
    metrics = ("cider", "bleu", "rouge_l")
    intervals, tests = bootstrap_intervals(one, resamples=500), paired_tests(one, {"b": other}, resamples=500)
    monkeypatch.setattr(resampling, "_BLOCK", block)
    monkeypatch.setattr(resampling, "_KEPT", 0)
    assert bootstrap_intervals(one.only(metrics), resamples=500) == intervals
    assert paired_tests(one.only(metrics), {"b": other.only(metrics)}, resamples=500) == tests


def test_a_lower_confidence_gives_a_narrower_interval() -> None:
    evaluation = rouge_like(np.linspace(0, 1, 50))
    low95, high95 = bootstrap_intervals(evaluation)["ROUGE-L"]
    low50, high50 = bootstrap_intervals(evaluation, confidence=0.5)["ROUGE-L"]
    assert low95 < low50 < high50 < high95


def test_identical_samples_have_an_interval_without_width() -> None:
    assert bootstrap_intervals(rouge_like(np.full(10, 0.25)))["ROUGE-L"] == (0.25, 0.25)


def test_paired_tests_are_what_a_loop_over_the_same_draws_counts() -> None:
    old, new, resamples, seed = made_up(25, seed=1), made_up(25, seed=2, keep=6), 300, 4
    observed = np.array(list(new.corpus.values())) - np.array(list(old.corpus.values()))
    resampled = loop(new, seed, resamples) - loop(old, seed, resamples)
    bootstrap = ((np.abs(resampled - observed) >= np.abs(observed) - 1e-12).sum(axis=0) + 1) / (resamples + 1)
    generator, count, extreme = np.random.default_rng(seed), 25, np.zeros(6)
    for _ in range(resamples):
        tosses = generator.bytes(-(-count // 8))
        swapped = [tosses[i // 8] >> (7 - i % 8) & 1 for i in range(count)]
        differences = []
        for name, first in old.statistics.items():
            second = new.statistics[name]
            sums = [
                sum((b if s else a)[i] for i, s in enumerate(swapped)) for a, b in ((first, second), (second, first))
            ]
            differences.append(METRICS[name].score(sums[1]) - METRICS[name].score(sums[0]))
        extreme += np.abs(np.concatenate(differences)) >= np.abs(observed) - 1e-12
    tests = paired_tests(old, {"new": new}, resamples=resamples, seed=seed)["new"]
    found = np.array([astuple(test) for test in tests.values()])
    assert found[:, 0] == pytest.approx(observed, abs=1e-9)
    assert found[:, 1:3] == pytest.approx(np.percentile(resampled, [2.5, 97.5], axis=0).T, abs=1e-9)
    assert found[:, 3].tolist() == bootstrap.tolist()
    assert found[:, 4].tolist() == ((extreme + 1) / (resamples + 1)).tolist()


def test_p_values_are_uniform_where_there_is_no_difference() -> None:
    draw = np.random.default_rng(11)
    tests = []
    for i in range(300):
        old, new = (rouge_like(draw.beta(2, 5, size=60)) for _ in range(2))
        tests.append(paired_tests(old, {"new": new}, resamples=199, seed=i)["new"]["ROUGE-L"])
    for values in ([test.bootstrap for test in tests], [test.randomization for test in tests]):
        # Kolmogorov and Smirnov's distance, which exceeds this once in 200 times.
        assert np.abs(np.sort(values) - (np.arange(300) + 0.5) / 300).max() < 1.73 / np.sqrt(300)


def test_a_clear_difference_has_the_smallest_p_value_and_a_captioner_equals_itself() -> None:
    scores = np.random.default_rng(0).uniform(0, 0.5, size=200)
    tests = paired_tests(
        rouge_like(scores), {"better": rouge_like(scores + 0.1), "same": rouge_like(scores)}, resamples=999
    )
    better, same = tests["better"]["ROUGE-L"], tests["same"]["ROUGE-L"]
    assert better.difference == pytest.approx(0.1)
    assert (better.low, better.high) == pytest.approx((0.1, 0.1))
    assert (better.randomization, better.bootstrap) == (0.001, 0.001)
    assert (better.randomization_holm, better.bootstrap_holm) == (0.002, 0.002)
    assert astuple(same) == (0, 0, 0, 1, 1, 1, 1)


def test_a_paired_test_finds_what_the_intervals_of_either_side_hide() -> None:
    draw = np.random.default_rng(2)
    easy = draw.uniform(0, 1, size=100)  # how easy a sample is for both
    old, new = rouge_like(easy), rouge_like(easy + draw.normal(0.02, 0.03, size=100))
    (low, high), (other_low, other_high) = (bootstrap_intervals(one)["ROUGE-L"] for one in (old, new))
    test = paired_tests(old, {"new": new})["new"]["ROUGE-L"]
    assert low < other_low < high < other_high
    assert test.randomization < 0.001
    assert test.bootstrap < 0.001
    assert 0 < test.low < test.difference < test.high


def test_holm_corrects_as_by_hand() -> None:
    """Smallest first: 4 x 0.005, 3 x 0.01, 2 x 0.03, 1 x 0.04, which may not fall below the one before it."""
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.5, 0.6]) == [1, 1]
    assert holm([0.2]) == [0.2]
    assert holm([]) == []


def test_what_is_not_comparable_is_refused() -> None:
    one = rouge_like(np.linspace(0, 1, 5))
    with pytest.raises(ValueError, match="'b' and the baseline are not scored on the same samples"):
        paired_tests(one, {"b": rouge_like(np.linspace(0, 1, 6))})
    signed = [
        Evaluation(one.ids, one.statistics, {}, {"ROUGE-L": f"ROUGE-L|tok:{tokenizer}|refs:{references}|v1"})
        for tokenizer, references in (("ptb", "1"), ("nltk", "1"), ("ptb", "1-4"))
    ]
    with pytest.raises(ValueError, match="ROUGE-L of 'b' is computed in another way"):
        paired_tests(signed[0], {"b": signed[1]})
    assert paired_tests(signed[0], {"b": signed[2]}, resamples=9)["b"]["ROUGE-L"].difference == 0


def test_a_metric_that_one_side_lacks_is_left_out() -> None:
    whole = made_up(10, seed=1)
    tests = paired_tests(whole, {"part": whole.only(["cider"]), "whole": whole}, resamples=9)
    assert list(tests["part"]) == ["CIDEr"]
    assert list(tests["whole"]) == list(whole.columns)
