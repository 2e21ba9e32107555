"""METEOR equals the jar of pycocoevalcap 1.2 bit for bit: live where there is Java, or on what it said of samples.

``golden.json`` was written by ``fuzz.py --golden``: every count and score in it is the jar's own.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from benchmark.metrics import evaluate
from benchmark.metrics.base import METRICS, Corpus
from benchmark.metrics.meteor import source
from benchmark.metrics.meteor.alignment import CHUNKS
from benchmark.metrics.meteor.candidates import LONGEST, MOST
from benchmark.metrics.meteor.metric import Meteor
from benchmark.metrics.meteor.paraphrase_store import open_index
from benchmark.progress import Unwatched
from tests.benchmark.meteor.jar import official, running
from tests.benchmark.meteor.made_up import MadeUp, Pair
from tests.conftest import SHARED

METEOR = METRICS["meteor"]


def computed(samples: Sequence[Pair]) -> tuple[np.ndarray, list[float], float]:
    """Rows, scores and corpus score."""
    rows = METEOR.statistics(Corpus([h for h, _ in samples], [rs for _, rs in samples], "none"))
    return rows, METEOR.score(rows)[:, 0].tolist(), METEOR.score(rows.sum(axis=0))[0]


def as_said(counts: list[float]) -> list[float]:
    """Counts of the jar as a row: a sample that is matched throughout in one piece has no chunk when it is summed."""
    perfect = counts[:2] == counts[21:] and counts[CHUNKS] == 1
    return [*counts[:CHUNKS], 0.0 if perfect else counts[CHUNKS], *counts[21:]]


@pytest.fixture
def thesis_samples() -> list[Pair]:
    """Captions of models, of several lines and sizes, where the shared data is there."""
    path = SHARED / "thesis_captions.jsonl"
    samples: list[Pair] = []
    for line in path.read_text(encoding="utf-8").splitlines()[:40] if path.exists() else ():
        document = json.loads(line)
        references = [document["reference"]] if "reference" in document else document["references"]
        samples += [(caption[:600], references) for caption in list(document["captions"].values())[:4]]
    return samples


def test_golden_samples_have_the_counts_and_scores_of_the_jar() -> None:
    golden = json.loads(Path(__file__).with_name("golden.json").read_text(encoding="utf-8"))
    samples = golden["samples"]
    rows, scores, corpus = computed([(sample["hypothesis"], sample["references"]) for sample in samples])
    for sample, row, score in zip(samples, rows.tolist(), scores, strict=True):
        assert row == as_said(sample["counts"]), sample
        assert score == sample["score"], sample
    assert corpus == golden["corpus"]


def test_flickr8k_tokens_have_the_official_scores(shared: Path) -> None:
    data = json.loads((shared / "flickr8k_subset.json").read_text())
    hypotheses, references = data["tokenized"]["hypotheses"], data["tokenized"]["references"]
    _, scores, corpus = computed([(hypotheses[id][0], references[id]) for id in references])
    assert scores == data["official"]["METEOR_per"]
    assert corpus == data["official"]["METEOR"]


@pytest.mark.java
def test_made_up_and_real_samples_have_the_counts_and_scores_of_the_jar(thesis_samples: list[Pair]) -> None:
    table = source.paraphrases()
    assert table is not None
    made_up = MadeUp(open_index(table, Unwatched()), seed=2)
    samples = [made_up.sample(odd=bool(i % 2)) for i in range(300)] + [made_up.repeated() for _ in range(50)]
    samples += thesis_samples
    rows, scores, corpus = computed(samples)
    one_line = [(h.replace("\n", " "), [r.replace("\n", " ") for r in references]) for h, references in samples]
    resampled = [3, 3, 5, 8, 13, 21, 34]  # a bootstrap resample: rows may repeat
    with running() as jar:
        said = official(jar, [h for h, _ in one_line], [rs for _, rs in one_line])
        again = official(jar, [one_line[i][0] for i in resampled], [one_line[i][1] for i in resampled])
    for sample, row, score, counts, expected in zip(
        samples, rows.tolist(), scores, said.rows, said.scores, strict=True
    ):
        assert row == as_said(counts), sample
        assert score == expected, sample
    assert corpus == said.corpus
    assert METEOR.score(rows[resampled].sum(axis=0))[0] == again.corpus


@pytest.mark.parametrize("ending", ["\n", "\r", "\r\n"])
def test_a_line_break_is_a_blank(ending: str) -> None:
    assert (
        computed([(f"a red{ending}dog", [f"the{ending}red dog"])])[1] == computed([("a red dog", ["the red dog"])])[1]
    )


def test_of_equally_good_references_the_first_counts() -> None:
    rows, _, _ = computed([("a cat", ["a dog and a bird", "a bird and a dog"]), ("a cat", ["dogs", "birds fly"])])
    assert rows[1, 1] == 1


def test_a_caption_of_ten_thousand_equal_words_is_aligned_like_any_other(recwarn: pytest.WarningsRecorder) -> None:
    rows, scores, _ = computed([("a " * 10_000, ["a man in a hat", "a dog"])])
    assert rows[0, [0, 1, 21, 22]].tolist() == [10_000, 5, 2, 2]
    assert 0 < scores[0] < 0.01
    assert not recwarn.list


@pytest.mark.parametrize(
    ("hypothesis", "reference"),
    [("a " * 1000, "a " * (MOST // 1000 + 1)), ("x " * LONGEST + "a", "a"), ("a", "x " * LONGEST + "a")],
    ids=["candidates", "long caption", "long reference"],
)
def test_a_sample_beyond_the_bounds_fails_alone_and_is_warned_of(hypothesis: str, reference: str) -> None:
    samples = [("a dog", ["a dog runs"]), (hypothesis, [reference])]
    with pytest.warns(UserWarning, match=f"sample 2 has a caption of more than {LONGEST} words or more than {MOST} "):
        rows, scores, _ = computed(samples)
    assert rows[1, 4:].tolist() == [0] * 19
    assert scores == [computed(samples[:1])[1][0], 0.0]


def test_a_reference_that_equals_the_caption_needs_no_search(recwarn: pytest.WarningsRecorder) -> None:
    assert computed([("a " * 10_000, ["a " * 10_000])])[1] == [1.0]
    assert not recwarn.list
    with pytest.warns(UserWarning, match="sample 1"):
        rows, scores, _ = computed([("a dog " * 10_001, ["a", "a dog " * 10_001])])
    assert scores == [1.0]
    assert rows[0, [4, 6, 21]].tolist() == [10_001, 10_001, 20_002]


def test_without_its_tables_meteor_says_how_to_get_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "_PACKAGE", "no_such_package")
    evaluation = evaluate({"a": "x"}, {"a": ["x"]}, metrics=("meteor",))
    assert evaluation.unavailable == {
        "METEOR": "the tables of METEOR are not installed — pip install pycocoevalcap==1.2"
    }


def test_spoiled_tables_are_a_reason_in_the_cell(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    spoiled = tmp_path / "meteor-1.5.jar"
    spoiled.write_bytes(b"PK no more")
    monkeypatch.setattr(source, "jar", lambda: spoiled)
    monkeypatch.setattr(METEOR, "_tables", None)
    evaluation = evaluate({"a": "x"}, {"a": ["x"], "b": ["y"]})
    assert "the tables of METEOR are spoiled" in evaluation.unavailable["METEOR"]
    assert "CIDEr" in evaluation.corpus


def test_what_takes_seconds_is_shown_once() -> None:
    metric = Meteor()
    metric.prepare(Unwatched())
    tables = metric._tables
    metric.prepare(Unwatched())
    assert metric._tables is tables
