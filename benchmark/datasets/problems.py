"""Several faults of one source, shown together."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from benchmark.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator

Item = TypeVar("Item")


class Problems:
    """Collects errors; raises them as one when there are more than ``limit``, or when asked at the end."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._errors: list[str] = []

    def add(self, error: UserError) -> None:
        """Note an error. Raises UserError with those before it when there are ``limit`` of them already."""
        if len(self._errors) >= self._limit:
            raise UserError("\n".join([*self._errors, "… and more."]))
        self._errors.append(str(error))

    def until_broken(self, items: Iterator[Item]) -> Iterator[Item]:
        """The items up to where reading them fails; the failure is noted."""
        try:
            yield from items
        except UserError as error:
            self.add(error)

    def raise_any(self) -> None:
        """Raise UserError with all that was noted, one a line, if anything was."""
        if self._errors:
            raise UserError("\n".join(self._errors))
