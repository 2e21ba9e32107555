"""``python -m benchmark render``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from benchmark.cli.config import config_option
from benchmark.cli.options import comma_separated, drawing_options, json_option
from benchmark.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmark.cli.drawings import Drawing
    from renderers import Limits, RenderOptions
    from renderers.comparison.suite import Suite

EPILOG = """\b
Examples:
  python -m benchmark render logo.svg --size 512 --background transparent
  python -m benchmark render drawings/ --out pictures
  python -m benchmark render --dataset openmoji --limit 100 --backend all
  python -m benchmark render --conformance resvg-suite --backend all,auto --json
  python -m benchmark render --conformance resvg-suite --backend all --against chromium

With one backend, writes a PNG per drawing and renderings.csv; with several, how far they agree: renderings.csv,
agreement.csv and contact_sheet.png. 'all' is every backend that can run here.

Exit code 1 when a FILE that is named, or every drawing, could not be drawn; drawings of a folder or dataset that
cannot be drawn are listed, and the exit code is 0."""


class NotDrawn(UserError):
    """What was asked for by name could not be drawn."""

    exit_code = 1


@click.command("render", epilog=EPILOG)
@click.argument("paths", nargs=-1, metavar="[FILE|DIR]…", type=click.Path(path_type=Path))
@click.option("--dataset", metavar="NAME|PATH", help="Draw a registered dataset, or your own data, instead.")
@click.option("--split", default="test", show_default=True, help="Of the dataset: train, validation, test or all.")
@click.option("--svg-field", help="Own data: the field that holds the drawing.")
@click.option("--id-field", help="Own data: the field that identifies a sample.")
@click.option("--split-field", help="Own data: the field that says train, validation or test.")
@click.option("--limit", type=click.IntRange(1), help="At most this many drawings, drawn by --seed.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of the draw that --limit makes.")
@click.option(
    "--backend",
    "--renderer",
    "backends",
    default="auto",
    show_default=True,
    callback=comma_separated,
    metavar="NAME,…|auto|all",
    help="Who draws.",
)
@click.option("--size", type=click.IntRange(1), help="Width and height in pixels.  [default: 224]")
@click.option("--width", type=click.IntRange(1), help="In pixels; alone, the height too.")
@click.option("--height", type=click.IntRange(1), help="In pixels; alone, the width too.")
@drawing_options
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("results/renderings"),
    show_default=True,
    help="Where pictures and tables go.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=20.0,
    show_default=True,
    help="Seconds that one drawing may take.",
)
@click.option("--workers", type=click.IntRange(1), help="Processes per backend.  [default: one per CPU, at most 8]")
@click.option(
    "--conformance",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Measure backends on a suite of NAME.svg and NAME.png pairs instead.",
)
@click.option("--against", metavar="NAME", help="With --conformance: this backend's pictures are the references.")
@json_option
@config_option
def command(*, as_json: bool, **options: Any) -> None:
    """Draw SVGs as PNGs, measure how far backends agree, or how well they conform."""
    _refuse_contradictions(options)
    from benchmark.cli.backends import choose
    from benchmark.cli.rendering import Asked, pictures
    from renderers.comparison.side_by_side import Bounds

    asked = Asked(
        backends=tuple(choose(options["backends"])),
        bounds=Bounds(options["workers"], options["timeout"]),
        out=options["out"],
        as_json=as_json,
    )
    limits, font_dir = _limits(options["svg_limits"]), options["font_dir"]
    if options["conformance"] is not None:
        from benchmark.cli.conformance import judge

        against = choose([options["against"]])[0] if options["against"] else ""
        judge(asked, _suite(options), against=against, repair=options["repair"], font_dir=font_dir, limits=limits)
        return
    drawings = _drawings(options)
    drawn_as = _render_options(options, limits, asked.backends[0])
    if len(asked.backends) == 1:
        failed = pictures(asked, drawings, drawn_as)
    else:
        from benchmark.cli.agreement import compare

        failed = compare(asked, drawings, drawn_as)
    _refuse_failed(drawings, failed)


def _refuse_contradictions(options: dict[str, Any]) -> None:
    sources = [bool(options["paths"]), options["dataset"] is not None, options["conformance"] is not None]
    if sum(sources) != 1:
        raise click.UsageError("Give files or folders, or --dataset, or --conformance: one of them.")
    if options["size"] and (options["width"] or options["height"]):
        raise click.UsageError("--size is both width and height; give it, or these.")
    fixed = [name for name in ("size", "width", "height") if options[name]]
    if options["conformance"] is not None and fixed:
        raise click.UsageError(f"--{fixed[0]} has no meaning with --conformance: the references have their own.")
    if options["against"] and options["conformance"] is None:
        raise click.UsageError("--against belongs to --conformance.")


def _drawings(options: dict[str, Any]) -> list[Drawing]:
    from benchmark.cli.drawings import limited, of_dataset, of_paths

    if options["dataset"] is None:
        drawings = of_paths(options["paths"])
    else:
        fields = {name: options[name] for name in ("svg_field", "id_field", "split_field")}
        drawings = of_dataset(options["dataset"], options["split"], **fields)
    return limited(drawings, lambda drawing: drawing.id, options["limit"], options["seed"])


def _suite(options: dict[str, Any]) -> Suite:
    from dataclasses import replace

    from benchmark.cli.drawings import limited
    from renderers.comparison.suite import read_suite

    suite = read_suite(options["conformance"])
    cases = limited(suite.cases, lambda case: case.id, options["limit"], options["seed"])
    return replace(suite, cases=tuple(cases))


def _render_options(options: dict[str, Any], limits: Limits, backend: str) -> RenderOptions:
    from renderers import RenderOptions

    width = options["width"] or options["size"] or (None if options["height"] else 224)
    try:
        return RenderOptions(
            width=width,
            height=options["height"],
            background=options["background"],
            backend=backend,
            repair=options["repair"],
            font_dir=options["font_dir"],
            limits=limits,
        )
    except ValueError as error:
        raise UserError(str(error)) from error


def _limits(texts: Sequence[str]) -> Limits:
    """The usual limits with those that ``NAME=VALUE`` change. Raises UserError."""
    from renderers import Limits

    try:
        return Limits.parse(texts)
    except ValueError as error:
        raise UserError(str(error)) from error


def _refuse_failed(drawings: Sequence[Drawing], failed: Sequence[Drawing]) -> None:
    """Raise NotDrawn when a named file, or everything, could not be drawn."""
    if named := [drawing.id for drawing in failed if drawing.named]:
        more = f" and {len(named) - 1} more" if len(named) > 1 else ""
        raise NotDrawn(f"{named[0]}{more} could not be drawn; the reasons stand above.")
    if len(failed) == len(drawings):
        raise NotDrawn("not one drawing could be drawn; the reasons stand above.")
