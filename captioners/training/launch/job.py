"""What runs inside a job of Slurm: the training as a process beside, and its way back into the queue.

submitit calls this, and on SIGUSR2 asks it for what to go on with; then it puts the job back into the queue. It ignores
SIGTERM, which is all that some clusters send before they take a node away; here it counts too, unless the job was
cancelled or has had all of its time.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import Any

from captioners.training.folder import ADAPTER
from captioners.training.launch.processes import Child


class Job:
    """A training that stops with a checkpoint when its job has to end, and goes on when the job starts again."""

    def __init__(self, words: Sequence[str], directory: str, output: str) -> None:
        """Describe it.

        Args:
            words: the command, which goes on from the last checkpoint where there is one.
            directory: to run it in.
            output: the folder of the training.
        """
        self._words, self._directory, self._output = tuple(words), directory, output
        self._child: Child | None = None

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_child": None}  # a process cannot be written down

    def __call__(self) -> None:
        """Run it to its end. Raises SystemExit, with its status, where it fails."""
        if (Path(self._output) / ADAPTER).exists():
            return  # it ended while it was told to stop
        os.chdir(self._directory)
        signal.signal(signal.SIGTERM, self._terminated)
        self._child = Child(self._words)
        try:
            code = self._child.wait()
        finally:
            self._child.end()
        if code:
            raise RuntimeError(f"the training ended with status {code}; its own words are above")

    def checkpoint(self) -> Any:
        """Stop with a checkpoint, and say what to go on with."""
        from submitit.helpers import DelayedSubmission

        self._stop()
        return DelayedSubmission(Job(self._words, self._directory, self._output))

    def _terminated(self, number: int, frame: FrameType | None) -> None:
        if _runs(os.environ["SLURM_JOB_ID"]):
            signal.raise_signal(signal.SIGUSR2)
        else:
            self._stop()

    def _stop(self) -> None:
        if self._child is not None:
            self._child.ask()
            self._child.wait()


def _runs(job: str) -> bool:
    """Whether Slurm counts a job as running: one that is cancelled, or out of time, is completing."""
    words = ["squeue", "--noheader", f"--jobs={job}", "--format=%T"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    return done.stdout.strip() == "RUNNING"
