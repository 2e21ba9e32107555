"""A training as a job of Slurm: what it asks for, how it is submitted, and what is written down about it."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from captioners.base import CaptionerError
from captioners.training.config import TrainingConfig
from captioners.training.folder import check_free
from captioners.training.launch import queue
from captioners.training.launch.job import Job
from captioners.training.launch.submission import Submission, read, write

_LOGS = "slurm"
_SUBMITIT_LOG = "SUBMITIT_LOG_LEVEL"

# Of a job that has had all of its time; only a training that never ends would come near it.
_MOST_STARTS = 1000
_OURS = {
    *("array", "error", "nodes", "no-requeue", "ntasks", "ntasks-per-node", "open-mode", "output", "parsable"),
    *("quiet", "requeue", "signal", "test-only", "wait", "wrap"),
}


def request(config: TrainingConfig, extras: Sequence[str] = ()) -> dict[str, Any]:
    """What a job asks for, in the words of sbatch's long options; minutes and GB.

    Args:
        config: of the training.
        extras: ``KEY=VALUE`` or ``KEY``, options of sbatch that are added or take the place of the preset's.

    Raises:
        CaptionerError: an option is none, or is one that the launcher needs as it is: all of them, one a line.
    """
    given: dict[str, str | bool] = {}
    wrong = []
    for extra in extras:
        key, equals, value = extra.partition("=")
        key = key.strip().removeprefix("--").replace("_", "-")
        if not re.fullmatch(r"[a-z][a-z0-9-]*", key) or not value.isprintable() or (equals and not value.strip()):
            wrong.append(f"--slurm {extra!r}: write KEY=VALUE, e.g. partition=gpu, with the long options of sbatch")
        elif key in _OURS:
            wrong.append(f"--slurm {extra!r}: the launcher sets {key} itself")
        else:
            given[key] = value.strip() if equals else True
    if wrong:
        raise CaptionerError("the Slurm request is wrong:" + "".join(f"\n  {line}" for line in wrong))
    asked: dict[str, Any] = {
        "job-name": "svg-caption-train",
        "nodes": 1,
        "ntasks-per-node": 1,
        "cpus-per-task": config.slurm.cores,
        "mem": f"{config.slurm.memory}G",
        "time": config.slurm.hours * 60,
        "signal": f"USR2@{config.slurm.signal}",
    }
    if config.hardware.gpus and not any(key == "gres" or key.startswith("gpus") for key in given):
        asked["gpus-per-node"] = config.hardware.gpus
    return asked | given


def submit(
    words: Sequence[str], config: TrainingConfig, output: Path, extras: Sequence[str] = (), *, resume: bool = False
) -> Submission:
    """Hand a training to Slurm and write ``submission.json`` into its folder.

    Args:
        words: the command; it must go on from the last checkpoint where there is one, as the job runs it anew each time
            it starts.
        config: of the training.
        output: the training's folder, which the nodes must see too.
        extras: as of :func:`request`.
        resume: whether the folder may hold a training that has not ended.

    Raises:
        CaptionerError: nothing was submitted: Slurm or submitit is not here, Slurm refuses, or a job is there already.
        OSError: the folder cannot be written.
    """
    asked = request(config, extras)
    output = output.resolve()
    _check_here()
    _check_folder(output, resume)
    with _logging_left_alone():
        from submitit import SlurmExecutor
        from submitit.core.utils import FailedJobError

    logs = output / _LOGS
    logs.mkdir(parents=True, exist_ok=True)
    executor = SlurmExecutor(logs, max_num_timeout=_MOST_STARTS)
    executor.update_parameters(
        time=config.slurm.hours * 60,
        signal_delay_s=config.slurm.signal,
        additional_parameters={key.replace("-", "_"): value for key, value in asked.items()},  # as its own keys
    )
    directory = str(Path.cwd())
    try:
        job = executor.submit(Job(words, directory, str(output)))
    except (FailedJobError, subprocess.CalledProcessError) as error:
        raise CaptionerError(_refusal(str(error))) from error
    made = Submission(
        job=str(job.job_id),
        time=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        command=tuple(words),
        directory=directory,
        request=asked,
        output=str(job.paths.stdout),
        errors=str(job.paths.stderr),
    )
    write(output, made)
    return made


@contextlib.contextmanager
def _logging_left_alone() -> Iterator[None]:
    """submitit sets up logging on its import, which closes the log handlers of the whole process; a job may do so."""
    before = os.environ.get(_SUBMITIT_LOG)
    os.environ[_SUBMITIT_LOG] = "NOCONFIG"
    try:
        yield
    finally:
        os.environ.pop(_SUBMITIT_LOG)
        if before is not None:
            os.environ[_SUBMITIT_LOG] = before


def _check_here() -> None:
    if shutil.which("sbatch") is None:
        raise CaptionerError(
            "Slurm is not here: there is no sbatch on the PATH. Submit from a login node of the cluster, or train on "
            "this machine: --launcher torchrun"
        )
    if importlib.util.find_spec("submitit") is None:
        raise CaptionerError("submitit is not installed: pip install -c .ci/constraints.txt -e '.[train]'")


def _check_folder(output: Path, resume: bool) -> None:
    """Before anything waits in a queue for hours to find the same."""
    check_free(output, resume=resume)
    before = read(output)
    there = queue.state(before.job) if before else None
    if before and there and there.code not in queue.ENDED:
        raise CaptionerError(
            f"job {before.job} for {output} is in the queue ({there.code}): --status and --logs look at it, --cancel "
            "ends it"
        )


def _refusal(error: str) -> str:
    """What sbatch has said, and which partitions there are where it is about them."""
    said = [line.partition("sbatch: error: ")[2] for line in error.splitlines() if "sbatch: error: " in line]
    message = f"Slurm refuses the job: {'; '.join(said) or ' '.join(error.split())[:300]}"
    if "partition" in message:
        words = ["sinfo", "--noheader", "--format=%R"]
        listed = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False).stdout.split()
        message += f". Partitions here: {', '.join(sorted(set(listed))) or 'none'} (--slurm partition=NAME)"
    return message
