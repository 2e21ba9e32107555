"""The recovered captions of a thesis as one fair leaderboard; the published table is what the script makes of them."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from benchmark import leaderboard
from benchmark.ranking import Row, Table
from tests.performance.thesis_leaderboard import REPORTED, build

PUBLISHED = Path(__file__).parents[3] / "results" / "published" / "thesis.md"


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> list[Table]:
    data = Path(__file__).parents[4] / "shared" / "data" / "thesis_captions.jsonl"
    if not data.exists():
        pytest.skip(f"real data is absent: {data}")
    return list(build(data, tmp_path_factory.mktemp("thesis")).tables)


def by_name(table: Table, status: str) -> dict[str, Row]:
    return {row.captioner: row for row in table.rows if row.status == status}


def test_the_published_table_is_what_the_script_makes(tables: list[Table]) -> None:
    assert leaderboard.FORMATS[".md"](tables) == PUBLISHED.read_text()


def test_every_model_is_scored_on_the_same_samples_and_what_is_missing_counts(tables: list[Table]) -> None:
    matrix, shared = tables
    assert (matrix.n, len(by_name(matrix, "ok"))) == (21, 14)
    assert (shared.n, len(by_name(shared, "ok"))) == (7, 11)
    assert all(row.facts["coverage"] == 1 for row in shared.rows)
    for row in by_name(matrix, "ok").values():
        assert row.facts["n"] == 21
        assert any(flag.startswith("coverage ") and flag.endswith("of 21 samples") for flag in row.flags)


def test_seven_samples_tell_no_two_of_eleven_models_apart(tables: list[Table]) -> None:
    """p is 2 / 128 at least, and 55 pairs are compared."""
    assert {row.rank for row in tables[1].rows} == {1}
    assert min(pair.p_holm for pair in tables[1].pairs) > 0.05


def test_what_was_reported_stands_beside_and_its_faults_are_flagged(tables: list[Table]) -> None:
    found = by_name(tables[0], "reported")
    with REPORTED.open(newline="") as file:
        assert len(found) == len(list(csv.DictReader(file))) == 19
    assert all(row.rank is None and "reported, not measured" in row.flags for row in found.values())
    assert any("same BLEU-1, METEOR, ROUGE-L as Llama-T8" in flag for flag in found["Gemma-T9 (August)"].flags)
    assert any(flag.startswith("CLIPScore 0.2732 looks like another scale") for flag in found["Ide Fix 3"].flags)
    assert "on 5 samples, measured rows on 21" in found["Florence-2 (August)"].flags
    # 2.93 + 0.42 + 0.38 + 0.45
    assert "composite 8.89: the formula gives 4.18" in found["SPE+Qwen2-7b"].flags
