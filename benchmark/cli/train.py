"""``python -m benchmark train``."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from benchmark.cli.config import config_option
from benchmark.cli.launching import launch, launch_options, looked
from benchmark.cli.options import OWN_DATA, json_option, own_data_options

if TYPE_CHECKING:
    from captioners.training.trainer import Result

_NEEDED = ("preset", "base", "data")
EPILOG = """\b
Examples:
  python -m benchmark train --plan
  python -m benchmark train --plan --preset test3 --base llama-3.1-8b --data my.jsonl
  python -m benchmark train --preset test3 --base llama-3.1-8b --data my.jsonl
  python -m benchmark train --preset test3-multi-gpu --base gemma-2-9b --data openmoji --set lora.r=8
  python -m benchmark train --preset cpu-demo --base gemma-3-270m.gguf --data shapes --output adapters/demo
  python -m benchmark train --preset my.toml --base models/llama --data drawings/ --resume
  python -m benchmark run --adapter mine=adapters/demo/adapter --captioners mine

A training that was killed goes on with --resume, from its last checkpoint, as if nothing had happened. Its losses are
in metrics.csv and loss.png in the output folder."""


@click.command("train", epilog=EPILOG)
@click.option("--preset", metavar="NAME|FILE", help="A preset (`list presets`), or a TOML file like one.  [needed]")
@click.option("--base", metavar="NAME|ID|PATH", help="The model to adapt: a captioner's, a hub id, a folder, or a GGUF "
              "file.  [needed]")  # fmt: skip
@click.option("--data", metavar="NAME|PATH", help="A registered dataset, or your own data.  [needed]")
@click.option(
    "--plan",
    "plan_only",
    is_flag=True,
    help="Say what the training will do and need, and do not begin it. On its own: the parameters that presets train.",
)
@click.option("--set", "overrides", multiple=True, metavar="KEY=VALUE", help="Change a value of the preset.")
@click.option("--split", default="train", show_default=True, help="Of the data, what to learn from: train or all.")
@click.option(
    "--test",
    "tests",
    multiple=True,
    default=("openmoji",),
    show_default=True,
    metavar="NAME|PATH",
    help="Refuse data that are in the test split of this dataset.",
)
@click.option("--all-references", is_flag=True, help="Learn from every reference caption, not the first alone.")
@click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of the training.  [default: adapters/PRESET-BASE]",
)
@click.option("--resume", is_flag=True, help="Go on from the last checkpoint in the output folder.")
@click.option("--debug", is_flag=True, help="Write what is in each step to debug.jsonl.")
@click.option(
    "--tracker",
    default="none",
    show_default=True,
    metavar="NAME",
    help="Where losses go beside metrics.csv: none, tensorboard, wandb or trackio.",
)
@click.option("--allow-download", is_flag=True, help="Get a missing base from the network.")
@launch_options
@json_option
@own_data_options
@config_option
def command(
    *, output: Path | None, as_json: bool, plan_only: bool, launcher: str, slurm: tuple[str, ...], **options: Any
) -> None:
    """Train a LoRA adapter that captions drawings from their code."""
    from benchmark.cli import plans
    from benchmark.cli.display import ProgressBars
    from benchmark.errors import Interrupted
    from benchmark.progress import Unwatched
    from benchmark.training import TrainingRequest, train
    from benchmark.training_plan import plan_training

    jobs = {name: options.pop(name) for name in ("status", "logs", "cancel")}
    if looked(**jobs, as_json=as_json):
        return
    missing = [name for name in _NEEDED if options[name] is None]
    if plan_only and len(missing) == len(_NEEDED):
        plans.show_trainable(as_json=as_json)
        return
    if missing:
        raise click.UsageError(f"Missing option '--{missing[0]}'.")
    own_data = {name: options.pop(name) for name in OWN_DATA}
    place = output or Path("adapters") / f"{Path(options['preset']).stem}-{Path(options['base']).name}"
    request = TrainingRequest(own_data=own_data, output=place, **options)
    if plan_only:
        plans.show_plan(plan_training(request, ProgressBars()), place, as_json=as_json)
        return
    if launcher != "local":
        launch(launcher, request, slurm, as_json=as_json)
        return
    first = os.environ.get("RANK", "0") == "0"  # of processes that train side by side, one speaks for all
    try:
        with contextlib.redirect_stdout(sys.stderr):  # some libraries print there what is no result
            result = train(request, ProgressBars() if first else Unwatched())
    except Interrupted:
        if first:
            raise
        return
    if not first:
        return
    if as_json:
        click.echo(json.dumps(asdict(result) | {"adapter": str(result.adapter)}, indent=2))
    else:
        _print(result)


def _print(result: Result) -> None:
    from benchmark.cli.display import print_lines

    best = f"validation loss {result.best.loss:.4f} at step {result.best.step}" if result.best else "no validation"
    print_lines(
        [
            f"{result.steps} steps in {result.seconds:.0f} s, at most {result.peak_memory / 2**30:.2f} GiB; "
            f"training loss {result.loss:.4f}; {best}",
            f"written: {result.adapter}",
            f"caption with it: python -m benchmark run --captioners NAME --adapter NAME={result.adapter}",
        ]
    )
