"""Where a submitted training is, in squeue's words and in plain ones; its log; and how it is cancelled."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from captioners.base import CaptionerError
from captioners.training import records
from captioners.training.folder import ADAPTER, METRICS
from captioners.training.launch import submission

# Codes as in the manual page of squeue, "JOB STATE CODES".
MEANINGS = {
    "BF": "a node did not start; Slurm tries again",
    "CA": "cancelled by its user or an administrator",
    "CD": "completed",
    "CF": "its node is being made ready",
    "CG": "ending; processes are being cleaned up",
    "DL": "ended at its deadline",
    "F": "failed; its log says why",
    "NF": "its node failed",
    "OOM": "out of memory: ask for more with --slurm mem=64G, or lower batch.size",
    "PD": "waits",
    "PR": "its node was taken by a job of higher priority; it goes on later",
    "R": "runs",
    "RD": "held back by a reservation",
    "RF": "being put back into the queue",
    "RH": "put back into the queue, and held: scontrol release lets it go",
    "RQ": "being put back into the queue",
    "S": "suspended; its node runs another job meanwhile",
    "SI": "being told something",
    "SO": "its output is being copied",
    "ST": "stopped; it keeps its cores",
    "TO": "had all of its time before a checkpoint was written: --set slurm.signal=600 tells it earlier",
}
ENDED = ("CA", "CD", "DL", "F", "NF", "OOM", "TO")

# Of the many reasons for waiting those that are usual; the manual page of squeue has the others.
_REASONS = {
    "AssocGrpGRES": "your group has as many GPUs as it may have",
    "BeginTime": "until its start time; a job that was put back waits about two minutes",
    "Dependency": "for another job",
    "JobHeldAdmin": "held by an administrator",
    "JobHeldUser": "held: scontrol release lets it go",
    "PartitionDown": "its partition is down",
    "PartitionTimeLimit": "it asks for more time than its partition gives: --set slurm.hours=N",
    "Priority": "jobs of higher priority come first",
    "QOSMaxGRESPerUser": "you have as many GPUs as you may have",
    "QOSMaxJobsPerUserLimit": "you have as many jobs running as you may have",
    "ReqNodeNotAvail": "the nodes it may use are down or reserved",
    "Resources": "for nodes to become free",
}


@dataclass(frozen=True, slots=True)
class State:
    """A job as squeue shows it.

    Attributes:
        code: PD, R, CG, …
        elapsed, limit: ``days-hours:minutes:seconds``.
        nodes: where it runs, or in parentheses why it waits.
        start: when it started, or is expected to; N/A where Slurm does not know.
        restarts: how often it was put back into the queue.
    """

    code: str
    elapsed: str
    limit: str
    nodes: str
    start: str
    restarts: int


@dataclass(frozen=True, slots=True)
class Status:
    """Where a training is.

    Attributes:
        job: its number.
        code: squeue's word for it, "" where Slurm no longer knows the job.
        meaning: the same in plain words.
        step: the last optimizer step that was written down, 0 before the first.
        loss: of that step, in nats per learnt token; None before the first.
    """

    job: str
    code: str
    meaning: str
    step: int
    loss: float | None


def named(what: str) -> tuple[str, Path | None]:
    """A job's number and, where it is known, its training's folder, of either of them.

    Raises CaptionerError: it is neither.
    """
    if what.isdecimal():
        return what, None
    made = submission.read(Path(what))
    if made is None:
        raise CaptionerError(f"{what} is neither the number of a job nor a folder that a job was submitted for")
    return made.job, Path(what)


def state(job: str) -> State | None:
    """What squeue says of a job; None when it no longer knows it, minutes after its end. Raises CaptionerError."""
    listed = _slurm("squeue", "--noheader", f"--jobs={job}", "--states=all", "--format=%t|%M|%l|%R|%S")
    if not listed:
        return None
    code, elapsed, limit, nodes, start = listed.splitlines()[0].split("|")
    restarts = re.search(r"\bRestarts=(\d+)", _slurm("scontrol", "show", "job", job))
    return State(code, elapsed, limit, nodes, start, int(restarts[1]) if restarts else 0)


def status(what: str) -> Status:
    """Where a training is, by the number of its job or its folder. Raises CaptionerError."""
    job, folder = named(what)
    there = state(job)
    path = folder / METRICS if folder else None
    rows = [row for row in records.read(path) if "loss" in row] if path and path.exists() else []
    last = rows[-1] if rows else {}
    return Status(
        job=job,
        code=there.code if there else "",
        meaning=_meaning(there) if there else _gone(job, folder),
        step=int(last.get("step", 0)),
        loss=last.get("loss"),
    )


def logs(what: str) -> str:
    """What a job has written: notes and errors, then results. Raises CaptionerError where that is not known."""
    job, folder = named(what)
    made = submission.read(folder) if folder else None
    files = [made.errors, made.output] if made else _log_files(job)
    there = [Path(file) for file in files if Path(file).is_file()]
    if not there:
        raise CaptionerError(f"job {job} has written nothing yet: {_meaning_or_gone(job, folder)}")
    return "".join(file.read_text(encoding="utf-8", errors="replace") for file in there)


def cancel(what: str) -> str:
    """End a job, waiting or running, and give its number. A running training still writes a checkpoint.

    Raises CaptionerError: there is no such job, or it has ended.
    """
    job, folder = named(what)
    there = state(job)
    if there is None or there.code in ENDED:
        raise CaptionerError(f"job {job} has ended: {_meaning(there) if there else _gone(job, folder)}")
    _slurm("scancel", job, fails=True)
    return job


def _meaning(there: State) -> str:
    plain = MEANINGS.get(there.code, "see the manual page of squeue")
    again = f"; started again {there.restarts} times" if there.restarts > 1 else ""
    again = "; started again once" if there.restarts == 1 else again
    if there.code == "R":
        return f"{plain} on {there.nodes} for {there.elapsed} of {there.limit}{again}"
    if there.code == "PD":
        reason = there.nodes.strip("()").partition(",")[0]
        expected = "" if there.start == "N/A" else f"; expected to start {there.start}"
        return f"{plain}: {_REASONS.get(reason, reason)}{expected}"
    return plain + again


def _gone(job: str, folder: Path | None) -> str:
    known = _slurm("sacct", "--noheader", "--parsable2", "--allocations", f"--jobs={job}", "--format=State")
    said = f"sacct calls it {known.splitlines()[0]}" if known else "Slurm no longer knows this job"
    if folder is None:
        return f"{said}; the training's folder would tell more"
    if (folder / ADAPTER).exists():
        return f"{said}; the training has ended: {folder / ADAPTER}"
    return f"{said}, and there is no adapter: --logs says why; the same command with --resume goes on"


def _meaning_or_gone(job: str, folder: Path | None) -> str:
    there = state(job)
    return f"{there.code}, it {_meaning(there)}" if there else _gone(job, folder)


def _log_files(job: str) -> list[str]:
    shown = _slurm("scontrol", "show", "job", job)
    found = dict(re.findall(r"^\s*(StdErr|StdOut)=(.+)$", shown, re.MULTILINE))
    return [found[name] for name in ("StdErr", "StdOut") if name in found]


def _slurm(*words: str, fails: bool = False) -> str:
    """What a command of Slurm prints; "" where it knows nothing, unless that ``fails``. Raises CaptionerError."""
    if shutil.which(words[0]) is None:
        raise CaptionerError(
            f"Slurm is not here: there is no {words[0]} on the PATH. Ask on a login node of the cluster."
        )
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    except subprocess.TimeoutExpired as error:
        raise CaptionerError(f"{words[0]} does not answer; is Slurm's controller up? (scontrol ping)") from error
    message = " ".join(done.stderr.split())
    if done.returncode and (fails or "Unable to contact" in message or "configuration source" in message):
        raise CaptionerError(f"{words[0]}: {message[:300]}")
    return done.stdout.strip()
