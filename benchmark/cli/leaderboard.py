"""``python -m benchmark leaderboard``."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from benchmark.cli.options import json_option
from benchmark.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchmark.ranking import Table

EPILOG = """\b
Examples:
  python -m benchmark leaderboard
  python -m benchmark leaderboard my-results --json
  python -m benchmark leaderboard --rank-by METEOR --format latex
  python -m benchmark leaderboard --by group
  python -m benchmark leaderboard --by elements --format csv
  python -m benchmark leaderboard --rank-by composite --composite "BLEU-1 + METEOR + ROUGE-L"
  python -m benchmark leaderboard --reported papers.csv
  python -m benchmark leaderboard --columns

Rank 1 + n: n captioners are significantly better (paired test, corrected over all pairs of the table). Rows that
share a rank cannot be told apart. Rows of other samples, metrics or renderers stand in tables of their own.
papers.csv: captioner,dataset,source,n and columns of metrics; its rows are marked, checked and never ranked."""

_FORMATS = {"csv": ".csv", "markdown": ".md", "latex": ".tex", "json": ".json", "pairs": ".pairs.csv"}


@click.command("leaderboard", epilog=EPILOG)
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False), default=Path("results"))
@click.option("--rank-by", default="", metavar="COLUMN", help="What ranks.  [default: CIDEr]")
@click.option(
    "--by", type=click.Choice(("group", "elements", "tokens")), default=None, help="Tables of parts of the samples."
)
@click.option("--composite", default="", metavar="FORMULA", help="One more column: a weighted sum of others.")
@click.option(
    "--reported",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Scores computed elsewhere (CSV or JSON), to stand beside the measured ones.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(("table", *_FORMATS)),
    default="table",
    show_default=True,
    help="What to print; the files are written in every format.",
)
@click.option("--columns", is_flag=True, help="Say what the columns of leaderboard.csv hold, and nothing else.")
@json_option
def command(
    *,
    directory: Path,
    rank_by: str,
    by: str | None,
    composite: str,
    reported: Path | None,
    form: str,
    columns: bool,
    as_json: bool,
) -> None:
    """Rebuild the leaderboards from the runs below DIRECTORY (results): CSV, Markdown, LaTeX, JSON."""
    from benchmark import leaderboard
    from benchmark.cli.display import print_lines
    from benchmark.leaderboard.text import warnings
    from benchmark.ranking import Ranking
    from benchmark.store import sample_sets

    form = "json" if as_json else form
    if columns:
        _print_columns(as_json)
        return
    if not sample_sets(directory):
        raise UserError(f"{directory} holds no runs. Make some first: python -m benchmark run --captioners all")
    written = leaderboard.write(directory, Ranking(rank_by, composite, by or "", reported))
    if form == "table":
        print_tables(written.tables)
        print_lines([f"written: {', '.join(map(str, written.paths))}"])
    else:
        click.echo(leaderboard.FORMATS[_FORMATS[form]](written.tables), nl=False)
    for warning in warnings(written.tables):
        click.echo(f"Warning: {warning}", err=True)


def print_problems(problems: Mapping[str, Mapping[str, int]]) -> None:
    """A table of captioner and kind of problem, with the captions that have it; nothing where there is none."""
    from benchmark.cli.display import print_lines, print_table
    from benchmark.metrics.validity import KINDS

    kinds = [kind for kind in KINDS if any(kind in found for found in problems.values())]
    if kinds:
        print_lines(["", "problems of captions (which samples: per_sample.csv)"])  # longer than the table is wide
        body = [[name, *(str(found.get(kind, "")) for kind in kinds)] for name, found in problems.items() if found]
        print_table(["captioner", *kinds], body)


def print_tables(tables: Sequence[Table]) -> None:
    """Each table, the problems of its captions, and what must be known beside it."""
    from benchmark.cli.display import print_lines, print_table
    from benchmark.leaderboard.text import cells, remarks, title

    for table in tables:
        print_table(*cells(table), title=title(table))
        if not table.subset:
            print_problems({row.captioner: row.problems for row in table.rows})
        print_lines(remarks(table))


def _print_columns(as_json: bool) -> None:
    import json

    from benchmark.cli.display import print_table
    from benchmark.leaderboard.schema import fields
    from benchmark.metrics.columns import metric_columns

    found = [asdict(field) for field in fields(metric_columns())]
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        print_table(["column", *list(found[0])[1:]], [[str(value) for value in field.values()] for field in found])
