"""Random choices that come out the same on every machine and in every Python version."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Item = TypeVar("Item")


class Draws:
    """A stream of choices fixed by its seeds.

    It rests on ``Random.random()`` alone: of all methods of :mod:`random`, only that one is promised to keep
    its sequence across Python versions (library reference, "Notes on Reproducibility").

    Args:
        seeds: values whose texts, joined by colons, seed the stream.
    """

    def __init__(self, *seeds: object) -> None:
        self._random = random.Random(":".join(map(str, seeds)))

    def below(self, limit: int) -> int:
        """An integer from 0 to ``limit - 1``."""
        return int(self._random.random() * limit)

    def between(self, low: int, high: int) -> int:
        """An integer from ``low`` to ``high``, both included."""
        return low + self.below(high - low + 1)

    def pick(self, items: Sequence[Item]) -> Item:
        """One of the items, all equally likely."""
        return items[self.below(len(items))]

    def shuffled(self, items: Iterable[Item]) -> list[Item]:
        """The items in random order."""
        left = list(items)
        return [left.pop(self.below(len(left))) for _ in range(len(left))]
