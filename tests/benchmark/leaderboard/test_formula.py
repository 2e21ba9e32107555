"""Composite scores: what a formula means, and that it is read and never run."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmark.errors import UserError
from benchmark.metrics.columns import metric_columns
from benchmark.ranking import Ranking, tables
from benchmark.ranking.formula import Formula
from tests.benchmark.leaderboard.made_up import put, sample_set

COLUMNS = metric_columns()


@pytest.mark.parametrize(
    ("text", "weights", "scale"),
    [
        (
            "CLIPScore/10 + BLEU-1 + METEOR + ROUGE-L",
            {"CLIPScore": 0.1, "BLEU-1": 1, "METEOR": 1, "ROUGE-L": 1},
            "0 to 13",
        ),
        ("BLEU-1-BLEU-4", {"BLEU-1": 1, "BLEU-4": -1}, "-1 to 1"),
        ("BLEU-4 (nltk) * 2", {"BLEU-4 (nltk)": 2}, "0 to 2"),
        ("(BLEU-1 + 3 * (METEOR - ROUGE-L)) / 4", {"BLEU-1": 0.25, "METEOR": 0.75, "ROUGE-L": -0.75}, "-0.75 to 1"),
        ("-BLEU-1 + 2*BLEU-1", {"BLEU-1": 1}, "0 to 1"),
        ("CLIPScore-w2.5*0.5+CLIPScore", {"CLIPScore-w2.5": 0.5, "CLIPScore": 1}, "0 to 101.2"),
        ("  CIDEr\n ", {"CIDEr": 1}, "0 to 10"),
        ("2 * 3 / 4 * CIDEr", {"CIDEr": 1.5}, "0 to 15"),
    ],
)
def test_a_formula_is_a_weighted_sum(text: str, weights: dict[str, float], scale: str) -> None:
    formula = Formula.parse(text, COLUMNS)
    assert formula.weights == pytest.approx(weights)
    assert formula.column(COLUMNS).scale() == scale
    assert formula.signature() == f"composite|{' '.join(text.split())}|v1"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("CLIPScore*METEOR", "columns are added, not multiplied"),
        ("1/CIDEr", "only a number other than 0 may divide"),
        ("CIDEr/0", "only a number other than 0 may divide"),
        ("CIDEr/(METEOR-METEOR)", "only a number other than 0 may divide"),
        ("BLEU-5", "'BLEU-5' is no column"),
        ("CIDErx", "'CIDErx' is no column"),
        ("CIDEr +", "its end stands where a column or a number is expected"),
        ("(CIDEr", "a parenthesis is not closed"),
        ("CIDEr)", "')' stands where a sign or the end is expected"),
        ("CIDEr METEOR", "'METEOR' stands where a sign"),
        ("", "its end stands where"),
        ("3", "each term needs a column"),
        ("CIDEr + 3", "each term needs a column"),
        ("CIDEr - CIDEr", "each term needs a column"),
        ("__import__('os').system('true')", "is no column, number or sign"),
        ("CIDEr ** 2", "'*' stands where a column"),
        ("9" * 30 + "*CIDEr", "is no column, number or sign"),
        ("1e400*CIDEr", "is no column, number or sign"),
        ("(" * 199, "its end stands where"),
        ("(" * 201, "a formula of 201 characters"),
    ],
)
def test_what_is_no_weighted_sum_is_refused_with_the_reason(text: str, what: str) -> None:
    with pytest.raises(UserError, match="--composite") as error:
        Formula.parse(text, COLUMNS)
    assert what in str(error.value)


def test_the_composite_is_a_column_with_interval_and_signature_and_may_rank(tmp_path: Path, cli: Callable) -> None:
    where = sample_set(tmp_path, n=12)
    put(where, "a", {"ROUGE-L": [0.2, 0.4] * 6, "CIDEr": 2.0})
    put(where, "b", {"ROUGE-L": [0.5, 0.9] * 6, "CIDEr": 0.1})
    put(where, "half", {"ROUGE-L": 0.5})
    code, out, _ = cli(
        "leaderboard", tmp_path, "--composite", "CIDEr/100 + ROUGE-L", "--rank-by", "composite", "--json"
    )
    (table,) = json.loads(out)["tables"]
    rows = {row["captioner"]: row for row in table["rows"]}
    assert (code, table["ranked_by"]) == (0, "composite")
    assert rows["b"]["composite"] == pytest.approx(0.001 + 0.7)
    assert rows["a"]["composite"] == pytest.approx(0.02 + 0.3)
    # 12 draws of two values 0.4 apart: the mean of a resample is 0.501 + 0.4 k / 12, and 3 <= k <= 9 in 96 of 100
    assert (rows["b"]["composite_low"], rows["b"]["composite_high"]) == pytest.approx((0.601, 0.801), abs=0.034)
    assert [rows[name]["rank"] for name in ("b", "a", "half")] == [1, 2, None]
    assert rows["half"]["not_scored"] == "composite: needs CIDEr"
    assert "composite|CIDEr/100 + ROUGE-L|v1|ci:95%" in rows["a"]["signatures"]
    assert "composite: CIDEr/100 + ROUGE-L; 0 to 1.1" in table["remarks"]


@pytest.mark.parametrize(
    ("ranking", "what"),
    [
        (Ranking(composite="CLIPScore/10 + CIDEr"), "no row has all of CLIPScore, CIDEr. Columns: CIDEr."),
        (Ranking(rank_by="METEOR"), "--rank-by METEOR: no row has a number there. Columns: CIDEr."),
        (Ranking(rank_by="composite"), "--rank-by composite: no row has a number there. Columns: CIDEr."),
    ],
)
def test_what_no_row_has_is_refused(ranking: Ranking, what: str, tmp_path: Path) -> None:
    where = sample_set(tmp_path)
    put(where, "a", {"CIDEr": 2.0})
    with pytest.raises(UserError) as error:
        tables([where], ranking)
    assert what in str(error.value)
