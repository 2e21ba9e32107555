"""What a person sees: progress bars on stderr, tables on stdout."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from benchmark.progress import Advance

# Wide enough for every column where no terminal says how wide it is (a file, a pipe, a CI log).
_PIPE_WIDTH = 200


class _Stdout(Console):
    """Standard output; a reader that has seen enough, as ``head`` has, is no error."""

    def on_broken_pipe(self) -> None:
        self.quiet = True
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(0)


class ProgressBars:
    """A :class:`benchmark.progress.Watcher` with a bar per task; plain lines where stderr is no terminal."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)

    @contextlib.contextmanager
    def task(self, description: str, total: int, done: int = 0) -> Iterator[Advance]:
        if not self._console.is_terminal:
            self.note(f"{description}: {total}" + (f", {done} done before" if done else ""))
            yield lambda steps: None
            return
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=self._console) as progress:
            task = progress.add_task(description, total=total, completed=done)
            yield lambda steps: progress.advance(task, steps)

    def note(self, message: str) -> None:
        self._console.print(message, markup=False, emoji=False, highlight=False, soft_wrap=True)


def print_table(header: Sequence[str], rows: Sequence[Sequence[str]], *, title: str = "") -> None:
    """A table on stdout; columns whose cells are all numbers are set flush right."""
    console = _stdout()
    grid = Table(title=title, title_justify="left", show_edge=False, pad_edge=False)
    for i, name in enumerate(header):
        numeric = all(row[i] == "" or row[i][0].isdigit() for row in rows)
        longest_word = max((len(word) for row in rows for word in row[i].split()), default=0)
        # On a narrow terminal lines break between numbers, never inside one.
        grid.add_column(
            name, justify="right" if numeric else "left", overflow="fold", min_width=longest_word if numeric else None
        )
    for row in rows:
        grid.add_row(*map(Text, row))  # what looks like markup or an emoji code is text
    console.print(grid)


def print_lines(lines: Sequence[str]) -> None:
    """Plain lines on stdout."""
    for line in lines:
        _stdout().print(line, markup=False, emoji=False, highlight=False, soft_wrap=True)


def _stdout() -> Console:
    console = _Stdout()
    return console if console.is_terminal else _Stdout(width=_PIPE_WIDTH)
