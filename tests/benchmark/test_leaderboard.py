from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

from benchmark import leaderboard, predictions, ranking, tables
from benchmark.metrics import Evaluation
from benchmark.ranking import Row
from benchmark.samples import Dataset, Sample
from benchmark.store import Run, SampleSet, Shard


def score(value: float) -> dict[str, object]:
    return {"score": value, "low": value - 0.05, "high": value + 0.05, "signature": "M|v1"}


def put(
    sample_set: SampleSet,
    name: str,
    cider: float,
    bleu: float,
    captions: str = "",
    evaluation: Evaluation | None = None,
    **more: object,
) -> None:
    """A scored run as the pipeline leaves it."""
    run = Run(sample_set.path / name)
    run.begin(manifest(name), Shard(), overwrite=False)
    run.write_scores(
        {
            "inputs": {"predictions": predictions.digest([]), "tokenizer": "ptb"},
            "n": 3,
            "coverage": 1.0,
            "invalid": {},
            "held_out": 0,
            "renderings": {"backends": {"resvg": 3}, "blank": 0, "repaired": 0},
            "caption_words": 4.0,
            "seconds_per_sample": 0.25,
            "captions_sha256": captions or name,
            "scores": {"BLEU-4": score(bleu), "CIDEr": score(cider)},
            **more,
        },
        evaluation or Evaluation((), {}, {}, {}),
    )


def manifest(name: str) -> dict[str, object]:
    return {"schema": 1, "fingerprint": f"fp-{name}", "identity": {"captioner": {"name": name}}}


PICTURES = {"backends": {"cairosvg": 1, "resvg": 2}, "blank": 2, "repaired": 1}


@pytest.fixture
def sample_set(tmp_path: Path) -> SampleSet:
    dataset = Dataset("d & co", tuple(Sample(f"s{i}", "<svg/>", ("a_b",)) for i in range(3)), {"licence": "MIT"})
    one = SampleSet.create(tmp_path, dataset, "test")
    put(one, "good", cider=0.9, bleu=0.2)
    put(one, "tied", cider=0.9, bleu=0.3)
    put(one, "bad", cider=0.1, bleu=0.1, coverage=2 / 3, invalid={"empty": 1}, held_out=3, renderings=PICTURES)
    one.record_unavailable({"absent": "no weights", "good": "it has a run, so this is out of date"})
    return one


def test_rows_are_ranked_by_cider_and_equals_share_a_rank(sample_set: SampleSet) -> None:
    rows = ranking.rows(sample_set)
    assert [(row.captioner, row.rank, row.status) for row in rows] == [
        ("good", 1, "ok"),
        ("tied", 1, "ok"),
        ("bad", 3, "ok"),
        ("absent", None, "unavailable"),
    ]
    assert rows[3].reason == "no weights"


def test_without_cider_the_first_metric_ranks() -> None:
    rows = [Row("a", "ok", scores={"ROUGE-L": score(0.3)}), Row("b", "ok", scores={"CIDEr": {"unavailable": "why"}})]
    assert ranking.ranking_column(rows) == "ROUGE-L"


def test_nothing_is_repaired_dropped_or_replaced_in_silence(sample_set: SampleSet) -> None:
    flags = {row.captioner: row.flags for row in ranking.rows(sample_set)}
    assert flags["bad"] == (
        "coverage 66.7%",
        "1 empty",
        "2 blank renders",
        "1 repaired drawings",
        "1 drawn by cairosvg",
        "2 drawn by resvg",
        "one reference fewer",
    )
    assert flags["good"] == ()


def test_a_run_without_scores_is_incomplete(sample_set: SampleSet) -> None:
    Run(sample_set.path / "killed").begin(manifest("killed"), Shard(), overwrite=False)
    row = next(row for row in ranking.rows(sample_set) if row.captioner == "killed")
    assert (row.status, row.rank) == ("incomplete", None)


def test_the_csv_has_a_row_per_captioner_and_numbers_stay_numbers(sample_set: SampleSet, tmp_path: Path) -> None:
    leaderboard.write(tmp_path)
    table = pd.read_csv(tmp_path / "leaderboard.csv").set_index("captioner")
    assert list(table.index) == ["good", "tied", "bad", "absent"]
    assert table.loc["bad", ["n", "rank", "coverage", "invalid", "CIDEr", "CIDEr_low", "CIDEr_high"]].tolist() == [
        3, 3, 0.666667, 1, 0.1, 0.05, 0.15,
    ]  # fmt: skip
    assert table.loc["absent", "reason"] == "no weights"
    assert table["CIDEr"].dtype == "float64"
    assert list(table.columns[:3]) == ["dataset", "split", "n"]


def test_a_metric_that_cannot_be_computed_says_why_in_its_cell(sample_set: SampleSet, tmp_path: Path) -> None:
    scores = {"METEOR": {"unavailable": "no java", "signature": "METEOR|v1"}, "CIDEr": score(0.5)}
    put(sample_set, "javaless", cider=0.5, bleu=0.1, scores=scores)
    leaderboard.write(tmp_path)
    table = pd.read_csv(tmp_path / "leaderboard.csv").set_index("captioner")
    assert table.loc["javaless", "METEOR"] == "n/a: no java"
    assert "n/a: no java" in (tmp_path / "leaderboard.md").read_text()


