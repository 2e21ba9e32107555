"""The captions of a corpus as numbers: of words, of phrases of the paraphrase table, and of kinds of places."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmark.metrics.meteor.paraphrase_index import ParaphraseIndex
from benchmark.metrics.meteor.paraphrases import Paraphrases, at_hand, find_phrases
from benchmark.metrics.meteor.words import Vocabulary, WordLists


@dataclass(frozen=True, slots=True)
class Sentence:
    """A normalized caption.

    Attributes:
        words: numbers of the vocabulary.
        keys: equal for sentences that count as identical.
        function: 1 for a function word, 0 for another.
        function_words: how many are.
        kinds: what can match at a place depends on this number only.
        word_set: its different words.
        phrases: places and the phrases of the paraphrases at hand that begin there, shorter ones first.
        phrase_set: its different phrases.
    """

    words: Sequence[int]
    keys: Sequence[int]
    function: Sequence[int]
    function_words: int
    kinds: Sequence[int]
    word_set: frozenset[int]
    phrases: Sequence[tuple[int, int]]
    phrase_set: frozenset[int]

    def __len__(self) -> int:
        return len(self.words)


@dataclass(frozen=True)
class Sentences:
    """The captions of a corpus and what is known of their words.

    Attributes:
        sentences: in the order of the captions.
        vocabulary: their words.
        paraphrases: of which both phrases occur in them.
        kinds: for each kind of place its word and the phrases that begin there, shorter ones first.
    """

    sentences: Sequence[Sentence]
    vocabulary: Vocabulary
    paraphrases: Paraphrases
    kinds: Sequence[tuple[int, Sequence[int]]]


def numbered(captions: Sequence[Sequence[str]], lists: WordLists, index: ParaphraseIndex) -> Sentences:
    """Captions, each as its words, as numbers."""
    vocabulary = Vocabulary(dict.fromkeys(word for words in captions for word in words), lists)
    # All words in one row, with nothing between the captions.
    words = [vocabulary.numbers[word] for caption in captions for word in caption]
    keys = [vocabulary.keys[word] for word in words]
    function = [vocabulary.function[word] for word in words]
    ends = np.cumsum([len(caption) for caption in captions], dtype=np.int64)

    occurrences = find_phrases(index, captions)
    paraphrases = at_hand(index, occurrences)
    matter = np.isin(occurrences.phrases, list(paraphrases.lengths))
    places, phrases = occurrences.places[matter], occurrences.phrases[matter]
    order = np.lexsort((occurrences.lengths[matter], places))
    found = list(zip(places[order].tolist(), phrases[order].tolist(), strict=True))
    found_ends = np.searchsorted(places[order], ends).tolist()

    beginning: dict[int, list[int]] = defaultdict(list)
    for place, phrase in found:
        beginning[place].append(phrase)
    kinds: dict[tuple[int, tuple[int, ...]], int] = {(word, ()): word for word in range(len(vocabulary.keys))}
    kind_at = words.copy()
    for place, own in beginning.items():
        kind_at[place] = kinds.setdefault((words[place], tuple(own)), len(kinds))

    sentences = []
    first = first_found = 0
    for end, found_end in zip(ends.tolist(), found_ends, strict=True):
        own_words, own_function = words[first:end], function[first:end]
        own_found = [(place - first, phrase) for place, phrase in found[first_found:found_end]]
        sentences.append(
            Sentence(
                words=own_words,
                keys=keys[first:end],
                function=own_function,
                function_words=sum(own_function),
                kinds=kind_at[first:end],
                word_set=frozenset(own_words),
                phrases=own_found,
                phrase_set=frozenset([phrase for _, phrase in own_found]),
            )
        )
        first, first_found = end, found_end
    return Sentences(sentences, vocabulary, paraphrases, list(kinds))
