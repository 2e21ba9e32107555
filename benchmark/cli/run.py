"""``python -m benchmark run``."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from benchmark.cli.config import config_option
from benchmark.cli.options import (
    MODEL,
    OWN_DATA,
    clip_options,
    comma_separated,
    drawing_options,
    json_option,
    metrics_options,
    model_options,
    own_data_options,
)

if TYPE_CHECKING:
    from benchmark.pipeline import Outcome, RunConfig

EPILOG = """\b
Examples:
  python -m benchmark run --captioners all
  python -m benchmark run --captioners nearest-neighbour,human --limit 50
  python -m benchmark run --dataset shapes:size=5000 --captioners all
  python -m benchmark run --dataset my.jsonl --caption-field references --captioners all
  python -m benchmark run --captioners all --profile nltk
  python -m benchmark run --captioners blip,llama-3.1-8b --allow-download
  python -m benchmark run --captioners gemma=hf:gemma-3.gguf --adapter mine=adapters/test3
  python -m benchmark run --captioners served:qwen --endpoint http://localhost:8000/v1
  python -m benchmark run --config results/runs/SET/CAPTIONER/manifest.json

Results are kept: the same command again goes on where a killed one stopped, and computes nothing twice."""


@click.command("run", epilog=EPILOG)
@click.option(
    "--captioners",
    callback=comma_separated,
    metavar="all|NAME,…",
    help="Who captions; 'all' is everyone that can run here. Also hf:MODEL (any causal language model: a hub id, a "
    "folder, a GGUF file), served:MODEL, NAME=hf:MODEL to call it so.",
)
@click.option(
    "--dataset",
    default="openmoji",
    show_default=True,
    metavar="NAME|PATH",
    help="A registered dataset, or your own data.",
)
@click.option("--split", default="test", show_default=True, help="train, validation, test or all.")
@click.option("--limit", type=click.IntRange(1), help="At most this many samples, drawn by --seed.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of the draw that --limit makes.")
@metrics_options
@clip_options
@model_options
@click.option("--renderer", default="auto", show_default=True, metavar="auto|NAME", help="Who draws the pictures.")
@drawing_options
@click.option(
    "--batch-size",
    type=click.IntRange(1),
    default=8,
    show_default=True,
    help="Drawings a captioner gets at once.",
)
@click.option(
    "--shard",
    default="1/1",
    show_default=True,
    metavar="I/N",
    help="Caption every N-th sample, from the I-th on; run N of these side by side.",
)
@click.option(
    "--output-dir",
    "--output-path",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("results"),
    show_default=True,
    help="Where runs and leaderboards are kept.",
)
@click.option("--overwrite", is_flag=True, help="Caption anew what is there.")
@click.option("--retry-failed", is_flag=True, help="Try again the drawings that failed before.")
@json_option
@own_data_options
@config_option
def command(*, shard: str, as_json: bool, **options: Any) -> None:
    """Caption drawings, score the captions, write leaderboards."""
    from benchmark.cli.display import ProgressBars
    from benchmark.pipeline import RunConfig, run
    from benchmark.store import Shard
    from captioners import ModelOptions

    if not options["captioners"] and not options["adapters"]:
        raise click.UsageError("nobody captions: give --captioners all, names of captioners, or --adapter NAME=PLACE")
    own_data = {name: options.pop(name) for name in OWN_DATA}
    models = ModelOptions(**{name: options.pop(name) for name in (*MODEL, "device", "allow_download")})
    watcher = ProgressBars()
    config = RunConfig(shard=Shard.parse(shard), own_data=own_data, models=models, **options)
    config, left_out = _with_clip_score(config)
    outcome = run(config, watcher)
    if as_json:
        click.echo(json.dumps(_document(outcome, options["output_dir"]), ensure_ascii=False, indent=2))
    else:
        _print(outcome, options["output_dir"], left_out)


def _with_clip_score(config: RunConfig) -> tuple[RunConfig, str]:
    """Unless metrics were chosen, CLIP Score is added where it can be computed; where not, what would change that."""
    from benchmark import defaults

    source = click.get_current_context().get_parameter_source("metrics")
    if source is not click.core.ParameterSource.DEFAULT or config.profile != defaults.PROFILE:
        return config, ""
    extended = replace(config, metrics=(*config.metrics, "clip_score"))
    availability = extended.configured_metrics()["clip_score"].availability()
    if availability:
        return extended, ""
    return config, f"CLIP Score is left out: {availability}"


def _document(outcome: Outcome, output_dir: Path) -> dict[str, Any]:
    from benchmark.leaderboard import records

    return {
        "sample_set": str(outcome.sample_set.path),
        "notes": dict(outcome.notes),
        "data_problems": [asdict(finding) for finding in outcome.findings],
        "unfinished": dict(outcome.unfinished),
        "leaderboard": str(output_dir / "leaderboard.csv"),
        "rows": records(outcome.sample_set, outcome.rows),
        "problems": {row.captioner: dict(row.problems) for row in outcome.rows},
    }


def _print(outcome: Outcome, output_dir: Path, left_out: str) -> None:
    from benchmark.cli.display import print_lines
    from benchmark.cli.leaderboard import print_sample_set

    print_sample_set(outcome.sample_set, outcome.rows)
    print_lines([left_out] if left_out else [])
    print_lines([f"{name}: {count} captions are left to other shards" for name, count in outcome.unfinished.items()])
    print_lines([f"{key}: {value}" for key, value in outcome.notes.items()])
    print_lines([f"written: {output_dir / 'leaderboard'}.csv .md .tex; runs: {outcome.sample_set.path}"])
