"""N-grams of a corpus as numbers, order by order: what BLEU and CIDEr count.

Everything here is arrays over all captions at once. Time is that of sorting as many numbers as there are words, memory
some numbers for each word, whatever the captions say.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import numpy.typing as npt

from benchmark.metrics.base import Corpus

ORDER = 4

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Captions:
    """All captions of a corpus in a row of words: hypotheses first, then references, sample by sample.

    Attributes:
        samples: of each caption the sample, ``[c]``; the first ``hypotheses`` are 0, 1, 2, …
        hypotheses: how many captions are hypotheses, one for each sample.
        lengths: words of each caption, ``[c]``.
        words: number of each word, ``[w]``.
        vocabulary: the words by number.
    """

    samples: Integers
    hypotheses: int
    lengths: Integers
    words: Integers
    vocabulary: Sequence[str]


@dataclass(frozen=True)
class Ngrams:
    """The n-grams of one order: an entry for each different n-gram of each caption, by caption, then n-gram.

    Attributes:
        captions: the caption, ``[m]``.
        ngrams: number of the n-gram, ``[m]``; 0 to ``distinct`` - 1.
        counts: how often it occurs in the caption, ``[m]``.
        distinct: how many different n-grams there are.
        places: where each of them begins in the row of words, at one of its occurrences, ``[distinct]``.
    """

    captions: Integers
    ngrams: Integers
    counts: Integers
    distinct: int
    places: Integers


def counted(corpus: Corpus) -> tuple[Captions, Sequence[Ngrams]]:
    """The captions of a corpus, and their n-grams of order 1, 2, 3 and 4; counted once."""
    if "ngrams" not in corpus.derived:
        row = _captions(corpus)
        corpus.derived["ngrams"] = row, list(_orders(row))
    found: tuple[Captions, Sequence[Ngrams]] = corpus.derived["ngrams"]
    return found


def _captions(corpus: Corpus) -> Captions:
    """The corpus as numbers; captions are split at whitespace, as pycocoevalcap's BLEU and CIDEr split them."""
    split = [caption.split() for caption in chain(corpus.hypotheses, chain.from_iterable(corpus.references))]
    numbers: dict[str, int] = {}
    words = [numbers.setdefault(word, len(numbers)) for caption in split for word in caption]
    samples = np.arange(len(corpus), dtype=np.int64)
    return Captions(
        samples=np.concatenate([samples, np.repeat(samples, list(map(len, corpus.references)))]),
        hypotheses=len(corpus),
        lengths=np.fromiter(map(len, split), np.int64, len(split)),
        words=np.array(words, dtype=np.int64),
        vocabulary=list(numbers),
    )


def _orders(row: Captions) -> Iterator[Ngrams]:
    """The n-grams of order 1, 2, 3 and 4 in turn; the number of one is made of its first n-1 words' and its last's."""
    captions = np.repeat(np.arange(len(row.lengths)), row.lengths)
    behind_the_last = np.append(captions, -1)
    starts, numbers, distinct = np.arange(len(captions)), row.words, len(row.vocabulary)
    for order in range(1, ORDER + 1):
        if order > 1:
            longer = behind_the_last[starts + order - 1] == captions[starts]
            starts = starts[longer]
            pairs = numbers[longer] * len(row.vocabulary) + row.words[starts + order - 1]
            different, numbers = np.unique(pairs, return_inverse=True)
            distinct = len(different)
        places = np.empty(distinct, dtype=np.int64)
        places[numbers] = starts
        entries, counts = np.unique(captions[starts] * distinct + numbers, return_counts=True)
        yield Ngrams(*np.divmod(entries, max(1, distinct)), counts, distinct, places)


def shared(row: Captions, found: Ngrams) -> tuple[Integers, Integers]:
    """Where a hypothesis and a reference of the same sample hold the same n-gram: the entries of both, ``[p]`` each."""
    first = int(np.searchsorted(found.captions, row.hypotheses))
    keys = row.samples[found.captions] * found.distinct + found.ngrams
    said, wanted = keys[:first], keys[first:]  # the first are in order
    places = np.searchsorted(said, wanted)
    there = places < first
    there[there] = said[places[there]] == wanted[there]
    return places[there], first + np.flatnonzero(there)


def text(row: Captions, place: int, order: int) -> str:
    """The n-gram that begins at a place, its words joined by single blanks."""
    return " ".join(row.vocabulary[word] for word in row.words[place : place + order])
