"""A training that is told to stop: it ends its step, writes a checkpoint, and ends with a status of its own.

A status of 0 would say that it is done: Slurm would count the job as completed, and not put it back into the queue.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterator
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

    def __init__(self, note: Callable[[str], None]) -> None:
        self._note, self.made = note, False

    def make(self, number: int, frame: FrameType | None) -> None:
        """As a signal handler. Raises KeyboardInterrupt where Ctrl-C is pressed a second time."""
        if self.made and number == signal.SIGINT:
            raise KeyboardInterrupt
        if not self.made:
            self._note("told to stop: the step is finished and a checkpoint written first (Ctrl-C again: stop at once)")
        self.made = True


@contextlib.contextmanager
def heard(note: Callable[[str], None]) -> Iterator[Request]:
    """While it lasts, :data:`SIGNALS` and Ctrl-C are requests to stop; ``note`` tells of the first.

    Launchers start processes with these signals blocked, so that one that comes while Python still imports does not
    kill; it is taken as soon as this begins. Outside the main thread, where Python has no signals, none is heard.
    """
    request = Request(note)
    if threading.current_thread() is not threading.main_thread():
        yield request
        return
    before = {number: signal.signal(number, request.make) for number in (*SIGNALS, signal.SIGINT)}
    blocked = signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
    try:
        yield request
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        for number, handler in before.items():
            signal.signal(number, handler)
