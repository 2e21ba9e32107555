"""``render`` with one backend: a PNG per drawing, and what the command's other ways of printing share."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from benchmark.cli.display import ProgressBars, print_lines, print_table
from benchmark.cli.renderings import counts, problems, totals_record, write_renderings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchmark.cli.drawings import Drawing
    from renderers import RenderOptions
    from renderers.comparison.side_by_side import Bounds

_SHOWN = 10
"""How many problems, and reasons of each kind, are printed."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for whatever is drawn: the backends, how their pools work, where files go, and JSON or tables."""

    backends: tuple[str, ...]
    bounds: Bounds
    out: Path
    as_json: bool


def pictures(asked: Asked, drawings: Sequence[Drawing], options: RenderOptions) -> list[Drawing]:
    """Draw with one backend; pictures and ``renderings.csv`` go to the folder. Returns what failed."""
    with ProgressBars().task(f"drawing with {options.backend}", len(drawings)) as drawn:
        made = write_renderings(drawings, options, asked.bounds, asked.out, drawn)
    table = asked.out / "renderings.csv"
    totals, happened, wrong = (
        totals_record(options.backend, made.outcomes),
        counts(made.outcomes),
        problems(made.outcomes),
    )
    number = sum(map(bool, made.files))
    if asked.as_json:
        written = {"folder": str(asked.out), "pictures": number, "table": str(table)}
        print_json(
            {**totals, "seconds": round(made.seconds, 3), "counts": happened, "problems": wrong, "written": written}
        )
    else:
        print_totals([totals], what(drawings, options))
        _print_counts(happened)
        print_problems(wrong, table)
        print_lines(["", f"{made.seconds:.1f} s; written: {number} PNG files in {asked.out}, {table}"])
    return made.failed(drawings)


def what(drawings: Sequence[Drawing], options: RenderOptions) -> str:
    """``400 drawings, 224 x 224 pixels on white``: the title of a table."""
    width, height = options.size()
    unrepaired = "" if options.repair else ", not repaired"
    return f"{len(drawings)} drawings, {width} x {height} pixels on {options.background}{unrepaired}"


def print_json(document: Mapping[str, Any]) -> None:
    """The one JSON document on stdout."""
    click.echo(json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False))


def print_totals(records: Sequence[Mapping[str, Any]], title: str) -> None:
    """A row per backend."""
    heads = {"milliseconds": "ms/drawing", "slowest": "slowest ms"}
    cells = [[f"{value:.2f}" if isinstance(value, float) else str(value) for value in row.values()] for row in records]
    print_table([heads.get(name, name) for name in records[0]], cells, title=title)


def print_problems(wrong: Sequence[Mapping[str, str]], table: Path) -> None:
    """The first of what failed, then of what is blank; the rest stands in ``table``."""
    for status in ("failed", "blank"):
        there = [one for one in wrong if one["status"] == status]
        if there:
            lines = [f"  {one['id']} ({one['backend']}): {one['reason']}" for one in there[:_SHOWN]]
            more = [f"  … and {len(there) - _SHOWN} more, see {table}"] if len(there) > _SHOWN else []
            print_lines(["", f"{status}:", *lines, *more])


def _print_counts(happened: Mapping[str, Mapping[str, int]]) -> None:
    rows = [
        [kind, name, str(count)] for kind, named in happened.items() for name, count in list(named.items())[:_SHOWN]
    ]
    if rows:
        print_lines([""])
        print_table(["what happened", "which", "drawings"], rows)
