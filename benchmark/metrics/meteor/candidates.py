"""Where a hypothesis and its references can match: words and phrases, all four stages, in an order that breaks ties.

No stage looks at what another one found. One pair of words can be a stem match, a synonym and a paraphrase at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from benchmark.metrics.meteor.sentences import Sentence, Sentences

EXACT, STEM, SYNONYM, PARAPHRASE = range(4)

# What a matched word of each stage is worth while the search goes on; the score has other weights.
_SEARCH_WEIGHTS = (1.0, 0.5, 0.5, 0.5)


LONGEST = 20_000  # words of a caption
MOST = 500_000  # candidate matches of a hypothesis with all its references


class TooMuch(Exception):
    """A sample that would take too long to align: a caption is too long, or too much in it can match."""


class Match(NamedTuple):
    """Words of the hypothesis that can match words of the reference which begin at a known place.

    Attributes:
        stage: EXACT, STEM, SYNONYM or PARAPHRASE.
        start: first word of the hypothesis.
        end: behind its last word.
        length: words of the reference.
        mask: bits of the hypothesis' words.
        gain: what the search counts for it; fractions are cut off on each side, so that a lone word is worth
            something only when it matches exactly.
    """

    stage: int
    start: int
    end: int
    length: int
    mask: int
    gain: int


class Matches(NamedTuple):
    """What one kind of place in a reference can match in one hypothesis.

    Attributes:
        matches: in the order of the stages; never none.
        covered: the places of the hypothesis' words in all of them.
        longest: words of the reference in the longest of them.
    """

    matches: Sequence[Match]
    covered: Sequence[int]
    longest: int


def candidates(hypothesis: Sentence, references: Sequence[Sentence], corpus: Sentences) -> Mapping[int, Matches | None]:
    """For each kind of place in the references of a hypothesis what it can match; None for nothing.

    Raises:
        TooMuch: more than ``LONGEST`` words or ``MOST`` candidates, before they take their time and memory. The search
            looks at each candidate 40 times at most.
    """
    if max(len(sentence) for sentence in (hypothesis, *references)) > LONGEST:
        raise TooMuch
    words = _words(hypothesis, frozenset().union(*(reference.word_set for reference in references)), corpus)
    wanted = frozenset().union(*(reference.phrase_set for reference in references))
    of_reference = _of_reference(hypothesis, wanted, corpus)
    of_hypothesis = _of_hypothesis(hypothesis, wanted, corpus)
    replaceable = of_reference.keys() | of_hypothesis.keys()
    known: dict[int, Matches | None] = {}
    for kind in set().union(*(reference.kinds for reference in references)):
        word, phrases = corpus.kinds[kind]
        matches = words.get(word, [])
        if phrases and not replaceable.isdisjoint(phrases):
            matches = matches + [match for phrase in phrases for match in of_reference.get(phrase, ())]
            # All phrases that begin at one place together, in the order of the places in the hypothesis.
            replaced = sorted([found for phrase in phrases for found in of_hypothesis.get(phrase, ())])
            matches += [found[-1] for found in replaced]
        known[kind] = _together(matches) if matches else None
    _check(sum([len(found.matches) for sentence in references for kind in sentence.kinds if (found := known[kind])]))
    return known


def _check(count: int) -> None:
    if count > MOST:
        raise TooMuch


def _together(matches: Sequence[Match]) -> Matches:
    if len(matches) == 1:
        (match,) = matches
        return Matches(matches, range(match.start, match.end), match.length)
    covered = [i for _, start, end, _, _, _ in matches for i in range(start, end)]
    return Matches(matches, covered, max([length for _, _, _, length, _, _ in matches]))


def _words(hypothesis: Sentence, wanted: frozenset[int], corpus: Sentences) -> Mapping[int, list[Match]]:
    """Word of the references -> its matches: exact ones, then stems, then synonyms, each in order of their place."""
    found: dict[int, list[Match]] = defaultdict(list)
    mixed = set()
    count = 0
    for place, word in enumerate(hypothesis.words):
        related = corpus.vocabulary.related(word)
        exact = _match(EXACT, place, 1, 1)
        others = related.any & wanted
        count += len(others)
        _check(count)
        for other in others:
            if other in related.equal:
                found[other].append(exact)
                continue
            mixed.add(other)
            if other in related.stem:
                found[other].append(_match(STEM, place, 1, 1))
            if other in related.synonym:
                found[other].append(_match(SYNONYM, place, 1, 1))
    for other in mixed:
        found[other].sort()
    return found


def _of_reference(hypothesis: Sentence, wanted: frozenset[int], corpus: Sentences) -> Mapping[int, Sequence[Match]]:
    """Phrase of the references -> where it can be replaced by one of the hypothesis: in the order of the table."""
    lengths, sources = corpus.paraphrases.lengths, corpus.paraphrases.sources
    found: dict[int, list[tuple[int, int, Match]]] = defaultdict(list)
    count = 0
    for place, target in hypothesis.phrases:
        ranks = sources.get(target)
        if ranks:
            others = ranks.keys() & wanted
            count += len(others)
            _check(count)
            for source in others:
                match = _match(PARAPHRASE, place, lengths[target], lengths[source])
                found[source].append((ranks[source], place, match))
    return {source: [match for _, _, match in sorted(own)] for source, own in found.items()}


def _of_hypothesis(
    hypothesis: Sentence, wanted: frozenset[int], corpus: Sentences
) -> Mapping[int, Sequence[tuple[int, int, int, Match]]]:
    """Phrase of the references -> which of the hypothesis it can replace: place, length, rank in the table, match."""
    lengths, targets = corpus.paraphrases.lengths, corpus.paraphrases.targets
    found: dict[int, list[tuple[int, int, int, Match]]] = defaultdict(list)
    count = 0
    for place, source in hypothesis.phrases:
        ranks = targets.get(source)
        if ranks:
            length = lengths[source]
            others = ranks.keys() & wanted
            count += len(others)
            _check(count)
            for target in others:
                match = _match(PARAPHRASE, place, length, lengths[target])
                found[target].append((place, length, ranks[target], match))
    return found


@lru_cache(maxsize=4096)
def _match(stage: int, start: int, length: int, reference_length: int) -> Match:
    weight = _SEARCH_WEIGHTS[stage]
    gain = int(length * weight) + int(reference_length * weight)
    return Match(stage, start, start + length, reference_length, ((1 << length) - 1) << start, gain)
