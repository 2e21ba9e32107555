"""Injected faults: each must be flagged in its row, and must not rank where its numbers cannot be trusted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmark import leaderboard
from benchmark.config import RunConfig
from benchmark.metrics.columns import metric_columns
from benchmark.pipeline import run
from benchmark.ranking import Row, rows
from benchmark.ranking.doubts import on_scale
from benchmark.store import Run, Shard
from tests.benchmark.leaderboard.made_up import changed, put, sample_set


def by_name(where: Any) -> dict[str, Row]:
    return {row.captioner: row for row in rows(where)}


def test_nothing_is_repaired_dropped_or_replaced_in_silence(tmp_path: Path) -> None:
    where = sample_set(tmp_path, n=4)
    pictures = {"backends": {"cairosvg": 1, "resvg": 2}, "blank": 2, "repaired": 1, "flagged": 3}
    put(
        where,
        "bad",
        {"CIDEr": 0.1},
        problems=[("empty",), ("prompt echo", "cut at end"), (), ("cut at end",)],
        coverage=0.75,
        held_out=4,
        renderings=pictures,
        flags={"captions over 77 tokens": 2},
    )
    put(where, "good", {"CIDEr": 0.9})
    found = by_name(where)
    assert found["good"].flags == ()
    assert found["bad"].flags == (
        "coverage 75.0%: 3 of 4 samples",
        "1 empty (25.0%)",
        "1 prompt echo (25.0%)",
        "2 cut at end (50.0%)",
        "2 captions over 77 tokens",
        "2 blank renders",
        "1 repaired drawings",
        "3 doubtful drawings",
        "1 drawn by cairosvg",
        "2 drawn by resvg",
        "one reference fewer",
    )


def test_two_captioners_with_the_same_outputs(tmp_path: Path) -> None:
    where = sample_set(tmp_path)
    for name in ("a", "b"):
        put(where, name, {"CIDEr": 0.5}, said=["a cat"] * 8)
    put(where, "c", {"CIDEr": 0.2})
    found = by_name(where)
    assert (found["a"].flags, found["b"].flags, found["c"].flags) == (
        ("same captions as b",),
        ("same captions as a",),
        (),
    )


def test_the_same_scores_to_four_digits_with_other_captions(tmp_path: Path) -> None:
    where = sample_set(tmp_path)
    put(where, "a", {"ROUGE-L": 0.08291, "METEOR (nltk)": 0.15850, "CIDEr": 0.4})
    put(where, "b", {"ROUGE-L": 0.08294, "METEOR (nltk)": 0.15852, "CIDEr": 0.5})
    put(where, "c", {"ROUGE-L": 0.08291, "METEOR (nltk)": 0.2, "CIDEr": 0.6})
    found = by_name(where)
    assert found["a"].flags == ("same ROUGE-L, METEOR (nltk) as b to four digits, with other captions",)
    assert found["b"].flags == ("same ROUGE-L, METEOR (nltk) as a to four digits, with other captions",)
    assert found["c"].flags == ()


def test_captioners_that_score_nothing_are_not_alike(tmp_path: Path) -> None:
    where = sample_set(tmp_path)
    for name in ("a", "b"):
        put(where, name, {"ROUGE-L": 0.0, "CIDEr": 0.0})
    assert [row.flags for row in rows(where)] == [(), ()]


def test_a_row_with_5_of_400_samples(tmp_path: Path) -> None:
    where = sample_set(tmp_path, n=400)
    put(where, "whole", {"CIDEr": 0.2})
    changed(put(where, "part", {"CIDEr": 0.9}), n=5)
    put(where, "silent", {"CIDEr": 0.1}, coverage=5 / 400)
    found = by_name(where)
    assert (found["whole"].rank, found["part"].rank) == (1, None)
    assert found["part"].flags == ("not ranked: scored on 5 of 400 samples",)
    assert found["silent"].flags == ("coverage 1.2%: 5 of 400 samples",)


def test_a_run_that_was_copied_from_another_sample_set(tmp_path: Path) -> None:
    where = sample_set(tmp_path)
    put(where, "mine", {"CIDEr": 0.2})
    put(where, "theirs", {"CIDEr": 0.9}, inputs={"dataset": "another fingerprint"})
    found = by_name(where)
    assert (found["mine"].rank, found["theirs"].rank) == (1, None)
    assert found["theirs"].flags == ("not ranked: scored on other samples",)


@pytest.mark.parametrize(
    ("column", "factor", "flag"),
    [
        ("ROUGE-L", 100, "ROUGE-L 20 is off the scale, 0 to 1"),
        ("CIDEr", 100, "CIDEr 50 is off the scale, 0 to 10"),
        ("CIDEr", float("nan"), "CIDEr nan is off the scale, 0 to 10"),
    ],
)
def test_a_column_times_100(column: str, factor: float, flag: str, tmp_path: Path) -> None:
    """In the statistics themselves, as a metric that computes percentages would have them."""
    where = sample_set(tmp_path)
    put(where, "right", {"ROUGE-L": 0.1, "CIDEr": 0.4})
    scores = {"ROUGE-L": 0.2, "CIDEr": 0.5}
    put(where, "wrong", scores | {column: scores[column] * factor})
    found = by_name(where)
    assert flag in found["wrong"].flags
    assert found["wrong"].score(column) is None
    assert (found["wrong"].rank, found["right"].rank) == ((None, 1) if column == "CIDEr" else (1, 2))
    leaderboard.write(tmp_path)
    table = leaderboard.read_leaderboard(tmp_path / "leaderboard.csv").set_index("captioner")
    assert np.isnan(table.loc["wrong", column])
    assert table.loc["wrong", "not_scored"] == f"{column}: {flag.removeprefix(f'{column} ')}"


def test_scores_that_are_not_what_the_statistics_say(tmp_path: Path) -> None:
    """A column times 100 that stays on its scale: 0.05 on CIDEr's of 0 to 10."""
    where = sample_set(tmp_path)
    one = put(where, "a", {"CIDEr": 0.05})
    put(where, "b", {"CIDEr": 0.2})
    score = (one.scores or {})["scores"]["CIDEr"]
    changed(one, scores={"CIDEr": {**score, "score": 5.0, "low": 4.0, "high": 6.0}})
    row = by_name(where)["a"]
    assert (row.rank, row.flags) == (
        None,
        ("not ranked: CIDEr not what the statistics say; run the same command again",),
    )


