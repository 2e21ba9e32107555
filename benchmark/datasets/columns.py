"""The first records seen column by column: which fields there are, and which of them fit."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from benchmark.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from benchmark.datasets.formats.source import Record


@dataclass(frozen=True, slots=True)
class Columns:
    """Field names, in the order in which they come up, with the values of the first records.

    Attributes:
        file: the file they come from, for messages.
        records: how many records there are.
        values: per field, the values of those records that have it.
    """

    file: str
    records: int
    values: Mapping[str, Sequence[object]]

    @classmethod
    def of(cls, records: Sequence[Record]) -> Columns:
        """The columns of one or more records."""
        values: dict[str, list[object]] = {}
        for record in records:
            for name, value in record.data.items():
                values.setdefault(name, []).append(value)
        return cls(records[0].source.name, len(records), values)

    def named(self, name: str, option: str) -> str:
        """The field that the user names with ``option``, "" for no name; case and ``-_`` may differ.

        Raises:
            UserError: there is no such field; lists those there are.
        """
        if not name or name in self.values:
            return name
        for column in self.values:
            if plain(column) == plain(name):
                return column
        raise UserError(f"{self.file}: there is no field {name!r} ({option}). Its fields: {self}.")

    def first(self, names: Iterable[str], fits: Callable[[object], bool]) -> str:
        """The first of ``names`` that a common field has, otherwise that any field has; "" for none.

        Fields count whose values fit at least once, and those that have no values.
        """
        fitting = [c for name in names for c in self.values if plain(c) == name and self._fits(c, fits)]
        return next(filter(self.is_common, fitting), fitting[0] if fitting else "")

    def is_common(self, column: str) -> bool:
        """Whether at least half of the records have a value there."""
        return 2 * sum(value is not None for value in self.values[column]) >= self.records

    def numbered(self, name: str) -> list[str]:
        """The fields ``NAME_1``, ``NAME2``, … in the order of their numbers."""
        matches = ((re.fullmatch(rf"{name}_?(\d+)", plain(column)), column) for column in self.values)
        return [column for _, column in sorted((int(match[1]), column) for match, column in matches if match)]

    def without(self, *names: str) -> Columns:
        """The other columns."""
        return replace(self, values={name: v for name, v in self.values.items() if name not in names})

    def _fits(self, column: str, fits: Callable[[object], bool]) -> bool:
        there = [value for value in self.values[column] if value is not None]
        return not there or any(map(fits, there))

    def none(self, what: str, names: Iterable[str], option: str) -> UserError:
        """The error that no field holds ``what``."""
        return UserError(
            f"{self.file}: no field holds {what} (looked for {', '.join(names)}). "
            f"Its fields: {self}. Name the right one with {option}."
        )

    def __str__(self) -> str:
        return ", ".join(self.values) or "none"


def plain(name: str) -> str:
    """A field name as names are compared: lower case, ``_`` for ``-`` and blanks."""
    return re.sub(r"[-\s]", "_", name.strip().lower())
