"""``python -m benchmark doctor``."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from benchmark.cli.options import json_option

EPILOG = """\b
Examples:
  python -m benchmark doctor
  python -m benchmark doctor --json"""


@click.command("doctor", epilog=EPILOG)
@json_option
def command(as_json: bool) -> None:
    """Say what is here and what is missing: packages, GPU, captioners, renderers, metrics, fonts, Java, cache."""
    from benchmark.cli.display import ProgressBars, print_lines, print_table
    from benchmark.doctor import checks

    with ProgressBars().task("looking", 1):
        found = list(checks())
    if as_json:
        click.echo(json.dumps([asdict(check) for check in found], ensure_ascii=False, indent=2))
        return
    rows = [
        [
            check.kind,
            check.name,
            "yes" if check.availability else "no",
            check.found if check.availability else str(check.availability),
        ]
        for check in found
    ]
    print_table(["", "name", "here", "what is there, or what would change it"], rows)
    missing = sum(not check.availability for check in found)
    print_lines([f"{missing} of {len(found)} are not here; all else works without them"])
