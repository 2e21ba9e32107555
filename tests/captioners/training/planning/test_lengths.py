"""Numbers about lengths, by hand."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from captioners.training.examples import Example
from captioners.training.planning.lengths import lengths, percentile


def made(whole: Sequence[int], answer: int = 1) -> list[Example]:
    return [Example(str(place), (0,) * length, length - answer) for place, length in enumerate(whole)]


def test_numbers_of_a_few() -> None:
    found = lengths([*made([30, 10, 24]), *made([20], answer=5)])
    assert (found.tokens, found.shortest, found.median, found.longest) == (84, 10, 20, 30)
    assert (found.percentile_95, found.longest_answer, found.answer_percentile_95) == (30, 5, 5)
    # 10 to 30 are 21 lengths: eleven bins of 2
    assert (found.first, found.width, found.histogram) == (10, 2, (1, 0, 0, 0, 0, 1, 0, 1, 0, 0, 1))


@pytest.mark.parametrize(
    ("whole", "first", "width"),
    [([7], 7, 1), ([100, 5351], 0, 500), ([999, 1000], 999, 1), ([1, 12], 0, 2), ([1, 11], 1, 1), ([60, 110], 60, 5)],
)
def test_bins_are_round_and_few_and_hold_everything(whole: list[int], first: int, width: int) -> None:
    found = lengths(made(whole))
    assert (found.first, found.width) == (first, width)
    assert len(found.histogram) <= 12
    assert sum(found.histogram) == len(whole)
    assert found.histogram[-1] > 0


def test_a_percentile_is_one_of_the_values() -> None:
    assert percentile(range(1, 101), 0.95) == 95
    assert percentile([3, 9], 0.5) == 3
    assert percentile([3, 9], 0.51) == 9
    assert percentile([4], 0.95) == 4
