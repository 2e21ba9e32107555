"""Where a hypothesis and a reference can match: words and phrases, by all four stages, in the order that decides ties.

No stage looks at what another one found. One pair of words can be a stem match, a synonym and a paraphrase at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from benchmark.metrics.meteor.paraphrase_index import ParaphraseIndex
from benchmark.metrics.meteor.paraphrases import Paraphrases, at_hand, find_phrases
from benchmark.metrics.meteor.words import Vocabulary, WordLists

EXACT, STEM, SYNONYM, PARAPHRASE = range(4)

# What a matched word of each stage is worth while the search goes on; the score has other weights.
_SEARCH_WEIGHTS = (1.0, 0.5, 0.5, 0.5)


class Match(NamedTuple):
    """Words of the hypothesis that can match words of the reference which begin at a known place.

    Attributes:
        start: first word of the hypothesis.
        end: behind its last word.
        length: words of the reference.
        mask: bits of the hypothesis' words.
        gain: what the search counts for it; fractions are cut off on each side, so that a lone word is worth
            something only when it matches exactly.
        stage: EXACT, STEM, SYNONYM or PARAPHRASE.
    """

    start: int
    end: int
    length: int
    mask: int
    gain: int
    stage: int


@dataclass(frozen=True, slots=True)
class Sentence:
    """A normalized caption.

    Attributes:
        words: numbers of the vocabulary.
        function: whether each is a function word.
        function_words: how many are.
        keys: equal for sentences that count as identical.
        kinds: for each place what can match there: a number for the word and the phrases that begin with it.
        at: word -> its places, ascending.
        phrases_at: phrase of the table -> the places where it begins, ascending.
    """

    words: tuple[int, ...]
    function: tuple[bool, ...]
    function_words: int
    keys: tuple[int, ...]
    kinds: tuple[int, ...]
    at: Mapping[int, Sequence[int]]
    phrases_at: Mapping[int, Sequence[int]]

    def __len__(self) -> int:
        return len(self.words)


@dataclass(frozen=True, slots=True)
class Matches:
    """What one kind of place in a reference can match in one hypothesis.

    Attributes:
        matches: in the order of the stages.
        covered: the places of the hypothesis' words in all of them.
        longest: words of the reference in the longest of them; 0 when there is none.
    """

    matches: Sequence[Match]
    covered: Sequence[int]
    longest: int


class Candidates:
    """Sentences of one corpus, and what can match in them.

    Args:
        captions: words of each sentence.
    """

    def __init__(self, captions: Sequence[Sequence[str]], lists: WordLists, index: ParaphraseIndex) -> None:
        self._vocabulary = Vocabulary(dict.fromkeys(word for words in captions for word in words), lists)
        occurrences = find_phrases(index, captions)
        self._paraphrases = at_hand(index, occurrences)
        phrases: dict[int, list[int]] = defaultdict(list)  # place among the words of all captions -> phrases
        for place, phrase in zip(occurrences.places.tolist(), occurrences.phrases.tolist(), strict=True):
            if phrase in self._paraphrases.lengths:
                phrases[place].append(phrase)
        self._kinds: dict[tuple[int, ...], int] = {}
        self.sentences = []
        first = 0
        for words in captions:
            self.sentences.append(self._sentence(words, [phrases.get(first + i, ()) for i in range(len(words))]))
            first += len(words) + 1
        self._of_kind = list(self._kinds)

    def _sentence(self, words: Sequence[str], phrases: Sequence[Sequence[int]]) -> Sentence:
        numbers = tuple(self._vocabulary.numbers[word] for word in words)
        function = tuple(self._vocabulary.function[number] for number in numbers)
        kinds = self._kinds
        return Sentence(
            words=numbers,
            function=function,
            function_words=sum(function),
            keys=tuple(self._vocabulary.key(number) for number in numbers),
            kinds=tuple(
                kinds.setdefault((number, *own), len(kinds)) for number, own in zip(numbers, phrases, strict=True)
            ),
            at=_places((number,) for number in numbers),
            phrases_at=_places(phrases),
        )

    def matches(self, kind: int, hypothesis: Sentence) -> Matches:
        """What a place of this kind in a reference can match in a hypothesis."""
        word, *phrases = self._of_kind[kind]
        found = self._words(word, hypothesis)
        if phrases:
            found += self._of_reference(phrases, hypothesis)
            found += self._of_hypothesis(phrases, hypothesis)
        covered = [i for match in found for i in range(match.start, match.end)]
        return Matches(found, covered, max((match.length for match in found), default=0))

    def _words(self, word: int, hypothesis: Sentence) -> list[Match]:
        related = self._vocabulary.related(word)
        found: list[Match] = []
        if related.any.isdisjoint(hypothesis.at):
            return found
        for stage, others in ((EXACT, related.equal), (STEM, related.stem), (SYNONYM, related.synonym)):
            places = sorted(i for other in others & hypothesis.at.keys() for i in hypothesis.at[other])
            found += [_match(stage, i, 1, 1) for i in places]
        return found

    def _of_reference(self, phrases: Iterable[int], hypothesis: Sentence) -> list[Match]:
        """Phrases of the reference replaced by those of the hypothesis; phrases come in order of their length."""
        lengths = self._paraphrases.lengths
        found = []
        for phrase in phrases:
            targets = self._paraphrases.targets.get(phrase, {})
            there = sorted(targets.keys() & hypothesis.phrases_at.keys(), key=targets.__getitem__)
            found += [
                _match(PARAPHRASE, i, lengths[target], lengths[phrase])
                for target in there
                for i in hypothesis.phrases_at[target]
            ]
        return found

    def _of_hypothesis(self, phrases: Iterable[int], hypothesis: Sentence) -> list[Match]:
        """Phrases of the hypothesis replaced by those of the reference, in order of their place."""
        lengths = self._paraphrases.lengths
        found = []
        for phrase in phrases:
            sources = self._paraphrases.sources.get(phrase, {})
            found += [
                (i, lengths[source], sources[source], lengths[phrase])
                for source in sources.keys() & hypothesis.phrases_at.keys()
                for i in hypothesis.phrases_at[source]
            ]
        return [_match(PARAPHRASE, i, length, replaced) for i, length, _, replaced in sorted(found)]


def _places(sequence: Iterable[Iterable[int]]) -> Mapping[int, Sequence[int]]:
    places = defaultdict(list)
    for place, things in enumerate(sequence):
        for thing in things:
            places[thing].append(place)
    return dict(places)


def _match(stage: int, start: int, length: int, reference_length: int) -> Match:
    weight = _SEARCH_WEIGHTS[stage]
    gain = int(length * weight) + int(reference_length * weight)
    return Match(start, start + length, reference_length, ((1 << length) - 1) << start, gain, stage)
