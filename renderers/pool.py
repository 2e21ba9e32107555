"""Many SVGs: from the cache where they were drawn before, from worker processes where not.

Everything that an SVG's content could make slow happens in the workers, reading it included: this process
hashes it, and waits.
"""

from __future__ import annotations

import os
import warnings
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from queue import LifoQueue
from typing import TYPE_CHECKING

from renderers.base import RenderError, Rendering, RenderOptions
from renderers.cache import RenderCache, document_key, kind_folder, unpack
from renderers.drawing import fingerprint, usable_backends
from renderers.kept_files import ENVIRONMENT, unwritable
from renderers.worker import MOST_AT_ONCE, Answer, Task, Worker

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MAX_WORKERS = 8
GIBIBYTE = 1024**3
_AHEAD = 2 * MOST_AT_ONCE  # drawings per worker that may be begun before the consumer takes the oldest


class RenderPool:
    """Draws SVGs in processes, each drawing bounded in time and memory. Use it in a ``with`` statement.

    A process starts when there is a drawing for it that is not in the cache; all end with the ``with`` block.

    Args:
        options: size, background and renderer.
        workers: number of processes; None for one per usable CPU, at most 8.
        timeout: seconds that one drawing may take.
        memory: bytes by which a process's address space may grow (only on Linux).
        cache: keep renderings on disk and take them from there.

    Raises:
        RendererUnavailable: the renderer of ``options`` cannot work here.
        UnknownName: there is no such renderer.
    """

    def __init__(
        self,
        options: RenderOptions | None = None,
        workers: int | None = None,
        timeout: float = 20.0,
        memory: int = 2 * GIBIBYTE,
        cache: bool = True,
    ) -> None:
        self.options = options or RenderOptions()
        names = usable_backends(self.options.backend)
        self._cache: RenderCache | None = None
        if cache:
            try:
                folder = kind_folder(repr((fingerprint(self.options), self.options.limits)))
                reason = unwritable(folder)
                self._cache = None if reason else RenderCache(folder)
            except (OSError, RuntimeError) as error:
                reason = str(error)
            if reason:
                self._do_without_cache(reason)
        task = Task(self.options, names, timeout, memory)
        count = min(_usable_cpus(), MAX_WORKERS) if workers is None else workers
        self._workers = [Worker(task) for _ in range(count)]
        self._waiting: deque[_Job] = deque()
        self._threads = ThreadPoolExecutor(len(self._workers), thread_name_prefix="renderer")
        self._idle: LifoQueue[Worker] = LifoQueue()  # last in, first out: a running process before a new one
        for worker in self._workers:
            self._idle.put(worker)

    def __enter__(self) -> RenderPool:
        return self

    def __exit__(self, *_: object) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
        for worker in self._workers:
            worker.close()
        self._threads.shutdown()
        if self._cache is not None:
            self._cache.close()

    def render_many(self, svgs: Iterable[str | bytes]) -> Iterator[Rendering | RenderError]:
        """Draw each SVG; yields its rendering, or the error that it alone met, in the order of ``svgs``.

        ``svgs`` is read only a few drawings ahead of the consumer.

        Raises:
            RendererUnavailable: processes do not start here at all.
        """
        window: deque[Rendering | _Job] = deque()
        for svg in svgs:
            window.append(self._begun(svg))
            while window and (len(window) > _AHEAD * len(self._workers) or _is_done(window[0])):
                yield self._finished(window.popleft())
        while window:
            yield self._finished(window.popleft())

    def _begun(self, svg: str | bytes) -> Rendering | _Job:
        key = document_key(svg)
        if self._cache is not None and (found := self._cache.load(key)):
            return found
        job = _Job(svg, key, Future())
        self._waiting.append(job)
        self._threads.submit(self._draw_some)
        return job

    def _draw_some(self) -> None:
        """Have an idle worker draw what waits longest; others may have drawn it meanwhile."""
        worker = self._idle.get()
        jobs: list[_Job] = []
        try:
            share = -(-len(self._waiting) // len(self._workers))  # that none is left without work at the end
            with suppress(IndexError):
                while len(jobs) < min(worker.appetite, share):
                    jobs.append(self._waiting.popleft())
            for job, answer in zip(jobs, worker.draw([job.svg for job in jobs]), strict=True):
                job.future.set_result(answer)
        except BaseException as error:  # for the consumer to raise, who would wait for ever
            for job in jobs:
                if not job.future.done():
                    job.future.set_exception(error)
        finally:
            self._idle.put(worker)

    def _finished(self, begun: Rendering | _Job) -> Rendering | RenderError:
        if not isinstance(begun, _Job):
            return begun
        answer = begun.future.result()
        if isinstance(answer, RenderError):
            return answer
        if answer.lasting and self._cache is not None:
            try:
                self._cache.store(begun.key, answer.packed)
            except OSError as error:
                self._do_without_cache(str(error))
        return unpack(answer.packed)

    def _do_without_cache(self, reason: str) -> None:
        warnings.warn(
            f"renderings are not kept: {reason}. Set {ENVIRONMENT} to a folder that can be written to.",
            RuntimeWarning,
            stacklevel=3,
        )
        self._cache = None


@dataclass(frozen=True, slots=True)
class _Job:
    svg: str | bytes
    key: bytes
    future: Future[Answer]


def _is_done(begun: Rendering | _Job) -> bool:
    return not isinstance(begun, _Job) or begun.future.done()


def _usable_cpus() -> int:
    """CPUs that this process may use: a batch system grants fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
