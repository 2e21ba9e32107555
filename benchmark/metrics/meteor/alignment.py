"""Counts of what matches between a hypothesis and a reference, from which METEOR is computed."""

from __future__ import annotations

from benchmark.metrics.meteor.candidates import Candidates, Match, Matches, Sentence
from benchmark.metrics.meteor.search import search

# A row: words of hypothesis and reference, function words of each; per stage the matched content words of hypothesis
# and reference, then function words of both; chunks; matched words of hypothesis and reference.
FIELDS = 23
CHUNKS, HYPOTHESIS_MATCHES, REFERENCE_MATCHES = 20, 21, 22

LONGEST = 20_000
MOST_CANDIDATES = 1_000_000


class TooMuch(Exception):
    """A pair that would take too long: more than ``LONGEST`` words or ``MOST_CANDIDATES`` candidate matches."""


def unmatched(hypothesis: Sentence, reference: Sentence) -> list[int]:
    """The row of a pair in which nothing matches."""
    lengths = [len(hypothesis), len(reference), hypothesis.function_words, reference.function_words]
    return lengths + [0] * (FIELDS - len(lengths))


def align(
    hypothesis: Sentence, reference: Sentence, candidates: Candidates, known: dict[int, Matches]
) -> list[int]:
    """The row of one pair.

    Args:
        known: what was found for this hypothesis so far, by kind of place; filled for its other references.

    Raises:
        TooMuch: before anything of it takes time or memory.
    """
    if hypothesis.keys == reference.keys:
        return _identical(hypothesis, reference)
    if len(hypothesis) > LONGEST or len(reference) > LONGEST:
        raise TooMuch
    found: list[Matches] = []
    count = 0
    for kind in reference.kinds:
        here = known.get(kind)
        if here is None:
            here = known[kind] = candidates.matches(kind, hypothesis)
        found.append(here)
        count += len(here.matches)
        if count > MOST_CANDIDATES:
            raise TooMuch
    if not count:
        return unmatched(hypothesis, reference)
    chosen, options = _fixed(found, len(hypothesis))
    if any(options):
        linked = search(options, chosen)
        while linked is not None:
            place, match, linked = linked
            chosen[place] = match
    return _counts(hypothesis, reference, chosen)


def _identical(hypothesis: Sentence, reference: Sentence) -> list[int]:
    """Every word matches its own place: the search, which would have exact matches only, ranks that path first.

    It gains the most, closes no chunk on its way and has no distance, and of equals it is the first.
    """
    row = unmatched(hypothesis, reference)
    length = len(hypothesis)
    own, other = hypothesis.function_words, reference.function_words
    row[4:8] = length - own, length - other, own, other
    row[CHUNKS:] = min(length, 1), length, length
    return row


def _fixed(found: list[Matches], length: int) -> tuple[list[Match | None], list[tuple[Match, ...] | list[Match]]]:
    """For each place of the reference the match that competes with none, and those that compete."""
    covered = [0] * length
    reference_covered = [0] * len(found)
    for place, here in enumerate(found):
        for i in here.covered:
            covered[i] += 1
        if here.longest <= 1:
            reference_covered[place] += len(here.matches)
        else:
            for match in here.matches:
                for i in range(place, place + match.length):
                    reference_covered[i] += 1
    fixed: list[Match | None] = []
    options = []
    for place, here in enumerate(found):
        matches = here.matches
        if len(matches) == 1:
            match = matches[0]
            if (
                reference_covered[place] == 1
                and all(covered[i] == 1 for i in here.covered)
                and all(reference_covered[i] == 1 for i in range(place + 1, place + match.length))
            ):
                fixed.append(match)
                options.append(())
                continue
        fixed.append(None)
        options.append(matches)
    return fixed, options


def _counts(hypothesis: Sentence, reference: Sentence, chosen: list[Match | None]) -> list[int]:
    row = unmatched(hypothesis, reference)
    place, behind, end = 0, -1, -1
    while place < len(chosen):
        match = chosen[place]
        if match is None:
            place += 1
            continue
        if place != behind or match.start != end:
            row[CHUNKS] += 1
        behind, end = place + match.length, match.end
        stage = 4 + 4 * match.stage
        for i in range(match.start, end):
            row[stage + 2 * hypothesis.function[i]] += 1
        for i in range(place, behind):
            row[stage + 1 + 2 * reference.function[i]] += 1
        row[HYPOTHESIS_MATCHES] += end - match.start
        row[REFERENCE_MATCHES] += match.length
        place = behind
    return row
