"""What long work reports to whoever watches: a command's progress bars, a notebook's, or nobody."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Protocol

Advance = Callable[[int], None]


class Watcher(Protocol):
    """Is told what is being done and how far it is."""

    def task(self, description: str, total: int, done: int = 0) -> AbstractContextManager[Advance]:
        """Open a task of ``total`` steps, ``done`` of them done before; what it gives is called with further steps."""
        ...

    def note(self, message: str) -> None:
        """One line that the user should see."""
        ...


class Unwatched:
    """For library use: reports to nobody."""

    @contextlib.contextmanager
    def task(self, description: str, total: int, done: int = 0) -> Iterator[Advance]:
        yield lambda steps: None

    def note(self, message: str) -> None:
        """Nobody reads it."""
