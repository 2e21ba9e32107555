"""What people read: Markdown and LaTeX."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from benchmark.leaderboard.latex import latex
from benchmark.leaderboard.text import flags_of_all, markdown, signatures, title
from benchmark.ranking import Table, tables
from benchmark.store import SampleSet
from tests.benchmark.leaderboard.made_up import changed, put, sample_set


@pytest.fixture
def where(tmp_path: Path) -> SampleSet:
    one = sample_set(tmp_path, n=12, name="d_1 & co")
    put(one, "good", {"ROUGE-L": 0.2, "CIDEr": 0.9})
    put(one, "tied", {"ROUGE-L": 0.3, "CIDEr": 0.9}, signature="as usual|refs:1-3")
    put(one, "third", {"ROUGE-L": 0.2, "CIDEr": 0.5})
    put(one, "bad", {"ROUGE-L": 0.1, "CIDEr": 0.1}, coverage=2 / 3)
    one.record_unavailable({"absent": "no weights"})
    return one


def table(where: SampleSet) -> Table:
    (found,) = tables([where])
    return found


def test_the_title_says_what_of_and_by_what(where: SampleSet) -> None:
    fingerprint = where.description["fingerprint"][:12]
    assert title(table(where)) == (
        f"d_1 & co, test split, 12 samples ({fingerprint}), ranked by CIDEr, 95 % intervals in brackets"
    )


def test_markdown_lines_up_and_says_what_must_be_known(where: SampleSet) -> None:
    text = markdown(table(where))
    lines = [line for line in text.splitlines() if line.startswith("|")]
    assert len({len(line) for line in lines}) == 1
    assert "| 1    | good      | 0.200 [0.200, 0.200] | 0.900 [0.900, 0.900] | 100.0%   |" in text
    assert [line.split("|")[1].strip() for line in lines[2:]] == ["1", "1", "3", "4"]
    assert "- absent: unavailable: no weights" in text
    assert "- rank: 1 + captioners that are significantly better (p < 0.05, " in text
    assert "- rows that share a rank: the samples do not tell which of them is better" in text
    assert "- licence: MIT" in text


def test_signatures_that_differ_name_their_captioners(where: SampleSet) -> None:
    end = "|v1|ci:95%|bs:10000|seed:0`"
    assert [line for line in signatures(table(where)) if line.startswith("`CIDEr")] == [
        f"`CIDEr|as usual|refs:1{end} (good, third, bad)",
        f"`CIDEr|as usual|refs:1-3{end} (tied)",
    ]


def test_a_metric_that_cannot_be_computed_says_why_in_its_cell(where: SampleSet) -> None:
    run = put(where, "half", {"CIDEr": 0.3})
    scores = (run.scores or {})["scores"]
    changed(run, scores={**scores, "METEOR": {"unavailable": "no index", "signature": "METEOR|v1"}})
    text = markdown(table(where))
    assert "n/a: no index" in text
    assert "not asked for" in text


def test_a_flag_of_all_rows_is_said_once(where: SampleSet) -> None:
    where.record_findings([{"what": "drawings are the same as another one", "count": 2, "total": 12, "examples": []}])
    found = table(where)
    assert flags_of_all(found) == ["2 drawings are the same as another one"]
    text = markdown(found)
    assert text.count("2 drawings are the same as another one") == 1
    assert "coverage 66.7%: 8 of 12 samples" in text


def test_bars_and_line_ends_in_a_name_do_not_break_the_markdown(tmp_path: Path) -> None:
    one = sample_set(tmp_path)
    run = put(one, "odd", {"CIDEr": 0.5})
    manifest = run.path / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"name": "odd"', '"name": "a|b\\nc"'))
    assert "| a\\|b c " in markdown(table(one))


def test_latex_escapes_and_marks_the_best_and_the_second(where: SampleSet) -> None:
    text = latex(table(where))
    body = [line for line in text.splitlines() if line.endswith(r"\\")]
    assert re.findall(r"\\textbf{([^}]+)}", text) == ["0.900", "0.300", "0.900"]
    assert re.findall(r"\\underline{([^}]+)}", text) == ["0.200", "0.200", "0.500"]
    assert r"\textbf{0.300} {\scriptsize [0.300, 0.300]}" in text
    assert r"CIDEr $\uparrow$" in body[0]
    assert r"66.7\%" in body[-1]
    assert len({line.count(" & ") for line in body}) == 1
    assert text.count(r"\toprule") == text.count(r"\midrule") == text.count(r"\bottomrule") == 1
    assert "d_1 & co" in text.splitlines()[0]  # in a comment
    assert all(line.startswith("%") for line in text.splitlines() if "as usual" in line)


def test_a_captioner_alone_is_neither_best_nor_second(tmp_path: Path) -> None:
    one = sample_set(tmp_path)
    put(one, "alone_&_only", {"CIDEr": 0.5})
    text = latex(table(one))
    assert "textbf" not in text
    assert r"alone\_\&\_only" in text
