"""Ranks; oracle of the tests: all ways in which the two captions of few samples can change places, counted."""

from __future__ import annotations

from itertools import combinations, product
from pathlib import Path

import numpy as np
import pytest

from benchmark.leaderboard.text import remarks
from benchmark.metrics import Evaluation
from benchmark.ranking import Ranking, Row, ranking_column, rows, tables
from benchmark.statistics import all_pairs, holm, paired_tests
from tests.benchmark.leaderboard.made_up import put, sample_set


def means(scores: np.ndarray) -> Evaluation:
    rows = np.stack([scores, np.ones_like(scores)], axis=1)
    return Evaluation(tuple(map(str, range(len(scores)))), {"cider": rows}, {}, {})


def exact_p(one: np.ndarray, other: np.ndarray) -> float:
    """The share of all swaps whose difference is as large as the observed one."""
    difference = one - other
    signs = np.array(list(product((1, -1), repeat=len(difference))))
    return float(np.mean(np.abs(signs @ difference) >= abs(difference.sum()) - 1e-9))


def test_p_values_are_those_of_counting_all_swaps() -> None:
    draw = np.random.default_rng(1)
    scores = {name: draw.uniform(0, 1, 10) + shift for name, shift in (("a", 0.0), ("b", 0.1), ("c", 0.4))}
    _, pairs = all_pairs({name: means(one) for name, one in scores.items()}, {"CIDEr": 1.0})
    assert [(pair.first, pair.second) for pair in pairs] == [("a", "b"), ("a", "c"), ("b", "c")]
    for pair in pairs:
        expected = exact_p(scores[pair.first], scores[pair.second])
        assert pair.p == pytest.approx(expected, abs=4 * np.sqrt(expected * (1 - expected) / 10_000))
        assert pair.difference == pytest.approx(scores[pair.first].mean() - scores[pair.second].mean())
    assert [pair.p_holm for pair in pairs] == holm([pair.p for pair in pairs])


def test_all_pairs_are_the_paired_tests_of_each_pair() -> None:
    draw = np.random.default_rng(2)
    some = {name: means(draw.uniform(0, 1, 30)) for name in "abcd"}
    estimates, pairs = all_pairs(some, {"CIDEr": 1.0}, resamples=500)
    assert estimates["b"].score == pytest.approx(some["b"].corpus["CIDEr"])
    for pair in pairs:
        test = paired_tests(some[pair.second], {"x": some[pair.first]}, resamples=500)["x"]["CIDEr"]
        assert pair.p == test.randomization
        assert (pair.difference, pair.low, pair.high) == pytest.approx((test.difference, test.low, test.high), abs=1e-9)


def test_a_weighted_sum_of_columns_is_tested_as_one_number() -> None:
    draw = np.random.default_rng(3)
    parts = {name: draw.uniform(0, 1, (2, 12)) for name in "ab"}
    some = {
        name: Evaluation(
            tuple(map(str, range(12))),
            {
                metric: np.stack([row, np.ones(12)], axis=1)
                for metric, row in zip(("rouge_l", "cider"), both, strict=True)
            },
            {},
            {},
        )
        for name, both in parts.items()
    }
    estimates, (pair,) = all_pairs(some, {"CIDEr": 0.5, "ROUGE-L": 2.0})
    whole = {name: both[0] * 2 + both[1] / 2 for name, both in parts.items()}
    expected = exact_p(whole["a"], whole["b"])
    assert estimates["a"].score == pytest.approx(whole["a"].mean())
    assert pair.difference == pytest.approx(whole["a"].mean() - whole["b"].mean())
    assert pair.p == pytest.approx(expected, abs=0.02)


def test_among_many_captioners_a_clear_winner_is_still_significant() -> None:
    """With 40 captioners and 10,000 swaps, 780 pairs times the smallest p-value would be 0.078."""
    level = np.tile([0.2, 0.4], 20)
    some = {f"c{i:02}": means(level + i * 1e-4) for i in range(39)} | {"winner": means(level + 0.3)}
    _, pairs = all_pairs(some, {"CIDEr": 1.0})
    assert len(pairs) == 780
    assert max(pair.p_holm for pair in pairs if pair.second == "winner") < 0.05


