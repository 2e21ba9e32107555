"""The registered metric: a corpus in, 23 counts for each sample out."""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Sequence
from itertools import accumulate

import numpy as np

from benchmark.metrics.base import METRICS, Array, Corpus, MetricError
from benchmark.metrics.meteor import source
from benchmark.metrics.meteor.alignment import FIELDS, LONGEST, MOST_CANDIDATES, TooMuch, align, identical, unmatched
from benchmark.metrics.meteor.candidates import candidates
from benchmark.metrics.meteor.normalizer import normalized
from benchmark.metrics.meteor.paraphrase_index import ParaphraseIndex
from benchmark.metrics.meteor.paraphrase_store import open_index
from benchmark.metrics.meteor.request import received
from benchmark.metrics.meteor.scoring import meteor, without_perfect_chunks
from benchmark.metrics.meteor.sentences import Sentences, numbered
from benchmark.metrics.meteor.words import WordLists, read_word_lists
from benchmark.progress import Unwatched, Watcher
from renderers.registry import AVAILABLE, Availability


class Meteor:
    """Weighted F-mean of matched words (exact, stem, synonym, paraphrase) with a fragmentation penalty, best
    reference per sample; the corpus score is that of the summed counts. 0 to 1, higher is better.

    A row is the 23 counts of the best reference, ``[n, 23]`` (``alignment``). A pair of more than 20,000 words or a
    million candidate matches is counted as one in which nothing matches, and a warning says so.
    """

    columns = ("METEOR",)
    upper = 1.0
    signature = "1.5|norm|max-ref|pycocoevalcap-1.2"

    def __init__(self) -> None:
        self._tables: tuple[WordLists, ParaphraseIndex] | None = None

    def availability(self) -> Availability:
        if source.jar() and source.paraphrases():
            return AVAILABLE
        return Availability("the tables of METEOR are not installed", "pip install pycocoevalcap==1.2")

    def prepare(self, watcher: Watcher) -> None:
        """Read the tables; where the paraphrases are not indexed yet, that takes seconds, once. Raises MetricError."""
        self._read(watcher)

    def statistics(self, corpus: Corpus) -> Array:
        lists, index = self._read(Unwatched())
        samples = [received(*sample) for sample in zip(corpus.hypotheses, corpus.references, strict=True)]
        numbers: dict[str, int] = {}  # equal captions are one
        for hypothesis, references in samples:
            for caption in (hypothesis, *references):
                numbers.setdefault(caption, len(numbers))
        corpus_numbers = numbered([normalized(caption, lists.prefixes) for caption in numbers], lists, index)
        rows = [
            row
            for i, (hypothesis, references) in enumerate(samples)
            for row in _rows(numbers[hypothesis], [numbers[reference] for reference in references], corpus_numbers, i)
        ]
        return _best(
            np.array(rows, dtype=np.float64).reshape(-1, FIELDS), [len(references) for _, references in samples]
        )

    def score(self, sums: Array) -> Array:
        return meteor(sums)[..., np.newaxis]

    def _read(self, watcher: Watcher) -> tuple[WordLists, ParaphraseIndex]:
        if self._tables is None:
            jar, table = source.jar(), source.paraphrases()
            if jar is None or table is None:
                raise MetricError(str(self.availability()))
            try:
                self._tables = read_word_lists(jar), open_index(table, watcher)
            except (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile) as error:
                raise MetricError(f"the tables of METEOR cannot be read: {error}; install pycocoevalcap anew") from error
        return self._tables


def _rows(hypothesis: int, references: Sequence[int], corpus: Sentences, sample: int) -> list[list[int]]:
    """The row of each reference."""
    said = corpus.sentences[hypothesis]
    others = [corpus.sentences[reference] for reference in references]
    known = candidates(said, others, corpus)
    rows = []
    for reference in others:
        try:
            rows.append(identical(said, reference) if said.keys == reference.keys else align(said, reference, known))
        except TooMuch:
            warnings.warn(
                f"METEOR: sample {sample + 1} has a pair of {len(said)} and {len(reference)} words, which is more than "
                f"{LONGEST} or can match in more than {MOST_CANDIDATES} ways: nothing is counted as matched",
                stacklevel=4,
            )
            rows.append(unmatched(said, reference))
    return rows


def _best(rows: Array, counts: Sequence[int]) -> Array:
    """Of the rows of each sample's references that of the highest score; of equals the first."""
    rows = without_perfect_chunks(rows)
    scores = meteor(rows)
    ends = list(accumulate(counts))
    return rows[[end - count + int(np.argmax(scores[end - count : end])) for count, end in zip(counts, ends, strict=True)]]


METRICS.register("meteor")(Meteor())
