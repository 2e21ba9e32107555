"""BLEU of single sentences as NLTK computes it, and its mean."""

from __future__ import annotations

from importlib.metadata import version

import numpy as np

from benchmark.metrics.base import METRICS, Array, Corpus
from benchmark.metrics.mean import MeanOfRows
from benchmark.metrics.nltk_profile.words import TOKENIZATION, tokenized
from renderers.registry import AVAILABLE, Availability

_WEIGHTS = [(1 / n,) * n for n in range(1, 5)]


class NltkBleu(MeanOfRows):
    """NLTK's BLEU of each sentence, smoothed by method 1, mean over the samples.

    ``sentence_bleu`` with weights 1/n up to order n: as BLEU-n, of one sentence; an order without a match counts 0.1
    matches (``SmoothingFunction().method1``). 0 to 1; higher is better. A row is ``[4 scores, 1]``.

    Papineni et al. 2002; Chen and Cherry 2014, "A systematic comparison of smoothing techniques for sentence-level
    BLEU", WMT.
    """

    columns = tuple(f"BLEU-{len(weights)} (nltk)" for weights in _WEIGHTS)
    upper = 1.0
    unit = "precision"
    tokenization = TOKENIZATION

    @property
    def signature(self) -> str:
        return f"profile:nltk|mean-of-sentences|smooth:method1|case:lc|nltk-{version('nltk')}"

    def availability(self) -> Availability:
        return AVAILABLE

    def statistics(self, corpus: Corpus) -> Array:
        from nltk.translate.bleu_score import SmoothingFunction, sentence_bleu

        smooth = SmoothingFunction().method1
        scores = [
            sentence_bleu(references, hypothesis, _WEIGHTS, smoothing_function=smooth)
            for hypothesis, references in tokenized(corpus)
        ]
        return self.rows(np.array(scores, dtype=np.float64))


METRICS.register("bleu_nltk")(NltkBleu())
