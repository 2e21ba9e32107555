"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from benchmark import defaults

Command = TypeVar("Command", bound=Callable[..., Any])


def comma_separated(_context: click.Context, _option: click.Parameter, value: Any) -> tuple[str, ...]:
    """Callback of options that take ``a,b`` or are given several times. A text without any name is wrong usage."""
    texts = [value] if isinstance(value, str) else list(value or ())
    names = tuple(part.strip() for text in texts for part in text.split(",") if part.strip())
    if texts and not names:
        raise click.BadParameter("names nothing")
    return names


def _together(*options: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """A decorator that adds several options, in this order."""

    def add(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return add


json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of a table.")

max_errors_option = click.option(
    "--max-errors", type=click.IntRange(1), default=1, show_default=True, help="How many faults in the data to list."
)

metrics_options = _together(
    click.option(
        "--profile",
        type=click.Choice(list(defaults.PROFILES)),
        default=defaults.PROFILE,
        show_default=True,
        help="What to score by: as the COCO caption evaluation does, or as NLTK and rouge-score do.",
    ),
    click.option(
        "--metrics",
        "-m",
        callback=comma_separated,
        metavar="NAME,…",
        help=f"What to score by instead of a profile.  [default: {','.join(defaults.PROFILES[defaults.PROFILE])}]",
    ),
    click.option(
        "--cider-df",
        type=click.Path(path_type=Path, exists=True, dir_okay=False),
        help="Document frequencies for CIDEr; by default those of the references.",
    ),
)
"""Decorator: the options that say what is scored by."""


clip_options = _together(
    click.option(
        "--clip-model",
        default=defaults.CLIP_MODEL,
        show_default=True,
        metavar="NAME/PRETRAINED",
        help="clip_score: the model, as open_clip calls it.",
    ),
    click.option(
        "--clip-checkpoint",
        type=click.Path(path_type=Path, exists=True),
        help="clip_score: a file of weights for --clip-model, or a folder that open_clip saved.",
    ),
    click.option(
        "--clip-dtype",
        type=click.Choice(defaults.CLIP_DTYPES),
        default=defaults.CLIP_DTYPES[0],
        show_default=True,
        help="clip_score: of the weights.",
    ),
    click.option(
        "--device",
        default=defaults.DEVICE,
        show_default=True,
        metavar="auto|cpu|cuda|…",
        help="clip_score: where it is computed; auto is a GPU where there is one.",
    ),
    click.option("--allow-download", is_flag=True, help="clip_score: get missing weights from the network."),
)
"""Decorator: the options of CLIP Score, which are fields of :class:`benchmark.config.RunConfig`."""


drawing_options = _together(
    click.option("--background", default="white", show_default=True, help="What drawings are composited on."),
    click.option("--repair/--no-repair", default=True, show_default=True, help="Mend faulty SVG first."),
    click.option(
        "--font-dir",
        type=click.Path(path_type=Path, exists=True, file_okay=False),
        help="Folder of the only fonts to use; by default those of the system.",
    ),
    click.option(
        "--svg-limit",
        "svg_limits",
        multiple=True,
        callback=comma_separated,
        metavar="NAME=VALUE",
        help="Raise or lower a bound on what one SVG may hold, e.g. elements=100000.",
    ),
)
"""Decorator: the options that say how drawings are drawn, whoever draws them."""


own_data_options = _together(
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
    max_errors_option,
)
"""Decorator: the options :data:`OWN_DATA`, which :func:`benchmark.datasets.own.load` takes."""
OWN_DATA = ("svg_field", "caption_fields", "id_field", "group_field", "split_field", "max_errors")
