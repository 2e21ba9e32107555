"""BLEU-1 to BLEU-4 (Papineni et al. 2002) as the COCO caption evaluation computes it."""

from __future__ import annotations

import numpy as np

from benchmark.metrics.base import METRICS, Array, Corpus
from renderers.registry import AVAILABLE, Availability

ORDER = 4
# Keep 0/0 defined; pycocoevalcap adds the first above and the second below each fraction line.
_TINY, _SMALL = 1e-15, 1e-9


class Bleu:
    """Geometric mean of clipped n-gram precisions times the brevity penalty. 0 to 1, higher is better.

    The reference length is that of the closest reference. A row holds the lengths of hypothesis and closest
    reference, then for n = 1..4 the clipped matches, then the n-grams of the hypothesis: ``[n, 10]``.
    """

    columns = tuple(f"BLEU-{n}" for n in range(1, ORDER + 1))
    upper = 1.0
    signature = "len:closest|smooth:none|pycocoevalcap-1.2"

    def availability(self) -> Availability:
        return AVAILABLE

    def statistics(self, corpus: Corpus) -> Array:
        from pycocoevalcap.bleu.bleu_scorer import BleuScorer

        scorer = BleuScorer(n=ORDER)
        for hypothesis, references in zip(corpus.hypotheses, corpus.references, strict=True):
            scorer += (hypothesis, list(references))
        rows = [
            [row["testlen"], _closest(row["reflen"], row["testlen"]), *row["correct"], *row["guess"]]
            for row in scorer.ctest
        ]
        return np.array(rows, dtype=np.float64).reshape(-1, 2 + 2 * ORDER)

    def score(self, sums: Array) -> Array:
        length, closest = sums[..., 0], sums[..., 1]
        precisions = (sums[..., 2 : 2 + ORDER] + _TINY) / (sums[..., 2 + ORDER :] + _SMALL)
        means = np.cumprod(precisions, axis=-1) ** (1.0 / np.arange(1, ORDER + 1))
        ratio = (length + _TINY) / (closest + _SMALL)
        penalty = np.where(ratio < 1, np.exp(1 - 1 / np.minimum(ratio, 1)), 1.0)
        return np.asarray(means * penalty[..., np.newaxis])


def _closest(lengths: list[int], length: int) -> int:
    """The reference length nearest to the hypothesis'; of two equally near the shorter."""
    return min((abs(reference - length), reference) for reference in lengths)[1]


METRICS.register("bleu")(Bleu())
