"""Numbers that are computed in different ways never stand in one table."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from benchmark import leaderboard
from benchmark.leaderboard.text import warnings
from benchmark.ranking import tables
from benchmark.store import Run, SampleSet
from tests.benchmark.leaderboard.made_up import changed, put, sample_set

RESVG = {"backends": ["resvg 1.1"], "width": 384, "height": 384, "background": "#ffffff"}
CAIRO = {**RESVG, "backends": ["cairosvg 2.9"]}


def placed(where: SampleSet) -> list[tuple[str, list[tuple[str, int | None]]]]:
    return [(table.apart, [(row.captioner, row.rank) for row in table.rows]) for table in tables([where])]


@pytest.fixture
def where(tmp_path: Path) -> SampleSet:
    one = sample_set(tmp_path, n=12)
    put(one, "good", {"CIDEr": 0.9})
    put(one, "bad", {"CIDEr": 0.1}, signature="as usual|refs:1-3")  # a reference was held out
    return one


def test_another_tokenizer(where: SampleSet) -> None:
    put(where, "other", {"CIDEr": 5.0}, inputs={"tokenizer": "nltk"})
    assert placed(where) == [("", [("good", 1), ("bad", 2)]), ("tokenizer: nltk", [("other", 1)])]


def test_another_way_to_compute_the_column(where: SampleSet) -> None:
    put(where, "other", {"CIDEr": 5.0}, signature="df:5000@1a2b|refs:1")
    assert placed(where)[1:] == [("CIDEr: CIDEr|df:5000@1a2b|v1", [("other", 1)])]


def test_of_two_equally_usual_ways_that_of_the_references_comes_first(tmp_path: Path) -> None:
    one = sample_set(tmp_path, n=12)
    put(one, "a", {"CIDEr": 0.9}, signature="D|df:5000@1a2b")
    put(one, "b", {"CIDEr": 0.1}, signature="D|df:references")
    assert placed(one)[0] == ("", [("b", 1)])


def test_another_profile_and_rows_that_have_both(where: SampleSet) -> None:
    put(where, "theses", {"ROUGE-L (nltk)": 0.4})
    put(where, "both", {"CIDEr": 0.4, "ROUGE-L (nltk)": 0.3})
    assert placed(where) == [
        ("", [("good", 1), ("both", 2), ("bad", 3)]),
        ("metrics: ROUGE-L (nltk)", [("theses", 1)]),
    ]


def test_another_renderer_but_not_another_size_or_none(where: SampleSet) -> None:
    put(where, "sees", {"CIDEr": 0.5}, identity={"renderer": RESVG})
    put(where, "sees less", {"CIDEr": 0.4}, identity={"renderer": {**RESVG, "width": 224, "height": 224}})
    put(where, "sees otherwise", {"CIDEr": 5.0}, identity={"renderer": CAIRO})
    (_, names), (second, others) = placed(where)
    assert [name for name, _ in names] == ["good", "sees", "sees less", "bad"]
    assert second == "renderer: backends=['cairosvg 2.9']; background=#ffffff"
    assert others == [("sees otherwise", 1)]


def test_pictures_that_clip_saw_from_another_renderer(where: SampleSet) -> None:
    for name, pictures in (("a", RESVG), ("b", RESVG), ("c", CAIRO)):
        put(where, name, {"CIDEr": 0.3}, inputs={"images": pictures})
    assert [table for table, _ in placed(where)] == [
        "",
        "CLIP's pictures: backends=['cairosvg 2.9']; background=#ffffff",
    ]


def test_more_resamples_are_no_other_way(where: SampleSet) -> None:
    run = put(where, "newer", {"CIDEr": 0.5})
    score = (run.scores or {})["scores"]["CIDEr"]
    assert "|bs:10000|" in score["signature"] + "|"
    changed(run, scores={"CIDEr": {**score, "signature": score["signature"].replace("bs:10000", "bs:20000")}})
    assert [table for table, _ in placed(where)] == [""]


def test_sample_sets_never_share_a_table_and_a_warning_says_so(where: SampleSet, tmp_path: Path, cli: Callable) -> None:
    put(sample_set(tmp_path, n=5), "good", {"CIDEr": 0.9})
    put(where, "other", {"CIDEr": 5.0}, inputs={"tokenizer": "nltk"})
    code, out, err = cli("leaderboard", tmp_path)
    assert code == 0
    assert out.count("ranked by CIDEr") == 3
    assert "Warning: 3 tables; no number of one may be compared with another one's: made-up test 12 (" in err
    table = leaderboard.read_leaderboard(tmp_path / "leaderboard.csv")
    assert set(zip(table["n"], table["table"], table["captioner"], table["rank"], strict=True)) == {
        (12, "", "good", 1), (12, "", "bad", 2), (12, "tokenizer: nltk", "other", 1), (5, "", "good", 1),
    }  # fmt: skip
    assert (tmp_path / "leaderboard.md").read_text().startswith("> 3 tables; no number of one may be compared")
    assert (tmp_path / "leaderboard.tex").read_text().count(r"\begin{tabular}") == 3


def test_one_table_needs_no_warning(where: SampleSet) -> None:
    assert warnings(tables([where])) == []


def test_the_order_of_the_samples_does_not_matter(where: SampleSet) -> None:
    """A dataset whose lines are shuffled is the same sample set."""
    before = {row.captioner: row.rank for table in tables([where]) for row in table.rows}
    one = Run(where.path / "good")
    scores = {key: value for key, value in (one.scores or {}).items() if key not in ("sha256", "statistics_sha256")}
    one.write_scores(scores, one.evaluation.of(one.evaluation.ids[::-1]))
    assert one.evaluation.ids[0] == "s11"
    assert {row.captioner: row.rank for table in tables([where]) for row in table.rows} == before
