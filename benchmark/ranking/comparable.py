"""Which rows may stand in one table: numbers that are computed in different ways never share a column.

Two rows are comparable when they agree in everything that both of them say (tokenizer, renderer, how each column is
computed) and have a column in common. A captioner that sees no pictures says nothing of a renderer and fits any.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence

from benchmark.ranking.row import Row


def apart(rows: Sequence[Row]) -> dict[str, list[str]]:
    """What sets a table apart from the first one -> its captioners; the first one, "", has the most usual way.

    Rows without a number have no table.

    Rows are taken in order of how usual their way is, and join the first table that they are comparable to all rows of.
    Of equally usual ways the COCO evaluation's tokenizer and the document frequencies of the references come first.
    """
    ways: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if not row.columns():
            continue  # it is comparable to nothing, and is shown where the most rows are
        ways[json.dumps(row.way, sort_keys=True)].append(row)

    def usual(way: str) -> tuple[int, bool, bool, str]:
        one = ways[way][0]
        return -len(ways[way]), one.tokenizer != "ptb", not any("|df:references" in w for w in one.way.values()), way

    tables: list[list[Row]] = []
    for way in sorted(ways, key=usual):
        home = next((table for table in tables if all(comparable(ways[way][0], row) for row in table)), None)
        if home is None:
            tables.append(home := [])
        home += ways[way]
    named: dict[str, list[str]] = {}
    for number, table in enumerate(tables, start=1):
        what = _difference(tables[0], table)
        named[what if what not in named else f"{what} (table {number})"] = [row.captioner for row in table]
    return named


def comparable(one: Row, other: Row) -> bool:
    """Whether the numbers of both rows mean the same."""
    common = set(one.columns()) & set(other.columns())
    said = one.way.keys() & other.way.keys()
    return bool(common) and all(one.way[key] == other.way[key] for key in said)


def _difference(first: Sequence[Row], table: Sequence[Row]) -> str:
    """``renderer: backends=['cairosvg 2.9.0']; …``: what the rows of a table say and the first one's say otherwise."""
    if table is first:
        return ""
    usual = {key: said for row in first for key, said in row.way.items()}
    own = {key: said for row in table for key, said in row.way.items()}
    other = [f"{key}: {said}" for key, said in own.items() if usual.get(key, said) != said]
    columns = dict.fromkeys(column for row in table for column in row.columns())
    return "; ".join(other) or f"metrics: {', '.join(columns)}"
