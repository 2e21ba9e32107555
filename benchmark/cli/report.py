"""``python -m benchmark report``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from benchmark.cli.options import json_option
from benchmark.errors import UserError

EPILOG = """\b
Examples:
  python -m benchmark report --open
  python -m benchmark report my-results
  python -m benchmark report results/runs/openmoji-test-400-063d204a --out openmoji.html"""


@click.command("report", epilog=EPILOG)
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False), default=Path("results"))
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The HTML file, where DIRECTORY holds one sample set.  [default: DIRECTORY/report-SET.html]",
)
@click.option("--open", "show", is_flag=True, help="Open the report in the browser.")
@click.option(
    "--samples",
    type=click.IntRange(1),
    help="Samples that the gallery shows at most; of more, a draw.  [default: 5000]",
)
@json_option
def command(directory: Path, out: Path | None, show: bool, samples: int | None, as_json: bool) -> None:
    """Write an HTML report with pictures, charts and every caption for each sample set below DIRECTORY (results).

    One file that needs no network and nothing beside it; plots as PNG and SVG go to the folder plots next to it.
    """
    import webbrowser

    from benchmark import report
    from benchmark.cli.display import ProgressBars, print_lines
    from benchmark.store import SampleSet, sample_sets

    one = (directory / "sample_set.json").exists()
    found = [SampleSet(directory)] if one else sample_sets(directory)
    if not found:
        raise UserError(f"{directory} holds no runs. Make some first: python -m benchmark run --captioners all")
    if out is not None and len(found) > 1:
        raise UserError(
            f"--out is for one sample set, and {directory} holds {len(found)}: "
            f"name one of {', '.join(str(sample_set.path) for sample_set in found)}."
        )
    folder = directory.parent.parent if one else directory  # as `run` lays it out: FOLDER/runs/SET
    watcher = ProgressBars()
    written = [
        report.write(sample_set, out or report.file_of(sample_set, folder), watcher, gallery=samples or report.GALLERY)
        for sample_set in found
    ]
    if as_json:
        document = [{"report": str(done.page), "plots": [str(plot) for plot in done.plots]} for done in written]
        click.echo(json.dumps({"reports": document}, ensure_ascii=False, indent=2))
    else:
        print_lines([f"written: {done.page}; plots: {done.plots[0].parent}" for done in written])
    if show:
        for done in written:
            webbrowser.open(done.page.resolve().as_uri())
