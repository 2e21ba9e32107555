"""One sample as the reference implementation receives it: a line, taken apart again at its separators."""

from __future__ import annotations

import re
from collections.abc import Sequence

_SEPARATOR = "|||"
_LINE_BREAK = re.compile("[\n\r]")
_TRIMMED = "".join(map(chr, range(0x21)))


def received(hypothesis: str, references: Sequence[str]) -> tuple[str, list[str]]:
    """Hypothesis and references behind the line: a separator within a reference makes two of it.

    A line break, which would put the replies of the jar out of step, is a blank here.
    """
    cleaned = hypothesis.replace(_SEPARATOR, "").replace("  ", " ")
    line = _LINE_BREAK.sub(" ", f" {_SEPARATOR} ".join([*(references or [""]), cleaned]))
    *pieces, last = (piece.strip(_TRIMMED) for piece in line.split(_SEPARATOR))
    return last, pieces