@pytest.mark.parametrize(
    ("scores", "ranks"),
    [
        # n = 12 samples; a difference of the same sign everywhere has p = 2 / 2^12 = 0.0005
        ({"a": 0.9, "b": 0.6, "c": 0.3}, {"a": 1, "b": 2, "c": 3}),
        ({"a": 0.5, "b": 0.5, "c": 0.5}, {"a": 1, "b": 1, "c": 1}),
        ({"a": 0.9, "b": 0.9, "c": 0.3}, {"a": 1, "b": 1, "c": 3}),
        ({"a": 0.9, "b": 0.3, "c": 0.3}, {"a": 1, "b": 2, "c": 2}),
        # two noisy twins: better by 0.1 on seven samples, worse by 0.1 on five, p = 0.77
        ({"a": [0.6] * 7 + [0.4] * 5, "b": 0.5, "c": 0.1}, {"a": 1, "b": 1, "c": 3}),
        # not transitive: a > c for sure (+0.2 everywhere); b is a on half of the samples and c on the others, but once
        # each better or worse by 1, so that it can be told apart from neither
        (
            {"a": 0.5, "b": [1.5, 0.0] + [0.5] * 5 + [0.3] * 5, "c": 0.3},
            {"a": 1, "b": 1, "c": 2},
        ),
        ({"alone": 0.2}, {"alone": 1}),
    ],
)
def test_ranks_of_made_up_cases(scores: dict[str, float | list[float]], ranks: dict[str, int], tmp_path: Path) -> None:
    where = sample_set(tmp_path, n=12)
    for name, values in scores.items():
        put(where, name, {"CIDEr": values})
    found = rows(where)
    assert {row.captioner: row.rank for row in found} == ranks
    assert [row.rank for row in found] == sorted(ranks.values())
    for row in found:
        assert (
            row.rank
            == 1 + len(row.better)
            == 1
            + sum(
                p < 0.05 and (found_score(found, other) > (row.score("CIDEr") or 0))
                for other, p in row.p_values.items()
            )
        )


def found_score(found: list[Row], name: str) -> float:
    return next(row.score("CIDEr") or 0.0 for row in found if row.captioner == name)


def test_few_samples_tell_nobody_apart(tmp_path: Path) -> None:
    """Five samples can change places in 32 ways: no p-value is below 2 / 32."""
    where = sample_set(tmp_path, n=5)
    for name, value in (("good", 0.9), ("bad", 0.1)):
        put(where, name, {"CIDEr": value})
    assert [(row.captioner, row.rank) for row in rows(where)] == [("good", 1), ("bad", 1)]
    assert "too few samples: with 5 samples and 1 pairs no rank but 1 is possible" in remarks(*tables([where]))


def test_the_tests_behind_the_ranks_are_kept(tmp_path: Path) -> None:
    where = sample_set(tmp_path, n=12)
    for name, value in (("a", 0.9), ("b", 0.5), ("c", 0.1)):
        put(where, name, {"CIDEr": value})
    (table,) = tables([where])
    assert {(pair.first, pair.second) for pair in table.pairs} == set(combinations("abc", 2))
    for pair in table.pairs:
        assert pair.p == pytest.approx(2 / 2**12, abs=0.001)
        assert {row.captioner: row for row in table.rows}[pair.first].p_values[pair.second] == pair.p_holm
    assert [row.better for row in table.rows] == [(), ("a",), ("a", "b")]


def test_ranks_of_equal_captioners_are_wrong_as_seldom_as_alpha_says() -> None:
    """Six captioners without a difference, 15 pairs: in 95 of 100 such tables nobody may be called better."""
    draw, wrong = np.random.default_rng(5), 0
    for _ in range(200):
        some = {name: means(draw.beta(2, 5, 50)) for name in "abcdef"}
        wrong += any(pair.p_holm < 0.05 for pair in all_pairs(some, {"CIDEr": 1.0}, resamples=1_999)[1])
    assert wrong / 200 < 0.05 + 2 * np.sqrt(0.05 * 0.95 / 200)


def test_another_column_ranks_when_asked_and_the_first_one_without_cider(tmp_path: Path) -> None:
    where = sample_set(tmp_path, n=12)
    put(where, "a", {"ROUGE-L": 0.1, "CIDEr": 0.9})
    put(where, "b", {"ROUGE-L": 0.9, "CIDEr": 0.1})
    assert [row.captioner for row in rows(where)] == ["a", "b"]
    (table,) = tables([where], Ranking(rank_by="ROUGE-L"))
    assert [(row.captioner, row.rank, row.ranked_by) for row in table.rows] == [
        ("b", 1, "ROUGE-L"),
        ("a", 2, "ROUGE-L"),
    ]
    some = [
        Row("a", "ok", scores={"ROUGE-L": {"score": 0.3}}),
        Row("b", "ok", scores={"CIDEr": {"unavailable": "why"}}),
    ]
    assert ranking_column(some) == "ROUGE-L"
