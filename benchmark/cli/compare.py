"""``python -m benchmark compare``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from benchmark.cli.options import comma_separated, json_option
from benchmark.errors import UserError

if TYPE_CHECKING:
    from benchmark.comparison import Comparison

EPILOG = """\b
Examples:
  python -m benchmark compare constant nearest-neighbour
  python -m benchmark compare mine-v1 mine-v2 --fail-if-worse=CIDEr,METEOR
  python -m benchmark compare blip cogvlm --dataset openmoji --sort-by METEOR --plot differences.svg
  python -m benchmark compare old/runs/SET/mine new/runs/SET/mine --markdown comparison.md

A and B are captioners with a run in --results, or run directories. Captions made elsewhere are scored by `score`.
Exit code 1 with --fail-if-worse when B is significantly worse: both corrected p-values are at most --alpha. Exit
code 2 when the scores are not comparable: other samples, another profile, other signatures."""


class Worse(UserError):
    """B is significantly worse than A."""

    exit_code = 1


@click.command("compare", epilog=EPILOG)
@click.argument("a")
@click.argument("b")
@click.option(
    "--results",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("results"),
    show_default=True,
    help="Where the runs of captioners are looked for.",
)
@click.option("--dataset", metavar="NAME", help="The dataset, or the folder below runs/, where several hold both.")
@click.option(
    "--metrics",
    "-m",
    callback=comma_separated,
    metavar="NAME,…",
    help="Metrics or columns to compare, which p-values are corrected over.  [default: all that both have]",
)
@click.option("--sort-by", metavar="COLUMN", help="What samples are listed by.  [default: CIDEr, or the first column]")
@click.option("--top", type=click.IntRange(0), default=20, show_default=True, help="How many samples to list.")
@click.option(
    "--alpha",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.05,
    show_default=True,
    help="Of the tests.",
)
@click.option(
    "--fail-if-worse",
    is_flag=False,
    flag_value="all",
    callback=comma_separated,
    metavar="[=NAME,…]",
    help="Exit code 1 when B is significantly worse in one of these, or in any column.",
)
@click.option(
    "--plot", type=click.Path(path_type=Path, dir_okay=False), help="Draw all samples' differences: PNG, SVG, PDF."
)
@click.option("--markdown", type=click.Path(path_type=Path, dir_okay=False), help="Also write a Markdown file.")
@json_option
def command(
    *,
    a: str,
    b: str,
    results: Path,
    dataset: str | None,
    metrics: tuple[str, ...],
    sort_by: str | None,
    top: int,
    alpha: float,
    fail_if_worse: tuple[str, ...],
    plot: Path | None,
    markdown: Path | None,
    as_json: bool,
) -> None:
    """Say by how much captioner B differs from A on the same samples, and whether by chance."""
    from benchmark.comparison import chosen, compare, find, tables
    from benchmark.comparison import plot as plotting
    from benchmark.files import write_atomic

    comparison = compare(*find(a, b, results, dataset), metrics=metrics, sort_by=sort_by, top=top)
    compared = [one.column for one in comparison.columns]
    judged = chosen([name for name in fail_if_worse if name != "all"], compared) if fail_if_worse else ()
    if plot is not None:
        plotting.write(plot, comparison)
    if markdown is not None:
        write_atomic(markdown, tables.markdown(comparison, alpha))
    if as_json:
        click.echo(json.dumps(tables.record(comparison, alpha), ensure_ascii=False, indent=2))
    else:
        _print(comparison, alpha)
    if worse := comparison.worse(judged, alpha):
        raise Worse(f"{comparison.b.name} is significantly worse than {comparison.a.name} in {', '.join(worse)}.")


def _print(comparison: Comparison, alpha: float) -> None:
    from benchmark.cli.display import print_lines, print_table
    from benchmark.comparison import tables

    print_table(*tables.cells(comparison, alpha), title=tables.title(comparison))
    print_lines(["", *tables.remarks(comparison, alpha)])
    if comparison.samples:
        names = (comparison.a.name, comparison.b.name)
        print_lines(["", f"where they differ most, by {comparison.sort_by}:"])
        print_lines(tables.sample_lines(comparison.samples, names))
