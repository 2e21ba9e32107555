"""Markdown that stays what it is meant to be, whatever a captioner said.

Pull requests and job summaries show what is written here: a caption must not mention people, load pictures or break a
table. Inside a code span nothing is interpreted, so that is where texts of strangers go.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

LONGEST = 200


def code(text: str) -> str:
    """``text`` as a code span for a table's cell: one line, cut at :data:`LONGEST` characters; "*empty*" for none."""
    line = " ".join(text.split())
    if not line:
        return "*empty*"
    if len(line) > LONGEST:
        line = line[: LONGEST - 1] + "…"
    fence = _fence(line, 1)
    blank = " " if line[0] == "`" or line[-1] == "`" else ""
    # A table is split at its bars before code is looked for, and takes the backslash away.
    return f"{fence}{blank}{line}{blank}{fence}".replace("|", "\\|")


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table, a line for each row; cells hold Markdown without line ends."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def block(lines: Sequence[str]) -> str:
    """The lines as they are, in which nothing is interpreted."""
    text = "\n".join(" ".join(line.split()) for line in lines)
    fence = _fence(text, 3)
    return f"{fence}text\n{text}\n{fence}"


def _fence(text: str, least: int) -> str:
    """More backquotes than stand together anywhere in the text."""
    return "`" * max(least, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