def test_statistics_that_are_missing_or_of_other_samples(tmp_path: Path) -> None:
    where = sample_set(tmp_path)
    gone = put(where, "gone", {"CIDEr": 0.9})
    put(where, "there", {"CIDEr": 0.2})
    (gone.path / "statistics.npz").unlink()
    found = by_name(where)
    assert found["gone"].flags == ("not ranked: no statistics beside its scores; run the same command again",)
    assert (found["gone"].rank, found["there"].rank) == (None, 1)


def test_scores_on_the_end_of_their_scale_are_on_it() -> None:
    ends = {"score": 1.0 + 1e-15, "low": 0.0, "high": 1.0 + 1e-15, "signature": ""}
    assert on_scale(Row("a", "ok", scores={"ROUGE-L": ends}), metric_columns()).flags == ()


def test_duplicates_in_the_test_set_and_overlap_with_training_reach_every_row(tmp_path: Path) -> None:
    path = "M" + " L".join(f"{i} {i * 7 % 13}" for i in range(9))
    twice, seen, other = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 99 99"><path d="{path}" fill="{colour}"/>{more}</svg>'
        for colour, more in (("red", ""), ("red", "<circle r='9'/>"), ("red", "<rect width='9' height='5'/>"))
    )
    lines = [
        {"id": id, "svg": svg, "references": [f"{id} thing", "a thing"], "split": split}
        for id, svg, split in [
            ("a", twice, "test"), ("b", twice, "test"), ("c", seen, "test"),
            ("d", seen, "train"), ("e", other, "train"),
        ]
    ]  # fmt: skip
    data = tmp_path / "data.jsonl"
    data.write_text("".join(json.dumps(line) + "\n" for line in lines))
    outcome = run(RunConfig(("svg-metadata", "constant"), str(data), metrics=("rouge_l",), output_dir=tmp_path / "out"))
    for row in outcome.rows:
        assert "1 drawings are the same as another one" in row.flags
        assert "1 drawings are the same as one to learn from" in row.flags
    text = (tmp_path / "out" / "leaderboard.md").read_text()
    assert text.count("1 drawings are the same as another one") == 1  # said once for all rows
    assert "- every row: 1 drawings are the same as another one" in text


def test_a_run_without_scores_is_incomplete(tmp_path: Path) -> None:
    where = sample_set(tmp_path)
    manifest = {"schema": 1, "fingerprint": "f", "identity": {"captioner": {"name": "killed"}}}
    Run(where.path / "killed").begin(manifest, Shard(), overwrite=False)
    row = by_name(where)["killed"]
    assert (row.status, row.rank) == ("incomplete", None)


def test_who_could_not_run_is_listed_with_the_reason(tmp_path: Path) -> None:
    where = sample_set(tmp_path)
    put(where, "there", {"CIDEr": 0.2})
    where.record_unavailable({"absent": "no weights", "there": "it has a run, so this is out of date"})
    assert [(row.captioner, row.status, row.reason) for row in rows(where)] == [
        ("there", "ok", ""),
        ("absent", "unavailable", "no weights"),
    ]
