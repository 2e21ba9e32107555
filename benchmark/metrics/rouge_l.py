"""ROUGE-L (Lin 2004) as the COCO caption evaluation computes it."""

from __future__ import annotations

import numpy as np

from benchmark.metrics.base import METRICS, Array, Corpus
from benchmark.metrics.mean import MeanOfRows
from renderers.registry import AVAILABLE, Availability


class RougeL(MeanOfRows):
    """Mean F-measure of the longest common subsequence, β = 1.2; best precision and best recall over the
    references, each taken by itself. 0 to 1, higher is better.
    """

    columns = ("ROUGE-L",)
    upper = 1.0
    signature = "beta:1.2|max-ref|pycocoevalcap-1.2"

    def availability(self) -> Availability:
        return AVAILABLE

    def statistics(self, corpus: Corpus) -> Array:
        from pycocoevalcap.rouge.rouge import Rouge

        rouge = Rouge()
        return self.rows(
            np.array(
                [
                    rouge.calc_score([hypothesis], list(references))
                    for hypothesis, references in zip(corpus.hypotheses, corpus.references, strict=True)
                ],
                dtype=np.float64,
            )
        )


METRICS.register("rouge_l")(RougeL())
