"""A training as processes of their own on this machine, which can be told to stop.

The signals that ask for it are blocked until the training takes them: one that comes while libraries are imported would
kill. So torchrun itself, which never takes them, goes on until its workers have ended.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Sequence

import psutil

from captioners.training.interruption import EXIT_CODE, SIGNALS

_PATIENCE = 10.0


def command(program: Sequence[str], processes: int) -> tuple[str, ...]:
    """The command that runs a program of Python under torchrun.

    Args:
        program: what follows ``python`` on a command line.
        processes: to run, on this machine.
    """
    each = f"--nproc-per-node={processes}"
    return (sys.executable, "-m", "torch.distributed.run", "--standalone", "--nnodes=1", each, *program)


class Child:
    """A running command.

    Attributes:
        asked: whether it was told to stop.
    """

    def __init__(self, words: Sequence[str]) -> None:
        """Start it. Raises OSError."""
        self.asked = False
        before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        try:
            self._process = subprocess.Popen(words, start_new_session=True)  # Ctrl-C is ours to pass on
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def ask(self) -> None:
        """Tell it to write a checkpoint and end."""
        self.asked = True
        _send(self._family(), signal.SIGUSR2)

    def wait(self) -> int:
        """Its status: ``EXIT_CODE`` when it was told to stop and has not ended well. May be called by a handler."""
        with contextlib.suppress(ChildProcessError):  # a handler that interrupted this has seen its end
            os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOWAIT)  # unlike Popen.wait, without a lock
        code = self._process.wait()
        return EXIT_CODE if code and self.asked else code

    def end(self, patience: float = _PATIENCE) -> None:
        """End what still runs of it, and what that has started, after ``patience`` seconds if need be."""
        family = self._family()
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(patience)
        _send(family, signal.SIGKILL)
        self._process.wait()

    def _family(self) -> list[psutil.Process]:
        """It and all that it has started; torchrun's workers are no group with it."""
        try:
            itself = psutil.Process(self._process.pid)
            return [itself, *itself.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []


def run(words: Sequence[str]) -> int:
    """Run a command to its end and give its status; ``SIGNALS`` and Ctrl-C that come meanwhile tell it to stop.

    Raises OSError; KeyboardInterrupt where Ctrl-C is pressed a second time.
    """
    child = Child(words)

    def ask(number: int, *_: object) -> None:
        if child.asked and number == signal.SIGINT:
            raise KeyboardInterrupt
        child.ask()

    before = {number: signal.signal(number, ask) for number in (*SIGNALS, signal.SIGINT)}
    try:
        return child.wait()
    finally:
        child.end()
        for number, handler in before.items():
            signal.signal(number, handler)


def _send(family: Sequence[psutil.Process], number: signal.Signals) -> None:
    for member in family:
        with contextlib.suppress(psutil.NoSuchProcess):
            member.send_signal(number)
