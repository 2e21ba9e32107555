"""``python -m benchmark check``."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from benchmark.cli.config import config_option
from benchmark.cli.options import comma_separated, json_option
from benchmark.errors import UserError

if TYPE_CHECKING:
    from benchmark.regression.report import Report

EPILOG = """\b
Examples:
  python -m benchmark check --baseline results/baseline.json --update
  python -m benchmark check --baseline results/baseline.json
  python -m benchmark check --baseline baseline.json my-results --tolerance CIDEr=0.02,METEOR=0.005
  python -m benchmark check --baseline baseline.json --alpha 0.05 --markdown summary.md --junit junit.xml

Every score may fall by a thousandth of its metric's range (BLEU, ROUGE-L, METEOR 0.001; CIDEr 0.01; CLIPScore 0.1),
or by --tolerance; with --alpha a score fails that is significantly worse in both paired tests, after Holm's
correction over all tests that are made. Samples that lost their caption, and captioners of the baseline without a
run, fail too; what the baseline does not know is noted.

Exit codes: 0 nothing fell; 1 something did; 2 nothing did as far as could be seen, but other samples, another profile
or signature, or a baseline that cannot be read are in the way."""

SUMMARY = "GITHUB_STEP_SUMMARY"


class Fell(UserError):
    """Something fell."""

    exit_code = 1


@click.command("check", epilog=EPILOG)
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False), default=Path("results"))
@click.option(
    "--baseline",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="The committed file; --update makes it.",
)
@click.option("--update", is_flag=True, help="Write the baseline from DIRECTORY instead of checking.")
@click.option(
    "--tolerance",
    "tolerances",
    multiple=True,
    callback=comma_separated,
    metavar="[NAME=]NUMBER,…",
    help="By how much a score may fall, on its own scale; without a name: all others.",
)
@click.option(
    "--alpha",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    help="Judge scores without a --tolerance by whether they are significantly worse at this level.",
)
@click.option("--sort-by", metavar="COLUMN", help="What changed samples are listed by.  [default: CIDEr]")
@click.option("--top", type=click.IntRange(0), default=20, show_default=True, help="How many samples to list of each.")
@click.option("--markdown", type=click.Path(path_type=Path, dir_okay=False), help="Also write a Markdown summary.")
@click.option("--junit", type=click.Path(path_type=Path, dir_okay=False), help="Also write JUnit XML.")
@click.option("--github-summary", is_flag=True, help=f"Also append the Markdown summary to ${SUMMARY}.")
@json_option
@config_option
def command(
    *,
    directory: Path,
    baseline: Path,
    update: bool,
    tolerances: tuple[str, ...],
    alpha: float | None,
    sort_by: str | None,
    top: int,
    markdown: Path | None,
    junit: Path | None,
    github_summary: bool,
    as_json: bool,
) -> None:
    """Hold the runs below DIRECTORY (results) against a committed baseline."""
    from benchmark.regression.baseline import read
    from benchmark.regression.check import check
    from benchmark.regression.rules import Rules
    from benchmark.regression.snapshot import take
    from benchmark.regression.tables import record

    rules = Rules.parse(tolerances, alpha)
    if github_summary and not os.environ.get(SUMMARY):
        raise UserError(f"--github-summary: ${SUMMARY} is not set, as it is in GitHub Actions. Use --markdown FILE.")
    if update:
        if markdown or junit or github_summary or as_json:
            raise UserError("--update writes the baseline and checks nothing: leave out the options of the output.")
        _update(baseline, directory)
        return
    then = read(baseline)
    now = take(directory, [one.fingerprint for one in then])
    report = check(then, now, rules, sort_by=sort_by, top=top)
    _write(report, markdown, junit, Path(os.environ[SUMMARY]) if github_summary else None)
    if as_json:
        click.echo(json.dumps(record(report), ensure_ascii=False, indent=2))
    else:
        _print(report)
    if report.exit_code:
        error = Fell if report.exit_code == Fell.exit_code else UserError
        raise error(f"{report.headline} Baseline: {baseline}.")


def _write(report: Report, markdown: Path | None, junit: Path | None, summary: Path | None) -> None:
    from benchmark.files import write_atomic, writing
    from benchmark.regression import tables
    from benchmark.regression.junit import document

    if markdown is not None:
        write_atomic(markdown, tables.markdown(report))
    if junit is not None:
        write_atomic(junit, document(report))
    if summary is not None:  # other steps of the job write to it too
        with writing(summary), summary.open("a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(tables.markdown(report))


def _print(report: Report) -> None:
    from benchmark.cli.display import print_lines, print_table
    from benchmark.comparison.tables import sample_lines
    from benchmark.regression import tables

    print_lines([report.headline])
    header, rows = tables.cells(report.judged)
    if rows:
        print_lines([""])
        print_table(header, rows)
    print_lines([tables.unchanged(report)] if report.judged else [])
    print_lines([f"{finding.level}: {finding}" for finding in report.findings])
    for change in report.changes:
        print_lines(["", tables.summary(change), *sample_lines(change.worst, tables.SIDES)])


def _update(path: Path, directory: Path) -> None:
    """Write the baseline; say who is not in it, and what is another than in the former one."""
    from benchmark.cli.display import print_lines
    from benchmark.regression.baseline import read, write
    from benchmark.regression.check import check
    from benchmark.regression.snapshot import take

    now = take(directory)
    report, former = None, "there was none"
    if path.exists():
        try:
            report = check(read(path), now)
        except UserError as error:
            former = str(error)
    write(path, now)
    absent = [f"not in it: {one.name}/{name}: {why}" for one in now for name, why in one.absent.items()]
    print_lines([f"written: {path}", *absent, "", "against the former baseline:"])
    if report is None:
        print_lines([former])
    else:
        _print(report)