def test_rows_of_another_tokenizer_are_not_ranked_with_the_others(sample_set: SampleSet) -> None:
    put(
        sample_set, "javaless", cider=5.0, bleu=0.9, inputs={"predictions": predictions.digest([]), "tokenizer": "nltk"}
    )
    rows = {row.captioner: row for row in ranking.rows(sample_set)}
    assert rows["javaless"].rank is None
    assert rows["javaless"].flags == ("not ranked: tokenizer nltk, others ptb",)
    assert rows["good"].rank == 1


def test_rows_of_other_document_frequencies_are_not_ranked_with_the_others(sample_set: SampleSet) -> None:
    signatures = {"good": "refs:2|", "tied": "refs:1|", "bad": "refs:2|", "weighted": "refs:2|df:5000@1a2b|"}
    for name, signature in signatures.items():
        put(sample_set, name, cider=0.5, bleu=0, scores={"CIDEr": {**score(0.5), "signature": f"CIDEr|{signature}v1"}})
    rows = {row.captioner: row for row in ranking.rows(sample_set)}
    assert [rows[name].rank for name in signatures] == [1, 1, 1, None]
    assert rows["weighted"].flags == (
        "not ranked: its CIDEr is computed in another way than the others', see the signatures",
    )


def test_numbers_keep_their_columns_when_some_rows_have_no_meteor(sample_set: SampleSet, tmp_path: Path) -> None:
    meteor = {"METEOR": {**score(0.123456789), "signature": "METEOR"}, "CIDEr": score(0.2)}
    put(sample_set, "aaa", cider=0.2, bleu=0, scores={"METEOR": {"unavailable": "no java", "signature": "METEOR"}})
    put(sample_set, "complete", cider=0.2, bleu=0, scores=meteor)
    leaderboard.write(tmp_path)
    table = pd.read_csv(tmp_path / "leaderboard.csv", dtype=str).set_index("captioner")
    at = list(table.columns).index("METEOR")
    assert list(table.columns[at : at + 4]) == ["METEOR", "METEOR_low", "METEOR_high", "CIDEr"]
    assert table.loc["complete", "METEOR"] == "0.123457"
    assert table.loc["aaa", "METEOR"] == "n/a: no java"


def test_sample_sets_never_share_a_table(sample_set: SampleSet, tmp_path: Path) -> None:
    other = SampleSet.create(tmp_path, Dataset("other", (Sample("x", "<svg/>", ("c",)),)), "test")
    put(other, "good", cider=5.0, bleu=0.9)
    leaderboard.write(tmp_path)
    table = pd.read_csv(tmp_path / "leaderboard.csv")
    assert table.groupby("dataset")["rank"].min().to_dict() == {"d & co": 1, "other": 1}
    assert (tmp_path / "leaderboard.md").read_text().count("\n## ") + 1 == 2


def test_markdown_lines_up_and_names_licence_and_signatures(sample_set: SampleSet) -> None:
    text = tables.markdown(sample_set, ranking.rows(sample_set))
    lines = [line for line in text.splitlines() if line.startswith("|")]
    assert len({len(line) for line in lines}) == 1
    assert "| 1    | good      | 0.200 [0.150, 0.250] | 0.900 [0.850, 0.950] |" in text
    assert "- absent: unavailable: no weights" in text
    assert "- `M|v1`" in text
    assert "- licence: MIT" in text


def test_signatures_that_differ_name_their_captioners() -> None:
    rows = [
        Row("a", "ok", scores={"CIDEr": {**score(1), "signature": "CIDEr|refs:3"}}),
        Row("b", "ok", scores={"CIDEr": {**score(1), "signature": "CIDEr|refs:2"}}),
    ]
    assert tables._signatures(rows) == ["`CIDEr|refs:3` (a)", "`CIDEr|refs:2` (b)"]


def test_bars_and_line_ends_in_a_name_do_not_break_the_markdown() -> None:
    about = type("Set", (), {"description": {"dataset": "d", "split": "test", "n": 1, "fingerprint": "f", "notes": {}}})
    facts = {"coverage": 1.0, "invalid": 0, "caption_words": 1.0, "seconds_per_sample": 0.0}
    text = tables.markdown(about(), [Row("a|b\nc", "ok", scores={"CIDEr": score(1)}, facts=facts)])
    assert "| a\\|b c " in text


def test_latex_escapes_and_sets_the_best_in_bold(sample_set: SampleSet) -> None:
    text = tables.latex(sample_set, ranking.rows(sample_set))
    assert re.findall(r"\\textbf{([\d.]+) ", text) == ["0.900", "0.300", "0.900"]
    assert r"66.7\%" in text
    assert text.count(r"\\") == 4
