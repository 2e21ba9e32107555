"""CIDEr: what the COCO caption evaluation calls by that name is CIDEr-D."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmark.errors import UserError
from benchmark.metrics.base import METRICS, Array, Corpus, Metric, MetricError
from benchmark.metrics.document_frequencies import DocumentFrequencies, in_references, read
from benchmark.metrics.mean import MeanOfRows
from benchmark.metrics.ngrams import ORDER, counted, shared
from renderers.registry import AVAILABLE, Availability

SIGMA = 6.0


@dataclass(frozen=True)
class Cider(MeanOfRows):
    """TF-IDF similarity of 1- to 4-grams to the references, mean over the samples (CIDEr-D).

    CIDEr = 10 · mean over n, references r of exp(-(|h| - |r|)² / 2σ²) · min(h, r) · r / (‖h‖ ‖r‖), where h and r are
    the vectors of n-gram counts times log(N / df), N samples, df of them with the n-gram in a reference; σ = 6. 0 to
    10, ten times a cosine; higher is better.

    Vedantam et al. 2015, "CIDEr: consensus-based image description evaluation", CVPR; as pycocoevalcap 1.2.

    Attributes:
        frequencies: document frequencies; None for those of the references at hand, all of them: a bootstrap resample
            keeps them. Scores of different document frequencies are not comparable, and their signatures differ.
    """

    frequencies: DocumentFrequencies | None = None

    columns = ("CIDEr",)
    upper = 10.0
    unit = "cosine"

    @property
    def signature(self) -> str:
        frequencies = self.frequencies.signature if self.frequencies else "references"
        return f"D|sigma:6|df:{frequencies}|pycocoevalcap-1.2"

    def availability(self) -> Availability:
        return AVAILABLE

    def statistics(self, corpus: Corpus) -> Array:
        known = self.frequencies
        if known and known.tokenizer != corpus.tokenizer:
            raise MetricError(
                f"the document frequencies are of tokenizer {known.tokenizer!r}, the captions of {corpus.tokenizer!r}"
            )
        if not known and len(corpus) < 2:
            raise MetricError(
                "needs two samples: with one, every n-gram is in every sample, and its weight, the IDF, is 0; "
                "give document frequencies with --cider-df"
            )
        row, orders = counted(corpus)
        count = len(corpus)
        if not row.lengths[count:].any():
            raise MetricError("no reference holds a word")
        samples = row.samples[count:]
        log_size = np.log(known.documents if known else count)
        cosines = np.zeros(len(samples))
        for order, found in enumerate(orders, start=1):
            frequencies = known.of(row, found, order) if known else in_references(row, found)
            weights = found.counts * (log_size - np.log(np.maximum(frequencies, 1)))[found.ngrams]
            norms = np.sqrt(np.bincount(found.captions, weights=weights**2, minlength=len(row.samples)))
            said, wanted = shared(row, found)
            products = np.minimum(weights[said], weights[wanted]) * weights[wanted]
            products = np.bincount(found.captions[wanted], weights=products, minlength=len(row.samples))[count:]
            scale = norms[samples] * norms[count:]
            cosines += np.divide(products, scale, out=np.zeros(len(scale)), where=scale != 0)
        bigrams = np.maximum(row.lengths - 1, 0)  # the COCO code measures length in bigrams
        cosines *= np.exp(-((bigrams[samples] - bigrams[count:]) ** 2) / (2 * SIGMA**2))
        references = np.bincount(samples, minlength=count)
        return self.rows(10 / ORDER * np.bincount(samples, weights=cosines, minlength=count) / references)


def configured(path: Path | None, metrics: Sequence[str]) -> dict[str, Metric]:
    """What :func:`benchmark.metrics.evaluate` is to use for CIDEr: document frequencies of a file, where one is given.

    Raises UserError when the file cannot be read, or when CIDEr was not asked for.
    """
    if path is None:
        return {}
    if "cider" not in metrics:
        raise UserError("--cider-df is for the metric cider, which was not asked for: name it with --metrics.")
    return {"cider": Cider(read(path))}


METRICS.register("cider")(Cider())
