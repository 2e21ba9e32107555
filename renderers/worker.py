"""One process that draws, and may hang, crash or run out of memory without harm to the one that asked.

Each worker has a pipe of its own: a worker that is killed in the middle of an answer, or while it is idle,
spoils nothing for the others. Small drawings go through it several at a time, since waking a process takes as long
as drawing some of them; how far it has come stands in memory that is shared, so that when it ends it is known
which drawing ended it.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from renderers.base import (
    RENDERERS,
    RenderCrash,
    RenderError,
    RendererUnavailable,
    RenderOptions,
    RenderTimeout,
)
from renderers.cache import pack, unpack
from renderers.drawing import draw
from renderers.preparation import prepare

if TYPE_CHECKING:
    from collections.abc import MutableSequence, Sequence
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

MOST_AT_ONCE = 8
"""Drawings that a worker is given at a time, when they are quickly drawn."""
_AT_ONCE = 0.1  # seconds that they may take together
_START_LIMIT = 120.0  # seconds for the imports, which take long on a busy network file system
_LAST_WORDS = 1.0  # seconds that a process whose pipe has closed may take to end with an exit code of its own
_GRACE = 2.0  # seconds beyond its limit after which a process is ended that should have ended by itself


@dataclass(frozen=True, slots=True)
class Task:
    """What workers draw with, the same for all drawings of a pool.

    Attributes:
        options: size, background, and what is done to the SVG first.
        names: renderers to try, in order.
        timeout: seconds per drawing.
        memory: bytes by which the address space of a process may grow.
    """

    options: RenderOptions
    names: tuple[str, ...]
    timeout: float
    memory: int


class Drawn(NamedTuple):
    """A packed rendering, and whether it may be kept: not what was drawn because something else crashed before."""

    packed: bytes
    lasting: bool = True


Answer: TypeAlias = Drawn | RenderError
"""The rendering of a document, or why there is none."""


class _Ended(Exception):
    """The process ended while the document number ``at`` was drawn by the renderer number ``by``."""

    def __init__(self, why: RenderError, at: int = 0, by: int = 0) -> None:
        super().__init__(str(why))
        self.why, self.at, self.by = why, at, by


class Worker:
    """A process that draws; it starts with the first drawing, and again after it ended."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._process: BaseProcess | None = None
        self._pipe: Connection | None = None
        self._place: MutableSequence[int] = [0, 0]  # the document and the renderer that are at work
        self._closed = False
        self.appetite = 1
        """How many drawings it should be given next."""

    def draw(self, svgs: Sequence[str | bytes]) -> list[Answer]:
        """An answer to each document, in turn.

        When the process ends at a drawing, another one tries it again, as the cause may lie outside (a system that
        is short of memory); when it ends again while the same renderer draws, the next renderer has its turn.
        RenderCrash answers what ended it with every renderer, RenderTimeout what took too long.

        Raises:
            RendererUnavailable: the process cannot start.
        """
        answers: list[Answer] = []
        count = len(svgs)
        while len(answers) < len(svgs):
            rest = svgs[len(answers) : count]
            try:
                answers += self._attempt(rest, self._task.names)
                count = len(svgs)
            except _Ended as end:
                count = len(answers) + end.at  # those before it have to be drawn again, but it is left out
                if not end.at:
                    answers.append(self._settled(rest[0], end))
                    count = len(svgs)
        return answers

    def _settled(self, svg: str | bytes, end: _Ended) -> Answer:
        """The answer to a document at which the process has ended."""
        names = self._task.names
        crashes: dict[str, str] = {}
        while isinstance(end.why, RenderCrash) and not self._closed:
            name = names[end.by]
            if name in crashes:
                names = names[end.by + 1 :]
                if not names:
                    break
            crashes.setdefault(name, str(end.why))
            try:
                (answer,) = self._attempt([svg], names)
            except _Ended as again:
                end = again
                continue
            if names == self._task.names or isinstance(answer, RenderError):
                return answer
            passed = tuple(f"{name}: {crash}" for name, crash in crashes.items() if name not in names)
            rendering = unpack(answer.packed)
            # Not kept: it may be drawn better where they do not happen.
            return Drawn(pack(replace(rendering, fallbacks=passed + rendering.fallbacks)), lasting=False)
        return end.why

    def _attempt(self, svgs: Sequence[str | bytes], names: tuple[str, ...]) -> list[Answer]:
        """The answers, from a process that stays alive. Raises _Ended, RendererUnavailable."""
        self.appetite = 1
        try:
            pipe = self._running()
        except RenderCrash as unstarted:
            raise _Ended(unstarted) from unstarted
        self._place[:] = 0, 0
        start = time.monotonic()
        with suppress(EOFError, OSError):
            pipe.send((svgs, names))
            if pipe.poll(self._task.timeout * len(svgs) + _GRACE):
                answers: list[Answer] = pipe.recv()
                seconds = (time.monotonic() - start) / len(svgs)
                self.appetite = max(1, min(MOST_AT_ONCE, int(_AT_ONCE / seconds)))
                return answers
            self._end()
            raise _Ended(self._late(), *self._place)
        code = self._end(_LAST_WORDS)
        if code == -signal.SIGALRM:
            raise _Ended(self._late(), *self._place)
        crash = RenderCrash(
            f"the process that drew the SVG ended ({_fate(code)}); "
            f"a crash of the renderer, or more than {self._task.memory / 2**20:,.0f} MiB of memory"
        )
        raise _Ended(crash, *self._place)

    def _late(self) -> RenderTimeout:
        return RenderTimeout(f"the drawing was not finished after {self._task.timeout:g} s")

    def close(self) -> None:
        """End the process, whatever it does; no other is started. May be called from any thread."""
        self._closed = True
        process = self._process
        if process is not None:
            process.kill()
            process.join()

    def _running(self) -> Connection:
        if self._process is not None and self._pipe is not None and self._process.is_alive():
            return self._pipe
        spawn = multiprocessing.get_context("spawn")  # a fork would copy locks that other threads hold
        self._pipe, theirs = spawn.Pipe()
        self._place = spawn.RawArray("i", 2)
        arguments = (theirs, self._place, self._task)
        process = spawn.Process(target=_serve, args=arguments, name="renderer", daemon=True)
        process.start()
        self._process = process
        theirs.close()
        if self._closed:  # meanwhile, by another thread
            process.kill()
        with suppress(EOFError, OSError):
            if self._pipe.poll(_START_LIMIT):
                self._pipe.recv()
                return self._pipe
        code = self._end(_LAST_WORDS)
        if code < 0:
            raise RenderCrash(f"the process that was to draw the SVG ended while it started ({_fate(code)})")
        raise RendererUnavailable(
            f"render processes do not start ({_fate(code)}); what they wrote above says why. "
            "A script that draws must do so under: if __name__ == '__main__':"
        )

    def _end(self, patience: float = 0.0) -> int:
        """End the process, after ``patience`` seconds to end by itself; its exit code, negative for a signal."""
        if self._process is None:
            return 0
        self._process.join(patience)
        self._process.kill()
        self._process.join()
        code = self._process.exitcode or 0
        self._process = self._pipe = None
        return code


