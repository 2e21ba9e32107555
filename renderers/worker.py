"""One process that draws, and may hang, crash or run out of memory without harm to the one that asked.

Each worker has a pipe of its own: a worker that is killed in the middle of an answer, or while it is idle,
spoils nothing for the others.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from renderers.base import (
    RENDERERS,
    RenderCrash,
    RenderError,
    RendererUnavailable,
    Rendering,
    RenderOptions,
    RenderTimeout,
)
from renderers.cache import pack, store, unpack
from renderers.drawing import draw
from renderers.preparation import prepare

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

_START_LIMIT = 120.0  # seconds for the imports, which take long on a busy network file system
_LAST_WORDS = 1.0  # seconds that a process whose pipe has closed may take to end with an exit code of its own
_ORPHAN_GRACE = 2.0  # seconds beyond its limit that a drawing may take before the system ends its process


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


class Worker:
    """A process that draws one SVG at a time; it starts with the first, and again after it ended."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._process: BaseProcess | None = None
        self._pipe: Connection | None = None
        self._closed = False

    def draw(self, svg: str | bytes, entry: Path | None) -> tuple[Rendering, str]:
        """Draw an SVG and write the rendering to the cache file ``entry``.

        When the process ends, another one tries again, as the cause may lie outside (a system that is short of
        memory); when it ends again while the same renderer draws, the next renderer has its turn.

        Returns:
            the rendering, and why it could not be written, "" when it was or when there is no ``entry``.

        Raises:
            RenderTimeout: the drawing took too long; the process was ended.
            RenderCrash: the process ended, with every renderer.
            RenderError: no renderer could draw the SVG.
            RendererUnavailable: the process cannot start.
        """
        names = self._task.names
        crashes: dict[str, str] = {}
        while True:
            begun = [names[0]]
            try:
                # What is drawn after crashes is not kept: it may be drawn better where they do not happen.
                packed, unstored = self._attempt(svg, None if names != self._task.names else entry, names, begun)
                break
            except RenderCrash as crash:
                if self._closed:
                    raise
                if begun[-1] not in crashes:
                    crashes[begun[-1]] = str(crash)
                    continue
                names = names[names.index(begun[-1]) + 1 :]
                if not names:
                    raise
        rendering = unpack(packed)
        if names == self._task.names:
            return rendering, unstored
        passed = tuple(f"{name}: {crash}" for name, crash in crashes.items() if name not in names)
        return replace(rendering, fallbacks=passed + rendering.fallbacks), unstored

    def _attempt(
        self, svg: str | bytes, entry: Path | None, names: tuple[str, ...], begun: list[str]
    ) -> tuple[bytes, str]:
        """The packed rendering, and why it could not be written; appends to ``begun`` what starts to draw."""
        try:
            pipe = self._running()
            pipe.send((svg, entry, names))
            deadline = time.monotonic() + self._task.timeout
            while pipe.poll(deadline - time.monotonic()):
                answer: _Begun | RenderError | tuple[bytes, str] = pipe.recv()
                if isinstance(answer, _Begun):
                    begun.append(answer.name)
                elif isinstance(answer, RenderError):
                    raise answer
                else:
                    return answer
        except (EOFError, OSError) as error:
            raise RenderCrash(
                f"the process that drew the SVG ended ({_fate(self._end(_LAST_WORDS))}); "
                f"a crash of the renderer, or more than {self._task.memory / 2**20:,.0f} MiB of memory"
            ) from error
        self._end()
        raise RenderTimeout(f"the drawing was not finished after {self._task.timeout:g} s")

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
        process = spawn.Process(target=_serve, args=(theirs, self._task), name="renderer", daemon=True)
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


@dataclass(frozen=True, slots=True)
class _Begun:
    """Says that another renderer than the first begins to draw."""

    name: str


def _serve(pipe: Connection, task: Task) -> None:
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
            svg, entry, names = pipe.recv()
            # Should the asking process be killed, nobody else is left to end a drawing that hangs.
            signal.setitimer(signal.ITIMER_REAL, task.timeout + _ORPHAN_GRACE)
            answer = _answer(svg, entry, names, task, pipe)
            signal.setitimer(signal.ITIMER_REAL, 0)
            pipe.send(answer)


def _answer(
    svg: str | bytes, entry: Path | None, names: tuple[str, ...], task: Task, pipe: Connection
) -> tuple[bytes, str] | RenderError:
    def begin(name: str) -> None:
        if name != names[0]:
            pipe.send(_Begun(name))

    try:
        prepared = prepare(svg, repair=task.options.repair, limits=task.options.limits)
        packed = pack(draw(prepared, task.options.canvas(), names, begin))
    except RenderError as error:
        return error
    if entry is not None:
        try:
            store(entry, packed)
        except OSError as error:
            return packed, str(error)
    return packed, ""


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
