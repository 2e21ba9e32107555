"""Options of ``train`` that say where it runs, and those that look at a job of Slurm instead of training."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from benchmark.training import TrainingRequest

Command = TypeVar("Command", bound=Callable[..., Any])


def launch(launcher: str, request: TrainingRequest, extras: Sequence[str], *, as_json: bool) -> None:
    """Run this command once more, as processes or as a job, when nothing is wrong that can be known before."""
    from benchmark import launching
    from benchmark.training import checked_with_data

    arguments: list[str] = click.get_current_context().obj
    config, _ = checked_with_data(request)
    if launcher == "torchrun":
        launching.run_here(arguments, config)
        return
    made = launching.submit(arguments, config, request.output, extras, resume=request.resume)
    if as_json:
        click.echo(json.dumps(asdict(made), indent=2))
        return
    click.echo(f"job {made.job}\nlook at it: python -m benchmark train --status {request.output}")


def looked(status: str | None, logs: str | None, cancel: str | None, *, as_json: bool) -> bool:
    """Print what is asked of a job of Slurm; whether anything is. Raises UserError."""
    from benchmark.errors import UserError
    from captioners import CaptionerError
    from captioners.training.launch import queue

    shown: dict[str, Any]
    try:
        if status:
            there = queue.status(status)
            step = f"; step {there.step:,}, loss {there.loss:.4f}" if there.loss is not None else ""
            code = f"{there.code}, " if there.code else ""
            shown, told = asdict(there), f"job {there.job}: {code}{there.meaning}{step}\n"
        elif logs:
            told = queue.logs(logs)
            shown = {"log": told}
        elif cancel:
            shown = {"cancelled": queue.cancel(cancel)}
            told = (
                f"job {shown['cancelled']} is cancelled; what it has written stays, and --resume goes on from there\n"
            )
        else:
            return False
    except CaptionerError as error:
        raise UserError(str(error)) from error
    click.echo(json.dumps(shown, indent=2) + "\n" if as_json else told, nl=False)
    return True


def launch_options(command: Command) -> Command:
    """Add ``--launcher`` and ``--slurm``, and ``--status``, ``--logs`` and ``--cancel``, which need no other option."""
    for flag, text in (
        ("--cancel", "End a job of Slurm; a running training still writes a checkpoint."),
        ("--logs", "Print what a job has written."),
        ("--status", "Say where a job of Slurm is, in squeue's words and in plain ones."),
    ):
        command = click.option(flag, metavar="JOB|DIR", help=text)(command)
    command = click.option(
        "--slurm",
        multiple=True,
        metavar="KEY=VALUE",
        help="An option of sbatch beside those of the preset, e.g. partition=gpu, account=me, gres=gpu:l40s:2.",
    )(command)
    return click.option(
        "--launcher",
        type=click.Choice(["local", "torchrun", "slurm"]),
        default="local",
        show_default=True,
        help="Train in this process, in one for each GPU of the preset, or in a job of Slurm.",
    )(command)
