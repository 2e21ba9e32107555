"""One process that draws, and may hang, crash or run out of memory without harm to the one that asked.

Each worker has a pipe of its own: a worker that is killed in the middle of an answer, or while it is idle,
spoils nothing for the others.
"""

from __future__ import annotations

import multiprocessing
import signal
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from renderers.base import (
    RENDERERS,
    RenderCrash,
    RenderError,
    RendererUnavailable,
    Rendering,
    RenderOptions,
    RenderTimeout,
)
from renderers.cache import store
from renderers.drawing import draw

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
        options: size and background.
        names: renderers to try, in order.
        timeout: seconds per drawing.
        memory: bytes by which the address space of a process may grow.
    """

    options: RenderOptions
    names: tuple[str, ...]
    timeout: float
    memory: int


@dataclass(frozen=True, slots=True)
class _Answer:
    """A rendering on its way through the pipe: pixels as RGB rows, and why the cache could not take it."""

    pixels: bytes
    backend: str
    blank: str
    seconds: float
    unstored: str


class Worker:
    """A process that draws one SVG at a time; it starts with the first, and again after it ended."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._process: BaseProcess | None = None
        self._pipe: Connection | None = None
        self._closed = False

    def draw(self, svg: str, repairs: tuple[str, ...], entry: Path | None) -> tuple[Rendering, str]:
        """Draw a secured SVG and write it to the cache file ``entry``.

        Returns:
            the rendering, and why it could not be written, "" when it was or when there is no ``entry``.

        Raises:
            RenderTimeout: the drawing took too long; the process was ended.
            RenderCrash: the process ended.
            RenderError: no renderer could draw the SVG.
            RendererUnavailable: the process cannot start.
        """
        pipe = self._running()
        try:
            pipe.send((svg, entry))
            if not pipe.poll(self._task.timeout):
                self._end()
                raise RenderTimeout(f"the drawing was not finished after {self._task.timeout:g} s")
            answer: _Answer | RenderError = pipe.recv()
        except (EOFError, OSError) as error:
            raise RenderCrash(
                f"the process that drew the SVG ended ({_fate(self._end(_LAST_WORDS))}); "
                f"a crash of the renderer, or more than {self._task.memory / 2**20:,.0f} MiB of memory"
            ) from error
        if isinstance(answer, RenderError):
            raise answer
        image = Image.frombytes("RGB", self._task.options.size(), answer.pixels)
        return Rendering(image, answer.backend, repairs, answer.blank, answer.seconds), answer.unstored

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


def _serve(pipe: Connection, task: Task) -> None:
    """What a worker's process does: say that it is ready, then answer until the pipe is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that asked to handle
    RENDERERS[task.names[0]]().availability()  # imports the backend
    _limit_memory(task.memory)
    pipe.send("ready")
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):
        while True:
            svg, entry = pipe.recv()
            # Should the asking process be killed, nobody else is left to end a drawing that hangs.
            signal.setitimer(signal.ITIMER_REAL, task.timeout + _ORPHAN_GRACE)
            answer = _answer(svg, entry, task)
            signal.setitimer(signal.ITIMER_REAL, 0)
            pipe.send(answer)


def _answer(svg: str, entry: Path | None, task: Task) -> _Answer | RenderError:
    try:
        rendering = draw(svg, (), task.options, task.names)
    except RenderError as error:
        return error
    unstored = ""
    if entry is not None:
        try:
            store(entry, rendering)
        except OSError as error:
            unstored = str(error)
    return _Answer(rendering.image.tobytes(), rendering.backend, rendering.blank, rendering.seconds, unstored)


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
