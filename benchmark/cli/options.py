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
        help="Where models compute; auto is a GPU where there is one.",
    ),
    click.option("--allow-download", is_flag=True, help="Get missing weights from the network."),
)
"""Decorator: the options of CLIP Score, two of which it shares with captioners that are models."""


def named_places(_context: click.Context, _option: click.Parameter, value: Any) -> dict[str, str]:
    """Callback of options that take ``NAME=PLACE``, several times."""
    places: dict[str, str] = {}
    for text in value:
        name, equals, place = text.partition("=")
        if not (name.strip() and equals and place.strip()):
            raise click.BadParameter(f"{text!r} is not NAME=PLACE")
        if name.strip() in places:
            raise click.BadParameter(f"{name.strip()!r} is given twice")
        places[name.strip()] = place.strip()
    return places


model_options = _together(
    click.option(
        "--weights",
        multiple=True,
        callback=named_places,
        metavar="NAME=PLACE",
        help="Weights of a captioner: a folder, a GGUF file, or HUB_ID[@REVISION].",
    ),
    click.option(
        "--adapter",
        "adapters",
        multiple=True,
        callback=named_places,
        metavar="NAME=PLACE",
        help="Caption with a LoRA adapter, under this name: a folder, or HUB_ID[@REVISION].",
    ),
    click.option("--force", is_flag=True, help="Use an adapter that was trained for something else."),
    click.option(
        "--dtype",
        type=click.Choice(("auto", *defaults.CLIP_DTYPES)),
        default="auto",
        show_default=True,
        help="Of models; auto is bfloat16 on CUDA, float32 on the CPU.",
    ),
    click.option(
        "--quantization",
        type=click.Choice(("auto", "none", "nf4")),
        default="auto",
        show_default=True,
        help="Of models; auto is nf4 for language models on CUDA.",
    ),
    click.option(
        "--max-new-tokens", type=click.IntRange(1), help="Bound on a caption; by default the captioner's own."
    ),
    click.option(
        "--context",
        type=click.IntRange(1),
        default=8192,
        show_default=True,
        help="Tokens that a language model is given at most; larger drawings lose elements.",
    ),
    click.option(
        "--batch-tokens",
        type=click.IntRange(1),
        default=16384,
        show_default=True,
        help="Tokens of a batch at most, whatever --batch-size.",
    ),
    click.option("--endpoint", default="", metavar="URL", help="served:MODEL: an OpenAI-compatible server."),
    click.option(
        "--endpoint-input",
        type=click.Choice(("svg", "image")),
        default="svg",
        show_default=True,
        help="served:MODEL: what of a drawing it is sent.",
    ),
    click.option(
        "--endpoint-concurrency", type=click.IntRange(1), default=8, show_default=True, help="Requests at a time."
    ),
    click.option(
        "--endpoint-timeout",
        type=click.FloatRange(0, min_open=True),
        default=120.0,
        show_default=True,
        help="Seconds that a request may take.",
    ),
)
"""Decorator: how models caption, fields of :class:`captioners.options.ModelOptions`, whose import ``--help`` spares."""
MODEL = (
    *("weights", "adapters", "force", "dtype", "quantization", "max_new_tokens", "context", "batch_tokens"),
    *("endpoint", "endpoint_input", "endpoint_concurrency", "endpoint_timeout"),
)


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
