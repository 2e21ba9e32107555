"""The profile ``nltk``; oracle: NLTK and rouge-score, called as their users call them."""

from __future__ import annotations

import gc
import shutil
import warnings
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import nltk
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmark import defaults
from benchmark.errors import UserError
from benchmark.metrics import evaluate
from benchmark.metrics.base import METRICS, Corpus
from benchmark.metrics.nltk_profile import wordnet as reader
from tests.benchmark import tiny_wordnet

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")

SAID = {
    "a": "The auto shows two pups, doesn't it?",
    "b": "A red circle above a blue square.",
    "c": "",
    "d": "star",
    "e": "Nothing in common",
    "f": '¿Qué? [lone \udc80 surrogate] -- "quoted" 3.5%',
}
REFERENCES = {
    "a": ["A car with two whelps", "It shows two PUPS."],
    "b": ["a red circle above a blue square", "A circle and a square, one above the other"],
    "c": ["an empty caption"],
    "d": ["a star", "stars"],
    "e": ["a house"],
    "f": ["quoted: 3.5 %", "qué"],
}


@pytest.fixture
def no_wordnet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """NLTK looks for its data in an empty folder, and nowhere else."""
    monkeypatch.setattr(nltk.data, "path", [str(tmp_path / "nltk_data")])
    yield tmp_path / "nltk_data"
    reader._read.cache_clear()
    with warnings.catch_warnings():  # NLTK's reader leaves its files open; let them go here, not in another test
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.fixture
def wordnet(no_wordnet: Path) -> Path:
    return tiny_wordnet.write(no_wordnet)


def words(caption: str) -> list[str]:
    return nltk.word_tokenize(caption.lower(), preserve_line=True)


def test_bleu_is_the_mean_of_nltks_smoothed_sentence_bleu() -> None:
    from nltk.translate.bleu_score import SmoothingFunction, sentence_bleu

    evaluation = evaluate(SAID, REFERENCES, ("bleu_nltk",))
    for n in (1, 2, 3, 4):
        expected = [
            sentence_bleu(
                list(map(words, REFERENCES[id])),
                words(SAID[id]),
                weights=(1 / n,) * n,
                smoothing_function=SmoothingFunction().method1,
            )
            for id in REFERENCES
        ]
        assert evaluation.per_sample[f"BLEU-{n} (nltk)"].tolist() == pytest.approx(expected, abs=1e-12)
        assert evaluation.corpus[f"BLEU-{n} (nltk)"] == pytest.approx(np.mean(expected), abs=1e-12)


@settings(deadline=None)
@given(st.text("ab cD.'é3", max_size=40), st.lists(st.text("ab cD.'é3", max_size=30), min_size=1, max_size=3))
def test_rouge_l_is_rouge_scores(said: str, references: list[str]) -> None:
    from rouge_score.rouge_scorer import RougeScorer

    expected = RougeScorer(["rougeL"], use_stemmer=True).score_multi(references, said)["rougeL"].fmeasure
    rows = METRICS["rouge_l_nltk"].statistics(Corpus([said], [references], "rouge-score"))
    assert rows.tolist() == [[pytest.approx(expected, abs=1e-12), 1]]


def test_rouge_l_is_the_mean_over_samples_of_the_best_reference() -> None:
    from rouge_score.rouge_scorer import RougeScorer

    scorer = RougeScorer(["rougeL"], use_stemmer=True)
    expected = [scorer.score_multi(some, SAID[id])["rougeL"].fmeasure for id, some in REFERENCES.items()]
    assert expected[3] == 1  # "star" and "stars" have one stem
    evaluation = evaluate(SAID, REFERENCES, ("rouge_l_nltk",))
    assert evaluation.per_sample["ROUGE-L (nltk)"].tolist() == pytest.approx(expected, abs=1e-12)
    assert evaluation.corpus["ROUGE-L (nltk)"] == pytest.approx(np.mean(expected), abs=1e-12)


def test_meteor_is_the_mean_of_nltks_with_the_wordnet_that_nltk_finds(wordnet: Path) -> None:
    from nltk.corpus.reader.wordnet import WordNetCorpusReader
    from nltk.translate.meteor_score import meteor_score

    with pytest.warns(UserWarning, match="multilingual"):
        oracle = WordNetCorpusReader(nltk.data.find("corpora/wordnet"), None)
    expected = [meteor_score(list(map(words, REFERENCES[id])), words(SAID[id]), wordnet=oracle) for id in REFERENCES]
    evaluation = evaluate(SAID, REFERENCES, ("meteor_nltk",))
    assert evaluation.per_sample["METEOR (nltk)"].tolist() == pytest.approx(expected, abs=1e-12)
    assert evaluation.corpus["METEOR (nltk)"] == pytest.approx(np.mean(expected), abs=1e-12)


