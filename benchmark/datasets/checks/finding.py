"""What a check of a dataset found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

_SHOWN = 3


@dataclass(frozen=True)
class Finding:
    """One kind of doubt about the data; the data stay as they are.

    Attributes:
        what: said of those that were found: "references begin twice".
        count: how many were found.
        total: how many were looked at.
        examples: the first of them: ids of samples, pairs of ids, or texts.
    """

    what: str
    count: int
    total: int
    examples: tuple[str, ...]

    @classmethod
    def of(cls, what: str, found: Iterable[str], total: int) -> list[Finding]:
        """The finding as a list of one; of none when nothing was found."""
        some = list(found)
        return [cls(what, len(some), total, tuple(some[:_SHOWN]))] if some else []

    def __str__(self) -> str:
        more = ", …" if self.count > len(self.examples) else ""
        return f"{self.count} of {self.total} {self.what}: {', '.join(self.examples)}{more}"
