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


def _status(what: str) -> None:
    from captioners.training.launch import queue

    there = queue.status(what)
    step = f"; step {there.step:,}, loss {there.loss:.4f}" if there.loss is not None else ""
    click.echo(f"job {there.job}: {f'{there.code}, ' if there.code else ''}{there.meaning}{step}")


def _logs(what: str) -> None:
    from captioners.training.launch import queue

    click.echo(queue.logs(what), nl=False)


def _cancel(what: str) -> None:
    from captioners.training.launch import queue

    click.echo(f"job {queue.cancel(what)} is cancelled; what it has written stays, and --resume goes on from there")


def _instead(does: Callable[[str], None]) -> Callable[[click.Context, click.Parameter, str | None], None]:
    def act(context: click.Context, _: click.Parameter, what: str | None) -> None:
        if what is None or context.resilient_parsing:
            return
        from benchmark.errors import UserError
        from captioners import CaptionerError

        try:
            does(what)
        except CaptionerError as error:
            raise UserError(str(error)) from error
        context.exit()

    return act


def launch_options(command: Command) -> Command:
    """Add ``--launcher`` and ``--slurm``, and ``--status``, ``--logs`` and ``--cancel``, which need no other option."""
    for flag, does, text in (
        ("--cancel", _cancel, "End a job of Slurm; a running training still writes a checkpoint."),
        ("--logs", _logs, "Print what a job has written."),
        ("--status", _status, "Say where a job of Slurm is, in squeue's words and in plain ones."),
    ):
        option = click.option(
            flag, metavar="JOB|DIR", is_eager=True, expose_value=False, callback=_instead(does), help=text
        )
        command = option(command)
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
