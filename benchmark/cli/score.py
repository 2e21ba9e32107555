"""``python -m benchmark score``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from benchmark.cli.config import config_option
from benchmark.cli.options import clip_options, comma_separated, json_option, max_errors_option, metrics_option

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from benchmark.metrics.images import Images

EPILOG = """\b
Examples:
  python -m benchmark score captions.jsonl --references data.jsonl
  python -m benchmark score coco_results.json --references captions_val2017.json
  python -m benchmark score model.csv --references gold.csv --prediction-field answer --json
  python -m benchmark score captions.jsonl --references drawings.jsonl --metrics cider,clip_score

Files are JSONL, CSV, TSV, parquet, or JSON: a list of objects, an object that maps ids to captions, COCO
results or COCO captions. A sample without a caption counts as an empty one."""


@click.command("score", epilog=EPILOG)
@click.argument("predictions", type=click.Path(path_type=Path))
@click.option("--references", type=click.Path(path_type=Path), required=True, help="The reference captions.")
@metrics_option
@clip_options
@click.option(
    "--split",
    default="test",
    show_default=True,
    help="Of the references, where they name a split: train, validation, test or all.",
)
@click.option("--id-field", help="The field that identifies a sample, in both files.")
@click.option("--prediction-field", help="The field of PREDICTIONS that holds the caption.")
@click.option(
    "--caption-field",
    "reference_fields",
    multiple=True,
    callback=comma_separated,
    help="The field, or fields, of the references.",
)
@click.option("--svg-field", help="The field of the references that holds the drawing, for clip_score.")
@click.option(
    "--per-sample",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Also write the scores of each sample to this CSV file.",
)
@max_errors_option
@json_option
@config_option
def command(
    *,
    predictions: Path,
    references: Path,
    metrics: tuple[str, ...],
    split: str,
    id_field: str | None,
    prediction_field: str | None,
    reference_fields: tuple[str, ...],
    svg_field: str | None,
    per_sample: Path | None,
    max_errors: int,
    as_json: bool,
    **clip: Any,
) -> None:
    """Score the captions in PREDICTIONS against --references."""
    from benchmark.cli.display import ProgressBars
    from benchmark.config import RunConfig
    from benchmark.datasets.captions import read_captions, read_hypotheses
    from benchmark.errors import UserError
    from benchmark.files import write_atomic
    from benchmark.scoring import score_captions

    config = RunConfig(metrics=metrics, **clip)
    config.check_metrics()
    watcher = ProgressBars()
    note = watcher.note
    hypotheses = read_hypotheses(
        predictions, id_field=id_field, caption_field=prediction_field, max_errors=max_errors, note=note
    )
    gold = read_captions(
        references, id_field=id_field, caption_fields=reference_fields, max_errors=max_errors, split=split, note=note
    )
    if not gold:
        raise UserError(f"{references} has no captions of split {split!r}; choose another one with --split, or 'all'.")
    own_data = {"svg_field": svg_field, "caption_fields": reference_fields, "id_field": id_field}
    images = _images(metrics, references, gold, own_data)
    result = score_captions(hypotheses, gold, metrics, watcher, images=images, settings=config.metric_settings())
    if per_sample is not None:
        write_atomic(per_sample, result.per_sample_csv())
    if as_json:
        click.echo(json.dumps(result.summary(), ensure_ascii=False, indent=2))
    else:
        _print(result.summary())


def _images(metrics: Sequence[str], references: Path, ids: Iterable[str], own_data: dict[str, Any]) -> Images | None:
    """The drawings of the references, where a metric looks at them. Raises UserError when there are none."""
    from benchmark.datasets import own
    from benchmark.drawn import drawn
    from benchmark.errors import UserError
    from benchmark.metrics.base import METRICS, Seeing
    from renderers import RenderOptions

    seeing = [name for name in metrics if isinstance(METRICS[name], Seeing)]
    if not seeing:
        return None
    try:
        svgs = {sample.id: sample.svg for sample in own.load(references, **own_data).samples}
    except UserError as error:
        raise UserError(f"{seeing[0]} looks at the drawings, which --references must hold too. {error}") from error
    return drawn([svgs[id] for id in ids], RenderOptions())


def _print(summary: dict[str, object]) -> None:
    from benchmark.cli.display import print_lines, print_table

    scores = summary["scores"]
    assert isinstance(scores, dict)
    rows = [
        [column, f"n/a: {score['unavailable']}", "", score["signature"]]
        if "unavailable" in score
        else [
            column,
            f"{score['score']:.4f}",
            f"{score['low']:.4f} to {score['high']:.4f}",
            score["signature"],
        ]
        for column, score in scores.items()
    ]
    print_table(["metric", "score", "95 % interval", "signature"], rows)
    print_lines([f"{key}: {value}" for key, value in summary.items() if key != "scores"])
