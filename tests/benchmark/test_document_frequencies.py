"""CIDEr's document frequencies; oracle: pycocoevalcap's CiderScorer with the frequencies put into it."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from benchmark.errors import UserError
from benchmark.metrics import document_frequencies
from benchmark.metrics.base import Corpus, MetricError
from benchmark.metrics.cider import Cider
from benchmark.metrics.document_frequencies import DocumentFrequencies
from benchmark.metrics.tokenizer import tokenizer_name

TRAINING = Corpus(["", "", "", ""], [["a cat", "a cat on a mat"], ["a dog"], ["a cat"], ["two dogs"]], "ptb")
TEST = Corpus(["a cat on a mat", "a bird"], [["a cat on the mat", "a cat"], ["a dog", "one bird"]], "ptb")


def official(corpus: Corpus, frequencies: DocumentFrequencies) -> np.ndarray:
    from pycocoevalcap.cider.cider_scorer import CiderScorer

    scorer = CiderScorer(n=4, sigma=6.0)
    for hypothesis, references in zip(corpus.hypotheses, corpus.references, strict=True):
        scorer += (hypothesis, list(references))
    scorer.document_frequency = defaultdict(float, {tuple(n.split()): c for n, c in frequencies.counts.items()})
    # The scorer takes the number of documents from its references, and only the logarithm of it.
    scorer.crefs.extend([scorer.crefs[0]] * (frequencies.documents - len(corpus)))
    return np.array(scorer.compute_cider()[: len(corpus)])


def test_samples_are_counted_that_hold_an_ngram_and_single_ones_left_out() -> None:
    frequencies = document_frequencies.count(TRAINING)
    assert (frequencies.documents, frequencies.tokenizer) == (4, "ptb")
    assert frequencies.counts == {"a": 3, "cat": 2, "a cat": 2}


def test_scores_with_given_frequencies_are_those_of_the_reference_implementation() -> None:
    frequencies = document_frequencies.count(TRAINING)
    scores = Cider(frequencies).statistics(TEST)[:, 0]
    assert scores == pytest.approx(official(TEST, frequencies), abs=1e-9)
    assert scores != pytest.approx(Cider().statistics(TEST)[:, 0], abs=1e-3)


def test_frequencies_of_the_references_at_hand_change_nothing() -> None:
    assert Cider(document_frequencies.count(TEST)).statistics(TEST) == pytest.approx(Cider().statistics(TEST))


def test_one_sample_is_scored_with_given_frequencies_and_refused_without() -> None:
    one = Corpus(TEST.hypotheses[:1], TEST.references[:1], "ptb")
    with pytest.raises(MetricError, match=r"needs two samples.*IDF.*--cider-df"):
        Cider().statistics(one)
    frequencies = document_frequencies.count(TRAINING)
    assert Cider(frequencies).statistics(one)[0, 0] == pytest.approx(official(one, frequencies)[0])


def test_a_file_gives_back_what_was_written(tmp_path: Path) -> None:
    frequencies = document_frequencies.count(TRAINING)
    document_frequencies.write(tmp_path / "df.json", frequencies)
    assert document_frequencies.read(tmp_path / "df.json") == frequencies


def test_signatures_name_the_frequencies_by_what_scores_depend_on() -> None:
    known = DocumentFrequencies(5, "ptb", {"a": 3, "b": 2})
    same = DocumentFrequencies(5, "ptb", {"b": 2, "a": 3, "c": 1})
    assert known.signature.startswith("5@")
    assert same.signature == known.signature
    assert DocumentFrequencies(6, "ptb", {"a": 3, "b": 2}).signature.split("@")[1] != known.signature.split("@")[1]
    assert Cider().signature.split("|")[2] == "df:references"
    assert Cider(known).signature.split("|")[2] == f"df:{known.signature}"


def test_frequencies_of_another_tokenizer_are_refused() -> None:
    with pytest.raises(MetricError, match="tokenizer 'nltk', the captions of 'ptb'"):
        Cider(DocumentFrequencies(5, "nltk", {})).statistics(TEST)


WHOLE = {"format": document_frequencies.FORMAT, "schema": 1, "tokenizer": "ptb", "documents": 5, "counts": {"a b": 2}}


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ("{", "cannot be read"),
        ("[" * 100_000, "cannot be read"),
        (json.dumps([]), "holds no document frequencies"),
        (json.dumps({**WHOLE, "schema": 2}), "holds no document frequencies"),
        (json.dumps({**WHOLE, "documents": 1}), "'documents' is 1"),
        (json.dumps({**WHOLE, "documents": True}), "'documents' is True"),
        (json.dumps({**WHOLE, "tokenizer": None}), "'tokenizer' is None"),
        (json.dumps({**WHOLE, "counts": []}), "'counts' is no object"),
        (json.dumps({**WHOLE, "counts": {"a": 6}}), "the count of 'a' is 6, not 1 to 5"),
        (json.dumps({**WHOLE, "counts": {"a": math.nan}}), "the count of 'a' is nan"),
        (json.dumps({**WHOLE, "counts": {"a b c d e": 2}}), "is not 1 to 4 tokens"),
        (json.dumps({**WHOLE, "counts": {"a  b": 2}}), "joined by single blanks"),
    ],
)
def test_a_file_that_is_none_says_what_is_wrong_with_it(document: str, says: str, tmp_path: Path) -> None:
    path = tmp_path / "df.json"
    path.write_text(document)
    with pytest.raises(UserError, match=says) as raised:
        document_frequencies.read(path)
    assert str(path) in str(raised.value)


def test_score_writes_frequencies_and_takes_them(own_data: Path, tmp_path: Path, cli: Callable) -> None:
    said, df = tmp_path / "said.csv", tmp_path / "df.json"
    samples = [json.loads(line) for line in own_data.read_text().splitlines()]
    said.write_text("id,caption\n" + "".join(f"{s['id']},a red circle\n" for s in samples))
    common = ("score", said, "--references", own_data, "--metrics", "cider", "--json", "--split")
    assert cli(*common, "all", "--write-cider-df", df).code == 0
    assert json.loads(df.read_text())["documents"] == 30
    few = tmp_path / "few.csv"
    test = [s for s in samples if s["split"] == "test"]
    few.write_text("id,caption\n" + "".join(f"{s['id']},a red circle\n" for s in test))
    scores = [
        json.loads(cli("score", few, *common[2:], "test", *more).out)["scores"]["CIDEr"]
        for more in ((), ("--cider-df", df))
    ]
    assert scores[0]["score"] != scores[1]["score"]
    assert "|df:references|" in scores[0]["signature"]
    assert f"|df:{document_frequencies.read(df).signature}|" in scores[1]["signature"]
    without = cli("score", few, "--references", own_data, "--metrics", "bleu", "--cider-df", df)
    assert (without.code, "--cider-df is for the metric cider" in without.err) == (2, True)


def test_run_scores_anew_when_the_frequencies_change(
    own_data: Path, tmp_path: Path, cli: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run = ("run", "--captioners", "constant", "--dataset", own_data, "--metrics", "cider", "--json")
    signatures = []
    for documents in (None, 50, 60):
        more: tuple[object, ...] = ()
        if documents is not None:
            document_frequencies.write(Path("df.json"), DocumentFrequencies(documents, tokenizer_name(), {"a": 7}))
            more = ("--cider-df", "df.json")
        (row,) = (row for row in json.loads(cli(*run, *more).out)["rows"] if row["captioner"] == "constant")
        signatures.append(row["signatures"].split("|")[3].split("@")[0])
    assert signatures == ["df:references", "df:50", "df:60"]
