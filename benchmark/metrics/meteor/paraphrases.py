"""The paraphrases that can matter for a corpus: both phrases stand in some sentence of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmark.metrics.meteor.paraphrase_index import LONGEST, ParaphraseIndex

_BLOCK = 1 << 16  # source phrases looked up at a time


@dataclass(frozen=True, slots=True)
class Paraphrases:
    """Entries of the table at hand; phrases are numbers.

    Attributes:
        lengths: phrase -> its words, for every phrase of an entry.
        targets: source -> its targets, with their places in the order of the table.
        sources: target -> its sources, with the target's place among each source's.
    """

    lengths: Mapping[int, int]
    targets: Mapping[int, Mapping[int, int]]
    sources: Mapping[int, Mapping[int, int]]


@dataclass(frozen=True, slots=True)
class Occurrences:
    """Where the phrases of the table stand in sentences that lie one behind the other, ``[n]`` each.

    Attributes:
        places: index of the first word among the words of all sentences.
        phrases: nodes of the index.
        lengths: words.
    """

    places: npt.NDArray[np.int64]
    phrases: npt.NDArray[np.int64]
    lengths: npt.NDArray[np.int64]


def find_phrases(index: ParaphraseIndex, sentences: Sequence[Sequence[str]]) -> Occurrences:
    """Every place where words of a sentence are a phrase of the table, or the beginning of one."""
    number = index.words.get
    words = np.array([number(word, 0) for sentence in sentences for word in sentence], dtype=np.int64)
    ends = np.repeat(np.cumsum(lengths := [len(sentence) for sentence in sentences]), lengths)
    places = np.arange(len(words))
    parents = np.full(len(places), -1, dtype=np.int64)
    levels = []
    for length in range(1, LONGEST + 1):
        room = places + length <= ends[places]
        places, parents = places[room], parents[room]
        nodes = index.find(parents, words[places + length - 1])
        there = nodes >= 0
        places, parents = places[there], nodes[there]
        levels.append((places, parents, np.full(len(places), length, dtype=np.int64)))
    return Occurrences(*(np.concatenate(column) for column in zip(*levels, strict=True)))


def at_hand(index: ParaphraseIndex, occurrences: Occurrences) -> Paraphrases:
    """The entries whose source and target both occur."""
    phrases, firsts = np.unique(occurrences.phrases, return_index=True)
    present = np.zeros(len(index.edges), dtype=np.bool_)
    present[phrases] = True
    lengths = dict(zip(phrases.tolist(), occurrences.lengths[firsts].tolist(), strict=True))
    targets: dict[int, dict[int, int]] = defaultdict(dict)
    sources: dict[int, dict[int, int]] = defaultdict(dict)
    for start in range(0, len(phrases), _BLOCK):
        found, replaced_by = index.paraphrases(phrases[start : start + _BLOCK])
        kept = present[replaced_by]
        for source, target in zip(found[kept].tolist(), replaced_by[kept].tolist(), strict=True):
            own = targets[source]
            sources[target][source] = own[target] = len(own)
    return Paraphrases({p: lengths[p] for p in targets.keys() | sources.keys()}, dict(targets), dict(sources))
