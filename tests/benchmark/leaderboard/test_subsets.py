"""Tables of parts of the samples."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from benchmark import leaderboard
from benchmark.errors import UserError
from benchmark.ranking import Ranking, tables
from benchmark.ranking.subsets import elements, tokens
from benchmark.samples import Dataset, Sample
from benchmark.statistics import bootstrap_intervals
from benchmark.store import SampleSet
from tests.benchmark.leaderboard.made_up import put


def drawing(shapes: int) -> str:
    path = '<path d="M0 0h9"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg">{path * shapes}</svg>'


@pytest.fixture
def where(tmp_path: Path) -> SampleSet:
    """Twelve samples of two groups, with 1, 1, 1, 1, 2, 2, 3, … 8 shapes."""
    shapes = [1, 1, 1, 1, 2, 2, 3, 4, 5, 6, 7, 8]
    samples = tuple(
        Sample(f"s{i}", drawing(count), ("thing",), group="even" if i % 2 == 0 else "")
        for i, count in enumerate(shapes)
    )
    one = SampleSet.create(tmp_path, Dataset("grouped", samples), "test")
    put(one, "even", {"CIDEr": [0.9, 0.1] * 6}, problems=[("empty",), ()] * 6)
    put(one, "odd", {"CIDEr": [0.1, 0.8] * 6})
    return one


def test_each_group_is_a_table_scored_on_its_samples_alone(where: SampleSet) -> None:
    even, rest = tables([where], Ranking(by="group"))
    assert [(table.subset, table.n) for table in (even, rest)] == [("group: even", 6), ("group: none", 6)]
    assert [(row.captioner, row.score("CIDEr")) for row in even.rows] == [
        ("even", pytest.approx(0.9)), ("odd", pytest.approx(0.1)),
    ]  # fmt: skip
    assert [(row.captioner, row.score("CIDEr")) for row in rest.rows] == [
        ("odd", pytest.approx(0.8)), ("even", pytest.approx(0.1)),
    ]  # fmt: skip
    first = even.rows[0]
    assert (first.facts["invalid"], first.facts["n"], first.flags) == (6, 6, ("6 empty (100.0%)",))
    assert {row.captioner: row.facts["invalid"] for row in rest.rows} == {"odd": 0, "even": 0}


def test_intervals_of_a_part_are_those_of_its_samples(tmp_path: Path) -> None:
    scores = np.random.default_rng(0).uniform(0, 1, 40)
    samples = tuple(Sample(f"s{i}", drawing(1), ("thing",), group=str(i // 30)) for i in range(40))
    one = SampleSet.create(tmp_path, Dataset("grouped", samples), "test")
    run = put(one, "a", {"CIDEr": scores})
    first = tables([one], Ranking(by="group"))[0].rows[0]
    alone = put(SampleSet.create(tmp_path, Dataset("part", samples[:30]), "test"), "a", {"CIDEr": scores[:30]})
    low, high = bootstrap_intervals(alone.evaluation)["CIDEr"]
    assert (first.scores["CIDEr"]["low"], first.scores["CIDEr"]["high"]) == pytest.approx((low, high))
    assert first.scores["CIDEr"]["low"] < scores[:30].mean() < first.scores["CIDEr"]["high"]
    assert run.scores is not None


def test_samples_are_cut_at_the_terciles_of_their_elements(where: SampleSet) -> None:
    """Twelve counts in order: the 4th is 1 and the 8th is 4; the last is 8."""
    assert [(table.subset, table.n) for table in tables([where], Ranking(by="elements"))] == [
        ("elements: 1", 4),
        ("elements: 2 to 4", 4),
        ("elements: 5 to 8", 4),
    ]


def test_equal_counts_are_never_parted(tmp_path: Path) -> None:
    samples = tuple(Sample(f"s{i}", drawing(1 if i < 5 else 2), ("thing",)) for i in range(6))
    one = SampleSet.create(tmp_path, Dataset("plain", samples), "test")
    put(one, "a", {"CIDEr": 0.5})
    assert [(t.subset, t.n) for t in tables([one], Ranking(by="elements"))] == [("elements: 1", 5), ("elements: 2", 1)]


def test_elements_are_shapes_texts_and_pictures_after_repair() -> None:
    svg = '<svg xmlns="http://www.w3.org/2000/svg"><g><path d="M0 0"/><circle r="1"/><text>rect line</text></g></svg>'
    assert elements(svg) == 3
    assert elements('<svg:svg xmlns:svg="http://www.w3.org/2000/svg"><svg:rect/><svg:defs/></svg:svg>') == 1
    assert elements("style=fill:0,0,0\td=M0 0h9\nstyle=fill:1,1,1\td=M0 0h9\n") == 2  # lines that stand for paths
    assert elements("no drawing at all") == 0


def test_tokens_are_words_digits_in_threes_and_signs() -> None:
    assert tokens("no drawing, 1234.5!") == 2 + 1 + 2 + 1 + 1 + 1  # no drawing | , | 123 4 | . | 5 | !


def test_the_command_writes_files_of_their_own(where: SampleSet, tmp_path: Path, cli: Callable) -> None:
    code, out, _ = cli("leaderboard", tmp_path, "--by", "tokens", "--format", "csv")
    assert code == 0
    table = leaderboard.read_leaderboard(tmp_path / "leaderboard.by-tokens.csv")
    assert out == (tmp_path / "leaderboard.by-tokens.csv").read_text()
    assert table["n"].tolist() == [4, 4, 4, 4, 4, 4]
    assert all(subset.startswith("tokens: ") for subset in table["subset"])
    assert not (tmp_path / "leaderboard.csv").exists()


def test_groups_that_no_sample_has_are_an_error_that_says_how_to_name_them(tmp_path: Path) -> None:
    one = SampleSet.create(tmp_path, Dataset("plain", (Sample("a", "<svg/>", ("thing",)),)), "test")
    with pytest.raises(UserError, match=r"no sample of plain-test-1-.* has a group.*--group-field"):
        tables([one], Ranking(by="group"))
