"""``python -m benchmark leaderboard``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from benchmark.cli.options import json_option
from benchmark.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchmark.ranking import Row
    from benchmark.store import SampleSet

EPILOG = """\b
Examples:
  python -m benchmark leaderboard
  python -m benchmark leaderboard my-results --json"""


@click.command("leaderboard", epilog=EPILOG)
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False), default=Path("results"))
@json_option
def command(directory: Path, as_json: bool) -> None:
    """Rebuild leaderboard.csv, .md and .tex from the runs below DIRECTORY (results)."""
    from benchmark import leaderboard
    from benchmark.cli.display import print_lines
    from benchmark.ranking import rows
    from benchmark.store import sample_sets

    found = sample_sets(directory)
    if not found:
        raise UserError(f"{directory} holds no runs. Make some first: python -m benchmark run --captioners all")
    written = leaderboard.write(directory)
    if as_json:
        document = {str(one.path): leaderboard.records(one, rows(one)) for one in found}
        click.echo(json.dumps(document, ensure_ascii=False, indent=2))
        return
    for sample_set in found:
        print_sample_set(sample_set, rows(sample_set))
    print_lines([f"written: {', '.join(map(str, written))}"])


def print_problems(problems: Mapping[str, Mapping[str, int]]) -> None:
    """A table of captioner and kind of problem, with the captions that have it; nothing where there is none."""
    from benchmark.cli.display import print_lines, print_table
    from benchmark.metrics.validity import KINDS

    kinds = [kind for kind in KINDS if any(kind in found for found in problems.values())]
    if kinds:
        print_lines(["", "problems of captions (which samples: per_sample.csv)"])  # longer than the table is wide
        body = [[name, *(str(found.get(kind, "")) for kind in kinds)] for name, found in problems.items() if found]
        print_table(["captioner", *kinds], body)


def print_sample_set(sample_set: SampleSet, rows: Sequence[Row]) -> None:
    """The table of one sample set, and below it who is not in it and why."""
    from benchmark.cli.display import print_lines, print_table
    from benchmark.tables import cells, title

    print_table(*cells(rows), title=title(sample_set, rows))
    print_problems({row.captioner: row.problems for row in rows})
    print_lines([f"{row.captioner}: {row.status}: {row.reason}" for row in rows if row.status != "ok"])
