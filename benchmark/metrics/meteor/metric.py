"""The registered metric: a corpus in, 23 counts for each sample out."""

from __future__ import annotations

import gc
import warnings
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import accumulate

import numpy as np

from benchmark.metrics.base import METRICS, Array, Corpus, MetricError
from benchmark.metrics.meteor import source
from benchmark.metrics.meteor.alignment import FIELDS, align, identical, unmatched
from benchmark.metrics.meteor.candidates import LONGEST, MOST, Matches, TooMuch, candidates
from benchmark.metrics.meteor.normalizer import normalized
from benchmark.metrics.meteor.paraphrase_index import ParaphraseIndex
from benchmark.metrics.meteor.paraphrase_store import open_index
from benchmark.metrics.meteor.request import received
from benchmark.metrics.meteor.scoring import meteor, without_perfect_chunks
from benchmark.metrics.meteor.sentences import Sentence, Sentences, numbered
from benchmark.metrics.meteor.words import WordLists, read_word_lists
from benchmark.progress import Unwatched, Watcher
from renderers.registry import AVAILABLE, Availability


class Meteor:
    """F-mean of words matched as such, by stem, synonym or paraphrase, with a fragmentation penalty.

    METEOR = (1 - γ (chunks / matches)^β) · P R / (α P + (1 - α) R), P and R being weighted shares of matched words;
    best reference per sample; the corpus score is that of the summed counts. 0 to 1; higher is better.

    Denkowski and Lavie 2014, "Meteor universal: language specific translation evaluation for any target language",
    WMT; version 1.5 as pycocoevalcap 1.2 starts it.

    A row is the 23 counts of the best reference, ``[n, 23]`` (``alignment``). Time and memory are bounded for every
    sample: with a caption of more than 20,000 words, or with more than half a million candidate matches, nothing is
    counted as matched, unless a reference equals the caption, and a warning says so.
    """

    columns = ("METEOR",)
    upper = 1.0
    unit = "F-score"
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
        with _no_collection():
            known = numbered([normalized(caption, lists.prefixes) for caption in numbers], lists, index)
            rows = [
                row
                for i, (hypothesis, references) in enumerate(samples)
                for row in _rows(
                    known.sentences[numbers[hypothesis]], [known.sentences[numbers[r]] for r in references], known, i
                )
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
                raise MetricError(f"the tables of METEOR are spoiled: {error}; install pycocoevalcap anew") from error
        return self._tables


@contextmanager
def _no_collection() -> Iterator[None]:
    """Without the cyclic garbage collector, which would walk through millions of tuples that hold no cycles."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _rows(hypothesis: Sentence, references: Sequence[Sentence], corpus: Sentences, sample: int) -> list[list[int]]:
    """The row of each reference."""
    known: Mapping[int, Matches | None] | None = {}
    try:
        if others := [reference for reference in references if reference.keys != hypothesis.keys]:
            known = candidates(hypothesis, others, corpus)
    except TooMuch:
        warnings.warn(
            f"METEOR: sample {sample + 1} has a caption of more than {LONGEST} words or more than {MOST} candidate "
            "matches: only references that equal the caption are counted as matched",
            stacklevel=4,
        )
        known = None
    rows = []
    for reference in references:
        if hypothesis.keys == reference.keys:
            rows.append(identical(hypothesis, reference))
        elif known is None:
            rows.append(unmatched(hypothesis, reference))
        else:
            rows.append(align(hypothesis, reference, known))
    return rows


def _best(rows: Array, counts: Sequence[int]) -> Array:
    """Of the rows of each sample's references that of the highest score; of equals the first."""
    rows = without_perfect_chunks(rows)
    scores = meteor(rows)
    firsts = accumulate(counts, initial=0)
    return rows[[first + int(np.argmax(scores[first : first + n])) for first, n in zip(firsts, counts, strict=False)]]


METRICS.register("meteor")(Meteor())
