"""Counts of what matches between a hypothesis and a reference, from which METEOR is computed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from benchmark.metrics.meteor.candidates import Match, Matches
from benchmark.metrics.meteor.search import search
from benchmark.metrics.meteor.sentences import Sentence

# A row: words of hypothesis and reference, function words of each; per stage the matched content words of hypothesis
# and reference, then function words of both; chunks; matched words of hypothesis and reference.
FIELDS = 23
CHUNKS, HYPOTHESIS_MATCHES, REFERENCE_MATCHES = 20, 21, 22


def unmatched(hypothesis: Sentence, reference: Sentence) -> list[int]:
    """The row of a pair in which nothing matches."""
    lengths = [len(hypothesis), len(reference), hypothesis.function_words, reference.function_words]
    return lengths + [0] * (FIELDS - len(lengths))


def align(hypothesis: Sentence, reference: Sentence, known: Mapping[int, Matches | None]) -> list[int]:
    """The row of one pair of sentences that are not identical.

    Args:
        known: what can match, of :func:`candidates.candidates` for this hypothesis and all its references.
    """
    found = [known[kind] for kind in reference.kinds]
    options, chosen = _fixed(found, len(hypothesis))
    if any(options):
        linked = search(options, chosen, len(hypothesis))
        while linked is not None:
            (place, match), linked = linked
            chosen[place] = match
    return _counts(hypothesis, reference, chosen)


def identical(hypothesis: Sentence, reference: Sentence) -> list[int]:
    """The row of a pair with equal keys.

    Every word matches its own place: the search, which would have exact matches only, ranks that path first.

    It gains the most, closes no chunk on its way and has no distance, and of equals it is the first.
    """
    row = unmatched(hypothesis, reference)
    length = len(hypothesis)
    own, other = hypothesis.function_words, reference.function_words
    row[4:8] = length - own, length - other, own, other
    row[CHUNKS:] = min(length, 1), length, length
    return row


def _fixed(found: Sequence[Matches | None], length: int) -> tuple[list[Sequence[Match]], list[Match | None]]:
    """For each place of the reference the matches that compete, and the one that competes with none."""
    covered = [0] * length
    reference_covered = [0] * len(found)
    for place, here in enumerate(found):
        if here is not None:
            for i in here.covered:
                covered[i] += 1
            if here.longest == 1:
                reference_covered[place] += len(here.matches)
            else:
                for match in here.matches:
                    for i in range(place, place + match.length):
                        reference_covered[i] += 1
    options: list[Sequence[Match]] = []
    fixed: list[Match | None] = []
    for place, here in enumerate(found):
        alone = None
        if here is not None and len(here.matches) == 1 and reference_covered[place] == 1:
            (match,) = here.matches
            others = [covered[i] for i in here.covered] + reference_covered[place : place + match.length]
            if max(others) == 1:
                alone = match
        fixed.append(alone)
        options.append(here.matches if here is not None and alone is None else ())
    return options, fixed


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
