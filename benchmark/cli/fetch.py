"""``python -m benchmark fetch``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from benchmark.cli.options import json_option

if TYPE_CHECKING:
    from collections.abc import Iterator

    from captioners.checkpoints import Checkpoint

EPILOG = """\b
Examples:
  python -m benchmark fetch blip vit-gpt2
  python -m benchmark fetch Salesforce/blip-image-captioning-base@main
  python -m benchmark fetch my-training/checkpoint-500

A captioner's weights come in the revision that this project knows. Only safetensors are kept in use: of a checkpoint
that is a pickle, on the hub or in a folder, safetensors are made, without running anything that the pickle names."""


@click.command("fetch", epilog=EPILOG)
@click.argument("places", nargs=-1, required=True, metavar="NAME|FOLDER|HUB_ID[@REVISION]...")
@json_option
def command(places: tuple[str, ...], as_json: bool) -> None:
    """Get weights from the model hub, once; make safetensors of pickles. What is here is not got again."""
    from benchmark.cli.display import ProgressBars, print_table
    from captioners import conversion, safetensors_files
    from captioners.checkpoints import described

    note = ProgressBars().note
    rows = []
    for checkpoint in _checkpoints(places):
        note(f"fetching {described(checkpoint)}")
        folder = conversion.obtained(checkpoint)
        files = [folder] if folder.is_file() else safetensors_files.weight_files(folder) or list(folder.iterdir())
        rows.append(
            {
                "weights": str(checkpoint),
                "size": f"{sum(file.stat().st_size for file in files) / 1e6:,.1f} MB",
                "licence": checkpoint.licence or "see its model card",
                "lies in": str(folder),
            }
        )
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
    else:
        print_table(list(rows[0]), [list(row.values()) for row in rows])


def _checkpoints(places: tuple[str, ...]) -> Iterator[Checkpoint]:
    from captioners.registry import weights_of

    for place in places:
        yield from weights_of(place)
