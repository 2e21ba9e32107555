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
Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Vector:
    weights: dict[Ngram, float]  # TF-IDF
    norms: Array  # Euclidean, one per n-gram order
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
        self._index = _CaptionIndex([self._vector(counts) for document in documents for counts in document])
        self._shares = np.array([1 / len(captions) / len(samples) for captions in samples for _ in captions])

    def mean_scores(self, candidates: Sequence[str]) -> list[float]:
        """For each candidate its mean score over all samples, as a corpus score would be: 0 to 10."""
        vectors = (self._vector(_ngrams(candidate)) for candidate in candidates)
        return [float(self._index.similarities(vector) @ self._shares) for vector in vectors]

    def similarities(self, captions: Sequence[str]) -> Array:
        """Score of each caption against each other, ``[n, n]``, 0 to 10; row: hypothesis, column: reference."""
        vectors = [self._vector(_ngrams(caption)) for caption in captions]
        index = _CaptionIndex(vectors)
        return np.stack([index.similarities(vector) for vector in vectors])

    def _vector(self, counts: Counter[Ngram]) -> _Vector:
        weights = {n: count * (self._log_size - self._log_frequency.get(n, 0.0)) for n, count in counts.items()}
        squares = np.zeros(ORDER)
        for ngram, weight in weights.items():
            squares[len(ngram) - 1] += weight**2
        bigrams = sum(count for ngram, count in counts.items() if len(ngram) == 2)
        return _Vector(weights, np.sqrt(squares), bigrams)


class _CaptionIndex:
    """Captions by their n-grams: one caption meets all others at once, and only where they share something."""

    def __init__(self, captions: Sequence[_Vector]) -> None:
        places: dict[Ngram, list[tuple[int, float]]] = defaultdict(list)
        for i, caption in enumerate(captions):
            for ngram, weight in caption.weights.items():
                places[ngram].append((i, weight))
        self._places = {
            ngram: (np.array([i for i, _ in found]), np.array([weight for _, weight in found]))
            for ngram, found in places.items()
        }
        self._norms = np.array([caption.norms for caption in captions]).reshape(-1, ORDER)
        self._bigrams = np.array([caption.bigrams for caption in captions])

    def similarities(self, hypothesis: _Vector) -> Array:
        """CIDEr-D against each caption of the index, ``[n]``, 0 to 10 (Vedantam et al. 2015, equation 4)."""
        products = np.zeros_like(self._norms)
        for ngram, weight in hypothesis.weights.items():
            if ngram in self._places:
                captions, weights = self._places[ngram]
                products[captions, len(ngram) - 1] += np.minimum(weight, weights) * weights
        norms = self._norms * hypothesis.norms
        cosines = np.divide(products, norms, out=np.zeros_like(products), where=norms > 0).mean(axis=1)
        return np.asarray(10.0 * cosines * np.exp(-((hypothesis.bigrams - self._bigrams) ** 2) / (2 * SIGMA**2)))


def _ngrams(caption: str) -> Counter[Ngram]:
    words = re.findall(r"\w+(?:['’-]\w+)*", caption.lower())
    return Counter(tuple(words[i : i + n]) for n in range(1, ORDER + 1) for i in range(len(words) - n + 1))
