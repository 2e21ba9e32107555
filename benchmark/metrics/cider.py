"""CIDEr (Vedantam et al. 2015): what the COCO caption evaluation calls by that name is CIDEr-D."""

from __future__ import annotations

import numpy as np

from benchmark.metrics.base import METRICS, Array, Corpus, MetricError
from benchmark.metrics.mean import MeanOfRows
from renderers.registry import AVAILABLE, Availability


class Cider(MeanOfRows):
    """Mean TF-IDF cosine similarity of 1- to 4-grams with clipping and a Gaussian length penalty (σ = 6), averaged
    over n and over the references, times 10. 0 to 10, higher is better.

    Document frequencies are those of the references at hand, all of them: a bootstrap resample keeps them.
    """

    columns = ("CIDEr",)
    upper = 10.0
    signature = "D|sigma:6|df:references|pycocoevalcap-1.2"

    def availability(self) -> Availability:
        return AVAILABLE

    def statistics(self, corpus: Corpus) -> Array:
        from pycocoevalcap.cider.cider_scorer import CiderScorer

        if len(corpus) < 2:
            raise MetricError("needs two samples: with one, every document frequency is 1 and every score 0")
        if not any(reference for references in corpus.references for reference in references):
            raise MetricError("no reference holds a word")
        scorer = CiderScorer(n=4, sigma=6.0)
        for hypothesis, references in zip(corpus.hypotheses, corpus.references, strict=True):
            scorer += (hypothesis, list(references))
        _, scores = scorer.compute_score()
        return self.rows(np.asarray(scores, dtype=np.float64))


METRICS.register("cider")(Cider())
