"""CIDEr-D between captions, fast enough to compare every caption of a training set with every other.

The measure is that of Vedantam et al. 2015 in the form that the COCO caption evaluation uses (CIDEr-D: clipped TF-IDF
weights, Gaussian penalty on the length, σ = 6); the tokens here are lower-cased words, so that a captioner does not
depend on the benchmark's tokenizer.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

ORDER = 4
SIGMA = 6.0

Ngram = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Vector:
    weights: dict[Ngram, float]  # TF-IDF
    norms: tuple[float, ...]  # Euclidean, one per n-gram order
    bigrams: int  # the COCO code measures length in bigrams


class ConsensusScorer:
    """Compares captions under the document frequencies of a set of samples.

    Args:
        samples: the captions of each sample; a sample is one document.
    """

    def __init__(self, samples: Sequence[Sequence[str]]) -> None:
        documents = [[_ngrams(caption) for caption in captions] for captions in samples]
        frequency = Counter(ngram for document in documents for ngram in {n for c in document for n in c})
        self._log_size = math.log(max(len(documents), 1))
        self._log_frequency = {ngram: math.log(count) for ngram, count in frequency.items()}
        self._samples = [[self._vector(counts) for counts in document] for document in documents]

    def mean_scores(self, candidates: Sequence[str]) -> list[float]:
        """For each candidate its mean score over all samples, as a corpus score would be: 0 to 10.

        An inverted index reaches only the captions that share an n-gram with the candidate.
        """
        flat = [(i, vector, len(captions)) for i, captions in enumerate(self._samples) for vector in captions]
        index: dict[Ngram, list[int]] = defaultdict(list)
        for position, (_, vector, _) in enumerate(flat):
            for ngram in vector.weights:
                index[ngram].append(position)
        scores = []
        for candidate in candidates:
            hypothesis = self._vector(_ngrams(candidate))
            related = {position for ngram in hypothesis.weights for position in index[ngram]}
            total = math.fsum(similarity(hypothesis, flat[p][1]) / flat[p][2] for p in related)
            scores.append(total / len(self._samples))
        return scores

    def similarities(self, captions: Sequence[str]) -> npt.NDArray[np.float64]:
        """Score of each caption against each other, ``[n, n]``, 0 to 10; row: hypothesis, column: reference."""
        vectors = [self._vector(_ngrams(caption)) for caption in captions]
        return np.array([[similarity(a, b) for b in vectors] for a in vectors]).reshape(len(vectors), len(vectors))

    def _vector(self, counts: Counter[Ngram]) -> _Vector:
        weights = {n: count * (self._log_size - self._log_frequency.get(n, 0.0)) for n, count in counts.items()}
        squares = [0.0] * ORDER
        for ngram, weight in weights.items():
            squares[len(ngram) - 1] += weight**2
        bigrams = sum(count for ngram, count in counts.items() if len(ngram) == 2)
        return _Vector(weights, tuple(map(math.sqrt, squares)), bigrams)


def similarity(hypothesis: _Vector, reference: _Vector) -> float:
    """CIDEr-D of one caption against one reference, 0 to 10 (Vedantam et al. 2015, equation 4)."""
    products = [0.0] * ORDER
    for ngram, weight in hypothesis.weights.items():
        other = reference.weights.get(ngram, 0.0)
        products[len(ngram) - 1] += min(weight, other) * other
    cosine = sum(
        product / (a * b) for product, a, b in zip(products, hypothesis.norms, reference.norms, strict=True) if a * b
    )
    penalty = math.exp(-((hypothesis.bigrams - reference.bigrams) ** 2) / (2 * SIGMA**2))
    return 10.0 * penalty * cosine / ORDER


def _ngrams(caption: str) -> Counter[Ngram]:
    words = re.findall(r"\w+(?:['’-]\w+)*", caption.lower())
    return Counter(tuple(words[i : i + n]) for n in range(1, ORDER + 1) for i in range(len(words) - n + 1))
