"""BLEU, ROUGE-L and CIDEr on given tokens; oracle: pycocoevalcap 1.2 as it is, or values it stored."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmark.metrics.base import METRICS, Corpus
from benchmark.metrics.lcs import lcs_length

LETTERS = st.lists(st.sampled_from("abcdé"), max_size=9).map(" ".join)
SAMPLES = st.lists(st.tuples(LETTERS, st.lists(LETTERS, min_size=1, max_size=4)), min_size=2, max_size=6)


def corpus_of(samples: list[tuple[str, list[str]]]) -> Corpus:
    return Corpus([hypothesis for hypothesis, _ in samples], [references for _, references in samples], "none")


def official(name: str, corpus: Corpus) -> tuple[np.ndarray, np.ndarray]:
    """Corpus scores ``[columns]`` and scores of each sample ``[n, columns]``."""
    from pycocoevalcap.bleu.bleu import Bleu
    from pycocoevalcap.cider.cider import Cider
    from pycocoevalcap.rouge.rouge import Rouge

    references = {i: list(some) for i, some in enumerate(corpus.references)}
    hypotheses = {i: [one] for i, one in enumerate(corpus.hypotheses)}
    if name == "bleu":
        whole, each = Bleu(4).compute_score(references, hypotheses, verbose=0)
        return np.array(whole), np.array(each).T
    whole, each = {"rouge_l": Rouge, "cider": Cider}[name]().compute_score(references, hypotheses)
    return np.array([whole]), np.array(each)[:, None]


def assert_official(name: str, corpus: Corpus) -> None:
    rows = METRICS[name].statistics(corpus)
    whole, each = official(name, corpus)
    assert METRICS[name].score(rows) == pytest.approx(each, abs=1e-9)
    assert METRICS[name].score(rows.sum(axis=0)) == pytest.approx(whole, abs=1e-9)


def test_flickr8k_scores_equal_the_official_ones_of_the_same_tokens(shared: Path) -> None:
    data = json.loads((shared / "flickr8k_subset.json").read_text())
    tokens, stored = data["tokenized"], data["official"]
    corpus = corpus_of([(tokens["hypotheses"][id][0], some) for id, some in tokens["references"].items()])
    for name, each in (
        ("bleu", np.array(stored["BLEU_per"]).T),
        ("rouge_l", np.array(stored["ROUGE_L_per"])[:, None]),
        ("cider", np.array(stored["CIDEr_per"])[:, None]),
    ):
        assert METRICS[name].score(METRICS[name].statistics(corpus)) == pytest.approx(each, abs=1e-9)


@pytest.mark.parametrize("name", ["bleu", "rouge_l", "cider"])
@settings(deadline=None)
@given(samples=SAMPLES)
def test_whatever_is_said_scores_as_the_reference_implementation_scores_it(
    name: str, samples: list[tuple[str, list[str]]]
) -> None:
    if name == "cider" and not any(reference for _, references in samples for reference in references):
        samples = [*samples, ("a", ["a"])]  # it is refused
    assert_official(name, corpus_of(samples))


@pytest.mark.parametrize("name", ["bleu", "rouge_l"])
def test_one_sample_is_a_corpus_too(name: str) -> None:
    assert_official(name, corpus_of([("a b a b", ["a b", "b a b a b"])]))


def test_of_two_equally_near_reference_lengths_the_shorter_counts() -> None:
    rows = METRICS["bleu"].statistics(corpus_of([("a b c", ["a b c d", "a b"]), ("", ["x y", "z"])]))
    assert rows[:, :2].tolist() == [[3, 2], [0, 1]]


@settings(deadline=None)
@given(one=st.lists(st.sampled_from("abc"), max_size=12), other=st.lists(st.sampled_from("abc"), max_size=12))
def test_common_subsequences_are_as_long_as_the_table_says(one: list[str], other: list[str]) -> None:
    from pycocoevalcap.rouge.rouge import my_lcs

    assert lcs_length(one, other) == my_lcs(one, other)


@pytest.mark.parametrize("name", ["bleu", "rouge_l", "cider"])
def test_a_caption_of_very_many_words_is_scored(name: str) -> None:
    """A table of words by words would hold 10^10 cells."""
    draw = random.Random(0)
    long = " ".join(draw.choices("abcdefgh", k=100_000))
    rows = METRICS[name].statistics(corpus_of([(long, ["a b c d", long]), ("a b", ["a b"])]))
    assert METRICS[name].score(rows)[0, -1] == pytest.approx({"bleu": 1, "rouge_l": 1, "cider": 5}[name], abs=1e-3)
