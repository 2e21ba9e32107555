"""BLEU-1 to BLEU-4 as the COCO caption evaluation computes it."""

from __future__ import annotations

import numpy as np

from benchmark.metrics.base import METRICS, Array, Corpus
from benchmark.metrics.ngrams import ORDER, Captions, counted, shared
from renderers.registry import AVAILABLE, Availability

# Keep 0/0 defined; pycocoevalcap adds the first above and the second below each fraction line.
_TINY, _SMALL = 1e-15, 1e-9


class Bleu:
    """Clipped n-gram precision of the whole corpus, up to order n, with a brevity penalty.

    BLEU-n = min(1, exp(1 - r / c)) · (p1 · … · pn)^(1/n), where pi is the share of the hypotheses' i-grams that occur
    in a reference, each counted at most as often as in the reference that has most of it; c is the length of the
    hypotheses in words, r that of the closest references. 0 to 1, a share; higher is better. It is a score of the
    corpus, not a mean of the samples' scores.

    Papineni et al. 2002, "BLEU: a method for automatic evaluation of machine translation", ACL; as pycocoevalcap 1.2.

    A row holds the lengths of hypothesis and closest reference, then for n = 1..4 the clipped matches, then the
    n-grams of the hypothesis: ``[n, 10]``.
    """

    columns = tuple(f"BLEU-{n}" for n in range(1, ORDER + 1))
    upper = 1.0
    unit = "precision"
    signature = "len:closest|smooth:none|pycocoevalcap-1.2"

    def availability(self) -> Availability:
        return AVAILABLE

    def statistics(self, corpus: Corpus) -> Array:
        row, orders = counted(corpus)
        count = len(corpus)
        lengths = row.lengths[:count]
        matches = []
        for found in orders:
            said, wanted = shared(row, found)
            most = np.zeros(np.searchsorted(found.captions, count), dtype=np.int64)
            np.maximum.at(most, said, found.counts[wanted])
            clipped = np.minimum(most, found.counts[: len(most)])
            matches.append(np.bincount(found.captions[: len(most)], weights=clipped, minlength=count))
        guesses = [np.maximum(lengths - n, 0) for n in range(ORDER)]
        return np.stack([lengths, _closest(row), *matches, *guesses], axis=1).astype(np.float64)

    def score(self, sums: Array) -> Array:
        length, closest = sums[..., 0], sums[..., 1]
        precisions = (sums[..., 2 : 2 + ORDER] + _TINY) / (sums[..., 2 + ORDER :] + _SMALL)
        means = np.cumprod(precisions, axis=-1) ** (1.0 / np.arange(1, ORDER + 1))
        ratio = (length + _TINY) / (closest + _SMALL)
        penalty = np.where(ratio < 1, np.exp(1 - 1 / np.minimum(ratio, 1)), 1.0)
        return np.asarray(means * penalty[..., np.newaxis])


def _closest(row: Captions) -> Array:
    """The reference length nearest to each hypothesis'; of two equally near the shorter."""
    samples, lengths = row.samples[row.hypotheses :], row.lengths[row.hypotheses :]
    order = np.lexsort([lengths, np.abs(lengths - row.lengths[samples]), samples])
    firsts = np.searchsorted(samples, np.arange(row.hypotheses))
    return lengths[order][firsts].astype(np.float64)


METRICS.register("bleu")(Bleu())
