"""Columns of scores by the names that people give them."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from benchmark.errors import UserError
from benchmark.metrics.base import METRICS

MAIN = "CIDEr"


def chosen(names: Sequence[str], columns: Sequence[str]) -> tuple[str, ...]:
    """The columns that are named, in the order of ``columns``; all of them where none is.

    A name is a column in any case, or a metric, which stands for all its columns: "cider", "BLEU-4", "bleu". Raises
    UserError for a name that is neither.
    """
    found = [column for name in names for column in _named(name, columns)]
    return tuple(column for column in columns if column in found or not names)


def main_column(name: str | None, columns: Sequence[str]) -> str:
    """The one column that is named; without a name CIDEr, or the first one. Raises UserError."""
    if name is None:
        return MAIN if MAIN in columns else columns[0]
    named = _named(name, columns)
    if len(named) > 1:
        raise UserError(f"{name!r} is several columns: {', '.join(named)}; name one.")
    return named[0]


def _named(name: str, columns: Sequence[str]) -> list[str]:
    asked = name.strip().lower()
    by_name = {column.lower(): [column] for column in columns}
    by_name |= {metric: there for metric in METRICS if (there := [c for c in METRICS[metric].columns if c in columns])}
    # `rouge_l` is a metric, and the column ROUGE-L is its own name besides.
    if found := by_name.get(asked) or by_name.get(asked.replace("_", "-")):
        return found
    near = difflib.get_close_matches(asked, by_name, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise UserError(f"there is no score {name!r} to compare.{hint} There are: {', '.join(columns)}.")
