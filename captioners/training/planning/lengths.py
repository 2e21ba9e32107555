"""How long examples are, in tokens: what memory and time of a training depend on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from captioners.training.examples import Example

_MOST_BINS = 12
_STEPS = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class Lengths:
    """Tokens of examples: prompt and caption with its end.

    Attributes:
        tokens: of all examples together.
        shortest, median, longest: of one example.
        percentile_95: 95 % of the examples are no longer.
        answer_percentile_95, longest_answer: the same of captions with their ends.
        width: tokens that a bin of the histogram spans.
        first: where the first bin begins.
        histogram: examples in each bin; bin i holds ``first + i * width`` up to, not including, the next one's begin.
    """

    tokens: int
    shortest: int
    median: int
    percentile_95: int
    longest: int
    answer_percentile_95: int
    longest_answer: int
    width: int
    first: int
    histogram: tuple[int, ...]


def lengths(examples: Sequence[Example]) -> Lengths:
    """Of one example or more."""
    whole = sorted(len(example.tokens) for example in examples)
    answers = sorted(len(example.tokens) - example.prompt for example in examples)
    width = _width(whole[-1] - whole[0] + 1)
    first = whole[0] // width * width
    bins = [0] * ((whole[-1] - first) // width + 1)
    for length in whole:
        bins[(length - first) // width] += 1
    return Lengths(
        tokens=sum(whole),
        shortest=whole[0],
        median=percentile(whole, 0.5),
        percentile_95=percentile(whole, 0.95),
        longest=whole[-1],
        answer_percentile_95=percentile(answers, 0.95),
        longest_answer=answers[-1],
        width=width,
        first=first,
        histogram=tuple(bins),
    )


def percentile(ordered: Sequence[int], share: float) -> int:
    """The smallest of the values that at least this share of them does not exceed (nearest rank); 0 < share <= 1."""
    return ordered[math.ceil(share * len(ordered)) - 1]


def _width(span: int) -> int:
    """1, 2 or 5 times a power of ten, so that a span takes few bins."""
    power = 1
    while True:
        for step in _STEPS:
            if step * power * (_MOST_BINS - 1) >= span:
                return step * power
        power *= 10
