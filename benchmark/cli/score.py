"""``python -m benchmark score``."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from benchmark.cli.config import config_option
from benchmark.cli.options import clip_options, comma_separated, json_option, max_errors_option, metrics_options

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from benchmark.metrics.images import Images
    from benchmark.scoring import Scoring

EPILOG = """\b
Examples:
  python -m benchmark score captions.jsonl --references data.jsonl
  python -m benchmark score coco_results.json --references captions_val2017.json
  python -m benchmark score theirs.jsonl --references data.jsonl --profile nltk
  python -m benchmark score model.csv --references gold.csv --prediction-field answer --json
  python -m benchmark score captions.jsonl --references drawings.jsonl --metrics cider,clip_score

Files are JSONL, CSV, TSV, parquet, or JSON: a list of objects, an object that maps ids to captions, COCO
results or COCO captions. A sample without a caption counts as an empty one."""


@click.command("score", epilog=EPILOG)
@click.argument("predictions", type=click.Path(path_type=Path))
@click.option("--references", type=click.Path(path_type=Path), required=True, help="The reference captions.")
@metrics_options
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
@click.option(
    "--write-cider-df",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Also write the document frequencies of the references to this JSON file, for --cider-df.",
)
@click.option("--prompt", default="", metavar="TEXT", help="What the captioner was asked; finds echoes of it.")
@max_errors_option
@json_option
@config_option
def command(
    *,
    predictions: Path,
    references: Path,
    profile: str,
    metrics: tuple[str, ...],
    cider_df: Path | None,
    split: str,
    id_field: str | None,
    prediction_field: str | None,
    reference_fields: tuple[str, ...],
    svg_field: str | None,
    per_sample: Path | None,
    write_cider_df: Path | None,
    prompt: str,
    max_errors: int,
    as_json: bool,
    **clip: Any,
) -> None:
    """Score the captions in PREDICTIONS against --references."""
    from benchmark.cli.display import ProgressBars
    from benchmark.config import RunConfig
    from benchmark.datasets.captions import read_captions, read_cut, read_hypotheses
    from benchmark.datasets.checks import check_references
    from benchmark.errors import UserError
    from benchmark.files import write_atomic
    from benchmark.metrics import document_frequencies
    from benchmark.metrics.evaluation import tokenized_corpus
    from benchmark.scoring import score_captions
    from captioners import ModelOptions

    models = ModelOptions(device=clip.pop("device"), allow_download=clip.pop("allow_download"))
    config = RunConfig(profile=profile, metrics=metrics, cider_df=cider_df, models=models, **clip)
    config.check_metrics()
    configured = config.configured_metrics()
    watcher = ProgressBars()
    note = watcher.note
    hypotheses = read_hypotheses(
        predictions, id_field=id_field, caption_field=prediction_field, max_errors=max_errors, note=note
    )
    gold = read_captions(
        references, id_field=id_field, caption_fields=reference_fields, max_errors=max_errors, split=split, note=note
    )
    findings = check_references(gold)
    for finding in findings:
        note(f"{references.name}: {finding}")
    if not gold:
        raise UserError(f"{references} has no captions of split {split!r}; choose another one with --split, or 'all'.")
    cut = read_cut(predictions, id_field=id_field, caption_field=prediction_field)
    own_data = {"svg_field": svg_field, "caption_fields": reference_fields, "id_field": id_field}
    images = _images(config.metrics, references, gold, own_data)
    result = score_captions(
        hypotheses, gold, config.metrics, watcher, images=images, configured=configured, cut=cut, prompt=prompt
    )
    if write_cider_df is not None:
        document_frequencies.write(write_cider_df, document_frequencies.count(tokenized_corpus({}, gold)))
    if per_sample is not None:
        write_atomic(per_sample, result.per_sample_csv())
    if as_json:
        found = {"problems": _listed(result), "data_problems": [asdict(finding) for finding in findings]}
        click.echo(json.dumps(result.summary() | found, ensure_ascii=False, indent=2))
    else:
        _print(result.summary())
        _print_problems(result)


def _listed(result: Scoring) -> dict[str, list[str]]:
    """Id -> what is wrong with its caption, of the captions with which something is."""
    return {row.id: list(kinds) for row, kinds in zip(result.rows, result.problems, strict=True) if kinds}


def _print_problems(result: Scoring) -> None:
    from benchmark.cli.display import print_lines, print_table
    from benchmark.metrics.validity import counts

    ids = {kind: [id for id, kinds in _listed(result).items() if kind in kinds] for kind in counts(result.problems)}
    if ids:
        shown = [
            [kind, str(len(some)), ", ".join(some[:3]) + (", …" if len(some) > 3 else "")] for kind, some in ids.items()
        ]
        print_lines(["", "problems of captions (all samples: --per-sample FILE)"])
        print_table(["problem", "captions", "of"], shown)


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
    print_lines([f"{key}: {value}" for key, value in summary.items() if key not in ("scores", "invalid")])
