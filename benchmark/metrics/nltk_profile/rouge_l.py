"""ROUGE-L as Google's rouge-score computes it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from importlib.metadata import version

import numpy as np

from benchmark.metrics.base import METRICS, Array, Corpus
from benchmark.metrics.lcs import lcs_length
from benchmark.metrics.mean import MeanOfRows
from renderers.registry import AVAILABLE, Availability

Words = Callable[[str], list[str]]


class RougeScoreL(MeanOfRows):
    """rouge-score's F-measure of the longest common subsequence of stems, mean over the samples.

    ``RougeScorer(["rougeL"], use_stemmer=True).score_multi``: F = 2 P R / (P + R), where P and R are the length of the
    subsequence by that of hypothesis and reference; the reference with the best F counts. 0 to 1, a share; higher is
    better.

    Lin 2004, "ROUGE: a package for automatic evaluation of summaries", ACL workshop.

    Words are those of rouge-score's tokenizer; the subsequence is measured here, in linear time for long captions.
    """

    columns = ("ROUGE-L (nltk)",)
    upper = 1.0
    unit = "F-score"
    tokenization = "rouge-score"

    @property
    def signature(self) -> str:
        return f"profile:nltk|beta:1|stem:porter|max-ref|rouge-score-{version('rouge-score')}"

    def availability(self) -> Availability:
        return AVAILABLE

    def statistics(self, corpus: Corpus) -> Array:
        words = _tokenizer()
        samples = zip(corpus.hypotheses, corpus.references, strict=True)
        return self.rows(np.array([_score(words, *sample) for sample in samples], dtype=np.float64))


def _tokenizer() -> Words:
    from nltk.stem.porter import PorterStemmer
    from rouge_score.tokenize import tokenize

    class Stemmer:
        stem = staticmethod(cache(PorterStemmer().stem))  # the same words come again and again

    return lambda caption: list(tokenize(caption, Stemmer))


def _score(words: Words, hypothesis: str, references: Sequence[str]) -> float:
    said = words(hypothesis)
    return max(_f_measure(said, words(reference)) for reference in references)


def _f_measure(said: Sequence[str], wanted: Sequence[str]) -> float:
    # 2 l / (m + n) is the harmonic mean of the precision l / m and the recall l / n.
    return 2 * lcs_length(said, wanted) / (len(said) + len(wanted)) if said and wanted else 0.0


METRICS.register("rouge_l_nltk")(RougeScoreL())
