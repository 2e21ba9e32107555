"""A training command as processes: those of this machine, or a job of Slurm."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from benchmark.errors import Interrupted, UserError
from captioners import CaptionerError

if TYPE_CHECKING:
    from captioners.training.config import TrainingConfig
    from captioners.training.launch.submission import Submission


def program(arguments: Sequence[str], *flags: str) -> list[str]:
    """The same command of ours once more, by itself: what follows ``python``; later flags win over earlier ones."""
    return ["-m", "benchmark", *arguments, "--launcher", "local", *flags]


def run_here(arguments: Sequence[str], config: TrainingConfig) -> None:
    """Run a training command in as many processes as its preset has GPUs, and wait for them.

    Args:
        arguments: of the command, ``train`` first.
        config: of the training.

    Raises:
        UserError: it has failed, and has said why; Interrupted: it was told to stop.
    """
    from captioners.training.interruption import EXIT_CODE
    from captioners.training.launch.processes import command, run

    code = run(command(program(arguments), max(config.hardware.gpus, 1)))
    if code == EXIT_CODE:
        raise Interrupted("the training was told to stop; --resume goes on from its last checkpoint")
    if code:
        raise UserError(f"the training ended with status {code}; its own words are above")


def submit(
    arguments: Sequence[str], config: TrainingConfig, output: Path, extras: Sequence[str], *, resume: bool
) -> Submission:
    """Hand a training command to Slurm.

    Args:
        arguments: of the command, ``train`` first.
        config: of the training.
        output: its folder.
        extras: ``KEY=VALUE`` of sbatch.
        resume: whether the folder may hold a training that has not ended.

    Raises:
        UserError: nothing was submitted.
    """
    from captioners.training.launch import processes, slurm

    words = program(arguments, "--resume")  # a job starts anew after each pre-emption
    side_by_side = config.hardware.gpus or config.deepspeed
    command = processes.command(words, max(config.hardware.gpus, 1)) if side_by_side else (sys.executable, *words)
    try:
        return slurm.submit(command, config, output, extras, resume=resume)
    except CaptionerError as error:
        raise UserError(str(error)) from error