def _fate(code: int) -> str:
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"exit code {code}"


def _serve(pipe: Connection, place: MutableSequence[int], task: Task) -> None:
    """What a worker's process does: say that it is ready, then answer until the pipe is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that asked to handle
    renderers = [RENDERERS[name] for name in task.names]
    renderers[0]().availability()  # imports the backend
    if not any(getattr(renderer, "own_processes", False) for renderer in renderers):
        _limit_memory(task.memory)
    pipe.send("ready")
    with suppress(EOFError, BrokenPipeError, ConnectionResetError), Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), 2)  # where backends complain about single drawings
        while True:
            svgs, names = pipe.recv()
            answers = []
            for at, svg in enumerate(svgs):
                place[:] = at, 0
                # The system ends this process when a drawing takes too long, whatever it is deaf to.
                signal.setitimer(signal.ITIMER_REAL, task.timeout)
                answers.append(_answer(svg, names, task, place))
            signal.setitimer(signal.ITIMER_REAL, 0)
            pipe.send(answers)


def _answer(svg: str | bytes, names: tuple[str, ...], task: Task, place: MutableSequence[int]) -> Answer:
    def begin(name: str) -> None:
        place[1] = names.index(name)

    try:
        prepared = prepare(svg, repair=task.options.repair, limits=task.options.limits)
        return Drawn(pack(draw(prepared, task.options.canvas(), names, begin)))
    except RenderError as error:
        return error


def _limit_memory(growth: int) -> None:
    """Let this process's address space grow by ``growth`` bytes at most, where its size is known (Linux)."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except OSError:
        return
    import resource

    _, most = resource.getrlimit(resource.RLIMIT_AS)
    limit = pages * resource.getpagesize() + growth
    resource.setrlimit(resource.RLIMIT_AS, (limit if most == resource.RLIM_INFINITY else min(limit, most), most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a crash is expected; its gigabytes need no file
