"""A training that is told to stop: it ends its step, writes a checkpoint, and ends with a status of its own.

A status of 0 would say that it is done: Slurm would count the job as completed, and not put it back into the queue.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from types import FrameType

from captioners.base import CaptionerError

SIGNALS = (signal.SIGTERM, signal.SIGUSR2)
EXIT_CODE = os.EX_TEMPFAIL


class TrainingInterrupted(CaptionerError):
    """It was told to stop, and has written a checkpoint; ``EXIT_CODE`` is the status to end with.

    Attributes:
        step: optimizer steps that were taken.
    """

    def __init__(self, step: int) -> None:
        self.step = step
        super().__init__(f"stopped on request after step {step}; a checkpoint is written, and --resume goes on from it")


class Request:
    """Whether this process was told to stop.

    Attributes:
        made: whether it was.
    """

    def __init__(self) -> None:
        self.made = False

    def make(self, number: int, frame: FrameType | None) -> None:
        """As a signal handler."""
        self.made = True


@contextlib.contextmanager
def heard() -> Iterator[Request]:
    """While it lasts, :data:`SIGNALS` are requests to stop.

    Launchers start processes with these signals blocked, so that one that comes while Python still imports does not
    kill; it is taken as soon as this begins. Outside the main thread, where Python has no signals, none is heard.
    """
    request = Request()
    if threading.current_thread() is not threading.main_thread():
        yield request
        return
    before = {number: signal.signal(number, request.make) for number in SIGNALS}
    blocked = signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
    try:
        yield request
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        for number, handler in before.items():
            signal.signal(number, handler)