def test_meteor_matches_synonyms_of_wordnet(wordnet: Path) -> None:
    matched = evaluate({"a": "auto"}, {"a": ["car"]}, ("meteor_nltk",)).corpus["METEOR (nltk)"]
    other = evaluate({"a": "auto"}, {"a": ["whelp"]}, ("meteor_nltk",)).corpus["METEOR (nltk)"]
    assert (matched, other) == (0.5, 0)  # one word of one is one chunk: half of the F-mean


def test_wordnet_is_read_from_the_archive_that_the_downloader_leaves(wordnet: Path) -> None:
    with zipfile.ZipFile(wordnet.with_suffix(".zip"), "w") as archive:
        for file in sorted(wordnet.iterdir()):
            archive.write(file, f"wordnet/{file.name}")
    shutil.rmtree(wordnet)
    assert evaluate({"a": "auto"}, {"a": ["car"]}, ("meteor_nltk",)).corpus == {"METEOR (nltk)": 0.5}


def test_without_wordnet_the_cell_says_how_to_get_it(no_wordnet: Path) -> None:
    evaluation = evaluate(SAID, REFERENCES, profile="nltk")
    assert list(evaluation.corpus) == [*(f"BLEU-{n} (nltk)" for n in (1, 2, 3, 4)), "ROUGE-L (nltk)"]
    reason = evaluation.unavailable["METEOR (nltk)"]
    assert reason == "there is no readable WordNet in nltk_data — python -m nltk.downloader wordnet"


def test_half_an_archive_is_no_wordnet(no_wordnet: Path) -> None:
    (no_wordnet / "corpora").mkdir(parents=True)
    (no_wordnet / "corpora" / "wordnet.zip").write_bytes(b"PK\x03\x04 and no more")
    assert "no readable WordNet" in evaluate(SAID, REFERENCES, profile="nltk").unavailable["METEOR (nltk)"]


def test_a_damaged_wordnet_is_named(wordnet: Path) -> None:
    (wordnet / "lexnames").unlink()
    reason = evaluate({"a": "x"}, {"a": ["x"]}, ("meteor_nltk",)).unavailable["METEOR (nltk)"]
    assert "is damaged" in reason
    assert str(wordnet) in reason


def test_the_profile_has_columns_and_signatures_of_its_own_and_needs_no_java(
    wordnet: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from benchmark.metrics import evaluation as module

    monkeypatch.setattr(module, "tokenize", None)  # the tokenizer of the COCO evaluation is not called
    evaluation = evaluate(SAID, REFERENCES, profile="nltk")
    coco = {column for name in defaults.PROFILES["coco"] for column in METRICS[name].columns}
    assert not coco & set(evaluation.columns)
    assert all(column.endswith(" (nltk)") for column in evaluation.columns)
    assert all("|profile:nltk|" in signature for signature in evaluation.signatures.values())
    assert "|tok:nltk-word|refs:1-2|" in evaluation.signatures["METEOR (nltk)"]
    assert f"|nltk-{nltk.__version__}|" in evaluation.signatures["BLEU-4 (nltk)"]
    assert "|rouge-score-0.1.2|tok:rouge-score|" in evaluation.signatures["ROUGE-L (nltk)"]


def test_metrics_of_both_profiles_stand_side_by_side_when_named() -> None:
    evaluation = evaluate(SAID, REFERENCES, ("rouge_l", "rouge_l_nltk"))
    assert evaluation.columns == ("ROUGE-L", "ROUGE-L (nltk)")
    assert evaluation.corpus["ROUGE-L"] != evaluation.corpus["ROUGE-L (nltk)"]


def test_a_profile_and_metrics_at_once_and_unknown_profiles_are_errors() -> None:
    with pytest.raises(UserError, match=r"profile \(nltk\) and metrics \(bleu\).*bleu_nltk,rouge_l_nltk"):
        evaluate(SAID, REFERENCES, ("bleu",), profile="nltk")
    with pytest.raises(UserError, match=r"no profile 'hf'. Known: coco, nltk"):
        evaluate(SAID, REFERENCES, profile="hf")


def test_run_and_score_take_a_profile(
    wordnet: Path, own_data: Path, cli: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run = cli("run", "--captioners", "constant", "--dataset", own_data, "--profile", "nltk")
    assert run.code == 0, run.err
    assert "BLEU-4 (nltk)" in run.out
    assert "CIDEr" not in run.out
    (said,) = Path("results").rglob("predictions.jsonl")
    table = Path("results/leaderboard.md").read_text()
    score = cli("score", said, "--references", own_data, "--profile", "nltk")
    assert score.code == 0
    assert "METEOR (nltk)" in score.out
    assert "METEOR (nltk)" in table
    both = cli("score", said, "--references", own_data, "--profile", "nltk", "--metrics", "bleu")
    assert (both.code, "leave one of them out" in both.err) == (2, True)
