"""ROUGE-L as the COCO caption evaluation computes it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from benchmark.metrics.base import METRICS, Array, Corpus
from benchmark.metrics.lcs import lcs_length
from benchmark.metrics.mean import MeanOfRows
from renderers.registry import AVAILABLE, Availability

BETA = 1.2


class RougeL(MeanOfRows):
    """F-measure of the longest common subsequence with the references, mean over the samples.

    F = (1 + β²) P R / (R + β² P), β = 1.2, where P and R are the length of the subsequence by that of hypothesis and
    reference; the best P and the best R over the references are taken each by itself. 0 to 1, a share; higher is
    better.

    Lin 2004, "ROUGE: a package for automatic evaluation of summaries", ACL workshop; as pycocoevalcap 1.2.
    """

    columns = ("ROUGE-L",)
    upper = 1.0
    unit = "F-score"
    signature = "beta:1.2|max-ref|pycocoevalcap-1.2"

    def availability(self) -> Availability:
        return AVAILABLE

    def statistics(self, corpus: Corpus) -> Array:
        samples = zip(corpus.hypotheses, corpus.references, strict=True)
        return self.rows(np.array([_score(*sample) for sample in samples], dtype=np.float64))


def _score(hypothesis: str, references: Sequence[str]) -> float:
    # Split at single blanks as pycocoevalcap does: an empty caption is one empty word, and equals an empty reference.
    said = hypothesis.split(" ")
    wanted = [reference.split(" ") for reference in references]
    lengths = [lcs_length(said, words) for words in wanted]
    precision = max(lengths) / len(said)
    recall = max(length / len(words) for length, words in zip(lengths, wanted, strict=True))
    if precision == 0:
        return 0.0
    return (1 + BETA**2) * precision * recall / (recall + BETA**2 * precision)


METRICS.register("rouge_l")(RougeL())
