"""Scores computed elsewhere: marked, checked, beside the measured ones and never among them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from benchmark import leaderboard
from benchmark.errors import UserError
from benchmark.metrics.columns import metric_columns
from benchmark.ranking import Ranking, Row, tables
from benchmark.ranking.reported import read_reported
from benchmark.store import SampleSet
from tests.benchmark.leaderboard.made_up import put, sample_set

HEADER = "captioner,dataset,source,n"


@pytest.fixture
def where(tmp_path: Path) -> SampleSet:
    one = sample_set(tmp_path, n=12)
    put(one, "ours", {"ROUGE-L": 0.4, "CIDEr": 0.5})
    put(one, "theirs", {"ROUGE-L": 0.2, "CIDEr": 0.2})
    return one


def reported(where: SampleSet, folder: Path, text: str, composite: str = "") -> dict[str, Row]:
    file = folder / "reported.csv"
    file.write_text(text)
    (table,) = tables([where], Ranking(reported=file, composite=composite))
    return {row.captioner: row for row in table.rows}


def test_a_reported_row_is_marked_and_never_ranked(where: SampleSet, tmp_path: Path) -> None:
    rows = reported(where, tmp_path, f"{HEADER},CIDEr,ROUGE-L\nbest,made-up,a paper,12,9.5,0.9\n")
    best = rows["best"]
    assert (best.status, best.reason, best.rank, best.score("CIDEr")) == ("reported", "a paper", None, 9.5)
    assert best.flags == ("reported, not measured",)
    assert (rows["ours"].rank, rows["theirs"].rank) == (1, 2)
    assert list(rows) == ["ours", "theirs", "best"]
    assert rows["ours"].p_values.keys() == {"theirs"}


@pytest.mark.parametrize(
    ("column", "text", "flag"),
    [
        ("CLIPScore", "0.27", "CLIPScore 0.27 looks like another scale than 0 to 100: 1 to 50 is usual"),
        ("CLIPScore", "27", None),
        ("CLIPScore", "72 %", "CLIPScore '72 %' is no number on the scale 0 to 100"),
        ("CLIPScore", "80%", "CLIPScore '80%' is no number on the scale 0 to 100"),
        ("CLIPScore", "80", "CLIPScore 80 looks like another scale than 0 to 100: 1 to 50 is usual"),
        ("CLIPScore", "0", None),
        ("CLIPScore", "-3", "CLIPScore -3 is off the scale, 0 to 100"),
        ("BLEU-4", "16.3", "BLEU-4 16.3 is off the scale, 0 to 1"),
        ("CIDEr", "112.5", "CIDEr 112.5 is off the scale, 0 to 10"),
        ("CIDEr", "nan", "CIDEr 'nan' is no number on the scale 0 to 10"),
        ("CIDEr", "1,2", "CIDEr '1,2' is no number on the scale 0 to 10"),
        ("METEOR", "2.5e-1", None),
    ],
)
def test_a_value_on_another_scale_is_flagged_and_left_out(
    column: str, text: str, flag: str | None, where: SampleSet, tmp_path: Path
) -> None:
    row = reported(where, tmp_path, f'{HEADER},{column}\nit,made-up,a thesis,12,"{text}"\n')["it"]
    assert row.flags == ("reported, not measured", *([flag] if flag else []))
    assert row.score(column) == (None if flag else float(text))


def test_other_numbers_of_samples_are_flagged(where: SampleSet, tmp_path: Path) -> None:
    rows = reported(where, tmp_path, f"{HEADER},CIDEr\na,made-up,s,5,1\nb,made-up,s,,1\n")
    assert rows["a"].flags == ("reported, not measured", "on 5 samples, measured rows on 12")
    assert rows["b"].flags == ("reported, not measured", "on an unknown number of samples, measured rows on 12")


def test_the_same_reported_scores_under_two_names_are_flagged(where: SampleSet, tmp_path: Path) -> None:
    rows = reported(
        where, tmp_path, f"{HEADER},ROUGE-L,METEOR,CIDEr\na,made-up,s,12,.0829,.1585,1\nb,made-up,s,12,.0829,.1585,2\n"
    )
    assert "same ROUGE-L, METEOR as b to four digits" in rows["a"].flags


def test_a_composite_is_held_against_its_formula(where: SampleSet, tmp_path: Path) -> None:
    text = f"{HEADER},CIDEr,ROUGE-L,composite\nright,made-up,s,12,2,0.5,0.7\nwrong,made-up,s,12,2,0.5,8.89\n"
    rows = reported(where, tmp_path, text, composite="CIDEr/10 + ROUGE-L * 10")
    assert [flag for flag in rows["right"].flags if "composite" in flag] == ["composite 0.7: the formula gives 5.2"]
    rows = reported(where, tmp_path, text, composite="CIDEr/10 + ROUGE-L")
    assert [flag for flag in rows["right"].flags if "composite" in flag] == []
    assert [flag for flag in rows["wrong"].flags if "composite" in flag] == ["composite 8.89 is off the scale, 0 to 2"]
    rows = reported(where, tmp_path, text)
    assert "composite 0.7 is on an unknown scale: state the formula with --composite" in rows["right"].flags


def test_json_is_read_too_and_every_file_has_the_rows(where: SampleSet, tmp_path: Path, cli: Callable) -> None:
    file = tmp_path / "papers.json"
    file.write_text(json.dumps([{"captioner": "x|y", "dataset": "made-up", "source": "p", "n": 12, "CIDEr": 1.5}]))
    code, out, _ = cli("leaderboard", tmp_path, "--reported", file)
    assert code == 0
    assert "x|y (reported)" in out
    table = leaderboard.read_leaderboard(tmp_path / "leaderboard.csv").set_index("captioner")
    assert table.loc["x|y", ["status", "reason", "n", "CIDEr"]].tolist() == ["reported", "p", 12, 1.5]
    assert np.isnan(table.loc["x|y", "CIDEr_low"])
    assert "| x\\|y (reported) |" in (tmp_path / "leaderboard.md").read_text()
    # the best measured one is bold, a reported one never
    assert r"\textbf{0.500}" in (tmp_path / "leaderboard.tex").read_text()


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (f"{HEADER},CIDEr\n,made-up,s,1,1\n", "row 1: no captioner. Required: captioner, dataset, source"),
        (f"{HEADER},Cider\na,made-up,s,1,1\n", "row 1: 'Cider' is no column. Columns: BLEU-1"),
        (f"{HEADER},CIDEr\na,made-up,s,many,1\n", "row 1: n is 'many'; give the number of samples."),
        (
            f"{HEADER},CIDEr\na,elsewhere,s,1,1\n",
            "dataset 'elsewhere' has no runs here to stand beside. Datasets: made-up",
        ),
        (f"{HEADER},CIDEr\na,made-up,s,1,1,7\n", "row 1: '' is no column"),
        ('captioner\n"unclosed', "cannot read"),
    ],
)
def test_a_wrong_file_is_an_error_that_names_row_and_remedy(
    text: str, what: str, where: SampleSet, tmp_path: Path
) -> None:
    with pytest.raises(UserError) as error:
        reported(where, tmp_path, text)
    assert what in str(error.value)


@pytest.mark.parametrize("text", ["{", '{"captioner": "a"}', "[1]", "[" * 100_000, "\udc80"])
def test_json_that_is_no_list_of_objects_is_an_error(text: str, tmp_path: Path) -> None:
    file = tmp_path / "reported.json"
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(UserError, match="list of objects"):
        read_reported(file, metric_columns())
