"""Trainings as jobs of a real Slurm: pre-empted, put back, resumed and finished; watched and cancelled."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from captioners import CaptionerError
from captioners.training.config import TrainingConfig
from captioners.training.launch import queue, slurm
from captioners.training.launch.submission import Submission, read
from tests.captioners.training import tiny
from tests.captioners.training.launch import worker

pytestmark = pytest.mark.usefixtures("slurm")
CONFIG: TrainingConfig = tiny.config("cpu-demo", *worker.SETTINGS)

# Stands for a training where that is not what is tested: it hears the request, and is done when it starts again.
STAND_IN = """
import sys, time
from pathlib import Path
from captioners.training.interruption import EXIT_CODE, heard
output = Path(sys.argv[1])
with heard(print) as request, (output / "starts").open("a+") as starts:
    starts.write("start\\n")
    starts.flush()
    starts.seek(0)
    print("it starts", flush=True)
    if len(starts.readlines()) > 1:
        (output / "adapter").mkdir()
        sys.exit(0)
    while not request.made:
        time.sleep(0.05)
    print("it was told to stop")
    sys.exit(EXIT_CODE)
"""


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "out"


def submit(output: Path, *extras: str) -> Submission:
    return slurm.submit([sys.executable, "-c", STAND_IN, str(output)], CONFIG, output, extras)


def until(true: Callable[[], bool], output: Path, seconds: float = 100.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"{queue.status(str(output))}\n{log(output)}"
        time.sleep(0.1)


def until_state(output: Path, *codes: str) -> None:
    until(lambda: queue.status(str(output)).code in codes, output)


def log(output: Path) -> str:
    try:
        return queue.logs(str(output))
    except CaptionerError as error:
        return str(error)


def now(job: str) -> None:
    """Start a job that was put back, which would wait for two minutes.

    Its node takes one that starts in the second in which it was ended for the ended one.
    """
    time.sleep(2)
    subprocess.run(["scontrol", "update", f"jobid={job}", "StartTime=now"], check=True)


def test_preempted_and_put_back_it_trains_as_undisturbed(output: Path, tmp_path: Path) -> None:
    words = [sys.executable, worker.__file__, str(output), "--slow", "0.5"]
    job = slurm.submit(words, CONFIG, output).job
    undisturbed = worker.run(tmp_path / "undisturbed")

    until(lambda: "step 6\n" in log(output), output)
    urgent = ["sbatch", "--parsable", "--partition=high", "--output=/dev/null", "--wrap=sleep 0.5"]
    subprocess.run(urgent, check=True, capture_output=True)
    until_state(output, "PD")
    now(job)
    assert queue.status(job).code in ("PD", "R")
    until_state(output, "CD")

    said = log(output)
    stopped = int(said.partition("stopped on request after step ")[2].partition(";")[0])
    assert 6 <= stopped < worker.STEPS
    assert said.count("stopped on request") == 1
    assert said.count(f"step {stopped + 1}\n") == 1 and said.count("step 1\n") == 1
    assert f"finished after step {worker.STEPS}" in said
    assert queue.status(str(output)).meaning == "completed; started again once"
    assert queue.status(str(output)).step == worker.STEPS
    adapters = [folder / "adapter" / "adapter_model.safetensors" for folder in (output, tmp_path / "undisturbed")]
    assert adapters[0].read_bytes() == adapters[1].read_bytes() and undisturbed.steps == worker.STEPS


def test_sigterm_alone_puts_it_back_too(output: Path) -> None:
    """What clusters send before they take a node away, unless they are set to send the user's signal."""
    job = submit(output).job
    until(lambda: "it starts" in log(output), output)
    subprocess.run(["scancel", "--signal=TERM", job], check=True)
    until_state(output, "PD")
    assert queue.status(job).meaning.startswith("waits: until its start time; a job that was put back waits about two")
    now(job)
    until_state(output, "CD")
    assert log(output).count("it was told to stop") == 1
    assert (output / "starts").read_text() == "start\n" * 2


def test_a_cancelled_job_stops_and_is_not_put_back(output: Path) -> None:
    job = submit(output).job
    until(lambda: "it starts" in log(output), output)
    there = queue.status(str(output))
    assert there.code == "R" and there.meaning.startswith("runs on ") and there.meaning.endswith(" of 2:00:00")
    assert queue.cancel(str(output)) == job
    until_state(output, "CA")
    until(lambda: "it was told to stop" in log(output), output)
    assert queue.status(str(output)).meaning == "cancelled by its user or an administrator"
    with pytest.raises(CaptionerError, match=f"job {job} has ended: cancelled"):
        queue.cancel(job)
    assert (output / "starts").read_text() == "start\n"


def test_a_failure_is_one(output: Path) -> None:
    slurm.submit([sys.executable, "-c", "import sys; sys.exit('no such base')"], CONFIG, output)
    until_state(output, "F")
    assert queue.status(str(output)).meaning == "failed; its log says why"
    assert "no such base" in log(output)
    assert "the training ended with status 1; its own words are above" in log(output)


def test_a_waiting_job_says_why_and_what_was_asked(output: Path) -> None:
    made = submit(output, "hold", "comment=for the paper", "time=30")
    there = queue.status(str(output))
    assert (there.job, there.code, there.meaning) == (made.job, "PD", "waits: held: scontrol release lets it go")
    assert (there.step, there.loss) == (0, None)
    with pytest.raises(CaptionerError, match=f"job {made.job} has written nothing yet: PD, it waits: held"):
        queue.logs(made.job)
    shown = subprocess.run(["scontrol", "show", "job", made.job], check=True, capture_output=True, text=True).stdout
    for asked in ("TimeLimit=00:30:00", "NumCPUs=1", "MinMemoryNode=1G", "Comment=for the paper", "Partition=low"):
        assert asked in shown
    assert json.loads((output / "submission.json").read_text())["job"] == made.job
    assert read(output) == made and made.request["signal"] == "USR2@120"
    with pytest.raises(CaptionerError, match=rf"job {made.job} for .* is in the queue \(PD\)"):
        submit(output)
    queue.cancel(made.job)
    until_state(output, "CA")


def test_a_wrong_partition_is_refused_with_those_there_are(output: Path) -> None:
    with pytest.raises(CaptionerError, match=r"invalid partition specified: gpu.*Partitions here: high, low"):
        submit(output, "partition=gpu")
    assert read(output) is None


def test_what_is_neither_job_nor_folder(output: Path) -> None:
    with pytest.raises(CaptionerError, match="is neither the number of a job nor a folder that a job was submitted"):
        queue.status(str(output))
    assert queue.status("999999").meaning == "Slurm no longer knows this job; the training's folder would tell more"
