"""What ``train --plan`` prints: the plan of a training, or the parameters that each preset trains."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from benchmark.files import make_folder, writing

if TYPE_CHECKING:
    from captioners.training.planning.plan import Plan


def show_plan(plan: Plan, folder: Path, *, as_json: bool) -> None:
    """The plan on stdout, and the lengths of its examples as ``lengths.png`` and ``.svg`` in a folder.

    Raises UserError where the folder cannot be written.
    """
    from benchmark.cli.display import print_lines
    from captioners.training.planning.plot import plot
    from captioners.training.planning.text import lines

    pictures = [folder / f"lengths{suffix}" for suffix in (".png", ".svg")]
    with writing(make_folder(folder)):
        plot(plan, *pictures)
    if as_json:
        _print_json(plan.document() | {"plots": [str(picture) for picture in pictures]})
    else:
        print_lines([*lines(plan), f"plot          {pictures[0]}"])


def show_trainable(*, as_json: bool) -> None:
    """The table of trainable parameters on stdout: each preset for GPUs on each known base."""
    from captioners.training.planning.plan import trainable

    rows = trainable()
    if as_json:
        _print_json(
            [
                {"preset": preset, "base": base, "parameters": c.total, "trainable": c.trainable, "share": c.share}
                for preset, base, c in rows
            ]
        )
        return
    from benchmark.cli.display import print_table

    print_table(
        ["preset", "base", "parameters", "trainable", "share"],
        [[preset, base, f"{c.total:,}", f"{c.trainable:,}", f"{100 * c.share:.2f} %"] for preset, base, c in rows],
    )


def _print_json(document: Any) -> None:
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))
