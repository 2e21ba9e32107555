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
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", line)), default=0))
    blank = " " if line[0] == "`" or line[-1] == "`" else ""
    # A table is split at its bars before code is looked for, and takes the backslash away.
    return f"{fence}{blank}{line}{blank}{fence}".replace("|", "\\|")


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table, a line for each row; cells hold Markdown without line ends."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)
