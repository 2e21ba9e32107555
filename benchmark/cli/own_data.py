"""The options that say how the user's own data is laid out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from benchmark.cli import comma_separated

Command = TypeVar("Command", bound=Callable[..., Any])

_OPTIONS = (
    click.option("--svg-field", help="Own data: the field that holds the drawing."),
    click.option(
        "--caption-field",
        "caption_fields",
        multiple=True,
        callback=comma_separated,
        help="Own data: the field, or fields, that hold the reference captions.",
    ),
    click.option("--id-field", help="Own data: the field that identifies a sample."),
    click.option("--group-field", help="Own data: the field that sorts samples into groups."),
    click.option("--split-field", help="Own data: the field that says train, validation or test."),
    click.option(
        "--max-errors",
        type=click.IntRange(1),
        default=1,
        show_default=True,
        help="Own data: how many faults to list.",
    ),
)


def own_data_options(command: Command) -> Command:
    """Decorator: add the options, under the names that :func:`benchmark.datasets.own.load` takes."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
