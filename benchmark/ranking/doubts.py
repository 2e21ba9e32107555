"""What is doubtful about rows: numbers off their column's scale, and rows that are too much like another one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from benchmark.metrics.columns import Column
from benchmark.ranking.row import Row

# Scores that agree to so many digits behind the point, in so many columns, on different captions are no accident.
_DIGITS = 4
_COLUMNS = 2


def on_scale(row: Row, columns: Mapping[str, Column]) -> Row:
    """The row without the numbers that cannot be what their column holds; each of them is flagged."""
    off = [
        column
        for column in row.columns()
        if column in columns
        and not all(columns[column].holds(row.scores[column][key]) for key in _numbers(row, column))
    ]
    said = {column: f"{row.score(column):.6g} is off the scale, {columns[column].scale()}" for column in off}
    replaced = {column: {"unavailable": said[column], "signature": row.scores[column]["signature"]} for column in off}
    flags = [f"{column} {what}" for column, what in said.items()]
    return replace(row, scores={**row.scores, **replaced}).flagged(*flags)


def _numbers(row: Row, column: str) -> list[str]:
    return [key for key in ("score", "low", "high") if row.scores[column].get(key) is not None]


def with_twins(rows: Sequence[Row]) -> list[Row]:
    """Say which rows have exactly the same captions, and which have the same scores with other captions.

    The first is one model under two names, or a mistake; the second a mistake. Scores are the same when two columns or
    more are not 0 and agree to four digits behind the point.
    """
    names: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        names[row.captions].append(row.captioner)
    flagged = []
    for row in rows:
        twins = [name for name in names[row.captions] if row.captions and name != row.captioner]
        flags = [f"same captions as {', '.join(twins)}"] if twins else []
        for other in rows:
            same = _same(row, other)
            if (
                other.captioner != row.captioner
                and len(same) >= _COLUMNS
                and not (row.captions and row.captions == other.captions)
            ):
                said = ", with other captions" if row.captions and other.captions else ""
                flags.append(f"same {', '.join(same)} as {other.captioner} to four digits{said}")
        flagged.append(row.flagged(*flags))
    return flagged


def _same(row: Row, other: Row) -> list[str]:
    rounded = [{column: f"{one.score(column):.{_DIGITS}f}" for column in one.columns()} for one in (row, other)]
    zero = f"{0:.{_DIGITS}f}"
    return [column for column, value in rounded[0].items() if value != zero and rounded[1].get(column) == value]
