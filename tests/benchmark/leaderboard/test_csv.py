"""The CSV: its columns are declared, its types survive the way to disk and back, old files stay readable."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmark import leaderboard
from benchmark.errors import UserError
from benchmark.leaderboard.schema import FIXED, VERSION, fields
from benchmark.metrics.columns import metric_columns
from benchmark.ranking import tables
from benchmark.store import SampleSet
from tests.benchmark.leaderboard.made_up import put, sample_set

HERE = Path(__file__).parent


@pytest.fixture
def where(tmp_path: Path) -> SampleSet:
    one = sample_set(tmp_path, n=3, name='d & co, "quoted"')
    put(one, "NA", {"ROUGE-L": [0.1, 0.2, 0.4], "CIDEr": 1 / 3})
    put(one, "no, CIDEr", {"ROUGE-L": 0.5}, problems=[("empty",), (), ()])
    one.record_unavailable({"absent\nline": "no weights; nothing"})
    return one


def test_types_and_values_survive_the_file(where: SampleSet, tmp_path: Path) -> None:
    before = leaderboard.frame(tables([where]))
    leaderboard.write(tmp_path)
    after = leaderboard.read_leaderboard(tmp_path / "leaderboard.csv")
    pd.testing.assert_frame_equal(after, before, check_exact=False, rtol=0, atol=5.1e-7)
    kinds = {"text": "string", "integer": "Int64", "number": "float64"}
    for column in after.columns:
        kind = FIXED[column].kind if column in FIXED else "number"
        assert str(after[column].dtype) == kinds[kind], column
    assert after["captioner"].tolist() == ["NA", "no, CIDEr", "absent\nline"]
    assert after["rank"].tolist() == [1, pd.NA, pd.NA]
    assert after["n"].tolist() == [3, 3, 3]
    assert np.isnan(after["CIDEr"][1])
    assert after.loc[2, ["status", "reason", "flags"]].tolist() == ["unavailable", "no weights; nothing", ""]
    # and once more: what was read is written as it was
    again = io.StringIO()
    after.to_csv(again, index=False, lineterminator="\n", float_format="%.6f")
    assert again.getvalue() == (tmp_path / "leaderboard.csv").read_text()


def test_plain_pandas_reads_numbers_as_numbers(where: SampleSet, tmp_path: Path) -> None:
    leaderboard.write(tmp_path)
    table = pd.read_csv(tmp_path / "leaderboard.csv")
    assert {str(table[column].dtype) for column in ("n", "schema")} == {"int64"}
    assert {str(table[f"{column}{end}"].dtype) for column in ("ROUGE-L", "CIDEr") for end in ("", "_low", "_high")} == {
        "float64"
    }


def test_every_column_is_declared_and_every_value_is_within_its_range(where: SampleSet, tmp_path: Path) -> None:
    leaderboard.write(tmp_path)
    table = leaderboard.read_leaderboard(tmp_path / "leaderboard.csv")
    declared = {field.name: field for field in fields(metric_columns())}
    assert set(table.columns) <= set(declared)
    assert [column for column in table.columns if column in FIXED] == list(FIXED)
    assert set(table["schema"]) == {VERSION}
    for name, column in metric_columns().items():
        assert column.unit
        assert declared[name].better == "higher"
        assert declared[name].scale == declared[f"{name}_low"].scale == column.scale()
        if name in table:
            assert table[name].dropna().between(column.low, column.high).all()


def test_the_command_says_what_the_columns_hold(cli: Callable) -> None:
    code, out, _ = cli("leaderboard", "--columns")
    assert code == 0
    (line,) = (line for line in out.splitlines() if line.split("│")[0].strip() == "CLIPScore")
    assert [cell.strip() for cell in line.split("│")][1:] == [
        "number", "score of all samples together", "cosine", "0 to 100", "higher",
    ]  # fmt: skip


def test_a_file_of_version_1_is_read_in_the_columns_of_today() -> None:
    """The file that this repository published before there was a version 2."""
    path = HERE / "version-1.csv"
    old = pd.read_csv(path)
    table = leaderboard.read_leaderboard(path)
    assert set(table["schema"]) == {1}
    assert [column for column in table.columns if column in FIXED] == list(FIXED)
    assert table["captioner"].tolist() == old["captioner"].tolist()
    assert table["rank"].tolist()[:5] == [1, 2, 3, 4, pd.NA]
    assert table["CIDEr_high"].tolist()[:4] == old["CIDEr_high"].tolist()[:4]
    assert str(table["CIDEr"].dtype) == "float64"
    assert table["flags"].tolist()[:2] == ["one reference fewer", ""]


def test_what_version_1_said_in_cells_of_numbers_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "old.csv"
    path.write_text(
        "dataset,split,n,rank,captioner,status,reason,coverage,invalid,METEOR,METEOR_low,METEOR_high,CIDEr,signatures\n"
        "d,test,2,1,a,ok,,1.0,0,n/a: no java,,,0.5,x\nd,test,2,,b,unavailable,no weights,,,,,,,\n"
    )
    table = leaderboard.read_leaderboard(path)
    assert table["not_scored"].tolist() == ["METEOR: no java", ""]
    assert np.isnan(table["METEOR"]).all()
    assert table["CIDEr"].tolist()[0] == 0.5


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("schema,dataset,split,n,rank,captioner,status,signatures\n3,d,test,1,1,a,ok,\n", "its schema is of version 3"),
        ("a,b\n1,2\n", "it has no column 'captioner'"),
        ("", "cannot read"),
        ("schema,dataset,split,n,rank,captioner,status,CIDEr,signatures\n2,d,test,1,1,a,ok,good,\n", "good"),
        ("schema,dataset,split,n,rank,captioner,status,signatures\n2,d,test,1.5,1,a,ok,\n", "cannot read"),
    ],
)
def test_what_is_no_leaderboard_is_an_error_that_names_the_file(text: str, what: str, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text(text)
    with pytest.raises(UserError, match=r"x\.csv as a leaderboard") as error:
        leaderboard.read_leaderboard(path)
    assert what in str(error.value)


def test_columns_of_a_metric_that_is_not_installed_here_are_shown(where: SampleSet, tmp_path: Path) -> None:
    from tests.benchmark.leaderboard.made_up import changed

    run = put(where, "plugged", {"CIDEr": 0.5})
    scores = (run.scores or {})["scores"]
    changed(run, scores={**scores, "Theirs": {"score": 7.5, "low": 7.0, "high": 8.0, "signature": "Theirs|v1"}})
    leaderboard.write(tmp_path)
    table = leaderboard.read_leaderboard(tmp_path / "leaderboard.csv").set_index("captioner")
    assert table.loc["plugged", ["Theirs", "Theirs_low", "Theirs_high"]].tolist() == [7.5, 7.0, 8.0]
    at = list(table.columns).index("Theirs")
    assert table.columns[at - 1] == "CIDEr_high"
