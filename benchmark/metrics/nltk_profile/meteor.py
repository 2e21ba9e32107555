"""METEOR as NLTK computes it: the formula of 2007, without the paraphrases and weights of METEOR 1.5."""

from __future__ import annotations

from importlib.metadata import version

import numpy as np

from benchmark.metrics.base import METRICS, Array, Corpus
from benchmark.metrics.mean import MeanOfRows
from benchmark.metrics.nltk_profile import wordnet
from benchmark.metrics.nltk_profile.words import TOKENIZATION, tokenized
from renderers.registry import Availability


class NltkMeteor(MeanOfRows):
    """NLTK's METEOR: words matched as such, by stem or WordNet synonym, mean over the samples.

    ``meteor_score``: (1 - γ (chunks / matches)^β) · P R / (α P + (1 - α) R), α = 0.9, β = 3, γ = 0.5, where P and R
    are the shares of matched words; best reference. 0 to 1; higher is better.

    Lavie and Agarwal 2007, "Meteor: an automatic metric for MT evaluation with high levels of correlation with human
    judgments", WMT.

    NLTK looks up in WordNet what its stemmer made of a word, so it finds fewer synonyms than WordNet has.
    """

    columns = ("METEOR (nltk)",)
    upper = 1.0
    unit = "F-score"
    tokenization = TOKENIZATION

    @property
    def signature(self) -> str:
        return f"profile:nltk|wordnet|max-ref|case:lc|nltk-{version('nltk')}"

    def availability(self) -> Availability:
        return wordnet.availability()

    def statistics(self, corpus: Corpus) -> Array:
        synonyms = wordnet.synonyms()

        from nltk.translate.meteor_score import meteor_score

        scores = [
            meteor_score(references, hypothesis, wordnet=synonyms) for hypothesis, references in tokenized(corpus)
        ]
        return self.rows(np.array(scores, dtype=np.float64))


METRICS.register("meteor_nltk")(NltkMeteor())
