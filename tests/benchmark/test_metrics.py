"""The numbers of the COCO caption evaluation; oracle: pycocoevalcap 1.2 with its jars, or values it stored."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pytest

from benchmark.metrics import evaluate
from benchmark.metrics.base import METRICS
from benchmark.metrics.evaluation import tokenized_corpus

WORDS = ["a", "the", "red", "blue", "small", "large", "circle", "square", "star", "above", "below", "next", "to"]


def made_up(count: int, seed: int) -> tuple[dict[str, str], dict[str, list[str]]]:
    """Captions of few words, so that all orders of n-grams match sometimes; some empty."""
    draw = random.Random(seed)

    def caption(least: int) -> str:
        return " ".join(draw.choices(WORDS, k=draw.randint(least, 9)))

    ids = [f"id {i}" for i in range(count)]
    return {id: caption(0) for id in ids}, {id: [caption(1) for _ in range(draw.randint(1, 5))] for id in ids}


@pytest.fixture(scope="module")
def made_up_40() -> tuple[dict[str, str], dict[str, list[str]]]:
    return made_up(40, seed=1)


@pytest.mark.java
def test_flickr8k_scores_equal_the_official_ones(shared: Path) -> None:
    data = json.loads((shared / "flickr8k_subset.json").read_text())
    captions, official = data["captions"], data["official"]
    evaluation = evaluate({k: v[0] for k, v in captions.items()}, {k: v[1:] for k, v in captions.items()})
    corpus, per_sample = evaluation.corpus, evaluation.per_sample
    assert [corpus[f"BLEU-{n}"] for n in (1, 2, 3, 4)] == pytest.approx(official["BLEU"], abs=1e-9)
    for column, key in (("ROUGE-L", "ROUGE_L"), ("METEOR", "METEOR"), ("CIDEr", "CIDEr")):
        assert corpus[column] == pytest.approx(official[key], abs=1e-9)
        assert per_sample[column].to_numpy() == pytest.approx(official[f"{key}_per"], abs=1e-9)
    for n in (1, 2, 3, 4):
        assert per_sample[f"BLEU-{n}"].to_numpy() == pytest.approx(official["BLEU_per"][n - 1], abs=1e-9)


@pytest.mark.parametrize("name", ["bleu", "rouge_l", "cider"])
def test_any_set_of_rows_scores_as_the_reference_implementation_scores_it(name: str, made_up_40: tuple) -> None:
    corpus = tokenized_corpus(*made_up_40)
    metric = METRICS[name]
    statistics = metric.statistics(corpus)
    chosen = [3, 3, 5, 8, 13, 21, 34]  # a bootstrap resample: rows may repeat
    references = {i: list(corpus.references[row]) for i, row in enumerate(chosen)}
    hypotheses = {i: [corpus.hypotheses[row]] for i, row in enumerate(chosen)}
    if name == "cider":  # document frequencies are the whole corpus', so the oracle is the mean of its scores
        expected = [np.mean(_oracle("cider", corpus)[chosen])]
    else:
        expected = np.atleast_1d(_official(name, references, hypotheses)[0])
    assert metric.score(statistics[chosen].sum(axis=0)) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("name", ["rouge_l", "cider"])
def test_single_rows_score_as_the_reference_implementation_scores_them(name: str, made_up_40: tuple) -> None:
    corpus = tokenized_corpus(*made_up_40)
    scores = METRICS[name].score(METRICS[name].statistics(corpus))[:, 0]
    assert scores == pytest.approx(_oracle(name, corpus), abs=1e-9)


def _oracle(name: str, corpus) -> np.ndarray:
    references = {i: list(r) for i, r in enumerate(corpus.references)}
    return np.asarray(_official(name, references, {i: [h] for i, h in enumerate(corpus.hypotheses)})[1])


def _official(name: str, references, hypotheses):
    from pycocoevalcap.bleu.bleu import Bleu
    from pycocoevalcap.cider.cider import Cider
    from pycocoevalcap.rouge.rouge import Rouge

    if name == "bleu":
        return Bleu(4).compute_score(references, hypotheses, verbose=0)
    return {"rouge_l": Rouge, "cider": Cider}[name]().compute_score(references, hypotheses)


def test_a_perfect_caption_scores_the_highest_value() -> None:
    references = {"a": ["a red circle above a blue square"], "b": ["two small stars next to the moon"]}
    corpus = evaluate(
        {k: v[0] for k, v in references.items()}, references, metrics=("bleu", "rouge_l", "meteor", "cider")
    ).corpus
    assert corpus["BLEU-4"] == pytest.approx(1, abs=1e-6)
    assert corpus["ROUGE-L"] == pytest.approx(1)
    assert corpus["METEOR"] == 1
    assert corpus["CIDEr"] == pytest.approx(10)


def test_a_missing_caption_counts_as_an_empty_one() -> None:
    references = {"a": ["a red circle"], "b": ["a blue square"], "c": ["one star"]}
    metrics = ("bleu", "rouge_l", "meteor", "cider")
    said = {"a": "a red circle"}
    assert (
        evaluate(said, references, metrics).corpus == evaluate({**said, "b": "", "c": ""}, references, metrics).corpus
    )


def test_without_java_everything_is_computed_and_signatures_name_the_tokenizer(
    monkeypatch: pytest.MonkeyPatch, made_up_40: tuple
) -> None:
    monkeypatch.setenv("PATH", "")
    evaluation = evaluate(*made_up_40)
    assert evaluation.unavailable == {}
    assert set(evaluation.corpus) == {"BLEU-1", "BLEU-2", "BLEU-3", "BLEU-4", "ROUGE-L", "METEOR", "CIDEr"}
    assert "|tok:ptb|" in evaluation.signatures["METEOR"]


def test_cider_of_one_sample_is_refused_with_the_reason() -> None:
    evaluation = evaluate({"a": "a star"}, {"a": ["a star"]}, metrics=("cider",))
    assert evaluation.corpus == {}
    assert "needs two samples" in evaluation.unavailable["CIDEr"]


def test_cider_without_a_single_word_is_refused_with_the_reason() -> None:
    evaluation = evaluate({"a": "x"}, {"a": ["."], "b": ["?"]}, metrics=("cider",))
    assert evaluation.unavailable["CIDEr"] == "no reference holds a word"


def test_a_text_where_a_list_of_references_is_meant_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"that of 'a' is a text"):
        evaluate({"a": "a cat"}, {"a": "a cat on a mat"})


def test_signatures_say_tokenizer_and_number_of_references() -> None:
    evaluation = evaluate({}, {"a": ["x"], "b": ["x", "y", "z"]}, metrics=("rouge_l",))
    assert evaluation.signatures["ROUGE-L"].startswith("ROUGE-L|beta:1.2|")
    assert "|refs:1-3|" in evaluation.signatures["ROUGE-L"]


def test_captions_of_unknown_samples_and_samples_without_reference_are_errors() -> None:
    with pytest.raises(ValueError, match="unknown samples: b"):
        evaluate({"b": "x"}, {"a": ["x"]})
    with pytest.raises(ValueError, match="without reference: a"):
        evaluate({}, {"a": []})
    with pytest.raises(ValueError, match="no references"):
        evaluate({}, {})
