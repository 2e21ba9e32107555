"""The same drawings by several renderers, a bounded number of pictures at a time.

The renderers take turns, a batch of drawings each: so one of them has the machine to itself while it is timed,
and the pictures of each drawing come out together.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

from renderers.base import RenderError, Rendering, RenderOptions
from renderers.pool import GIBIBYTE, MAX_WORKERS, RenderPool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

_BATCH = 64
_PICTURES = 256 * 1024**2  # bytes that the pictures of one batch may take

# One without text too, for the backends that draw none.
_SQUARE = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><rect width="8" height="8"/>{}</svg>'
_WARM_UP = (_SQUARE.format(""), _SQUARE.format('<text y="8" font-size="4">a</text>'))


@dataclass(frozen=True, slots=True)
class Bounds:
    """How pools are to work.

    Attributes:
        workers: processes of each pool; None for one per usable CPU.
        timeout: seconds that one drawing may take.
        memory: bytes by which a process may grow.
    """

    workers: int | None = None
    timeout: float = 20.0
    memory: int = 2 * GIBIBYTE


USUAL = Bounds()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one drawing, without its picture.

    Attributes:
        id: of the drawing.
        backend: the renderer that was asked, "auto" included.
        drawn_by: the renderer that drew it, "" when none could.
        error: why it could not be drawn, "" when it could.
        blank: why nothing can be seen in the picture, "" when something can.
        repairs: names of what was mended before.
        flags: what is doubtful and was left.
        fallbacks: what the renderers before ``drawn_by`` met.
        seconds: wall time of the drawing, 0 when it failed.
    """

    id: str
    backend: str
    drawn_by: str = ""
    error: str = ""
    blank: str = ""
    repairs: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    fallbacks: tuple[str, ...] = ()
    seconds: float = 0.0

    @classmethod
    def of(cls, id: str, backend: str, result: Rendering | RenderError) -> Outcome:
        """What ``backend`` answered about the drawing ``id``."""
        if isinstance(result, RenderError):
            return cls(id, backend, error=" ".join(str(result).split()) or type(result).__name__)
        return cls(
            id,
            backend,
            result.backend,
            "",
            result.blank,
            result.repairs,
            result.flags,
            result.fallbacks,
            result.seconds,
        )

    @property
    def status(self) -> str:
        """ "failed", "blank" or "drawn"."""
        if self.error:
            return "failed"
        return "blank" if self.blank else "drawn"


@dataclass(frozen=True, slots=True)
class Totals:
    """Counts over drawings. ``milliseconds`` is the mean per drawing that did not fail, ``slowest`` the largest."""

    drawings: int
    drawn: int
    blank: int
    failed: int
    repaired: int
    flagged: int
    milliseconds: float
    slowest: float

    @classmethod
    def of(cls, outcomes: Sequence[Outcome]) -> Totals:
        """Of the outcomes of one backend; times are 0 when all failed."""
        times = [1000 * outcome.seconds for outcome in outcomes if not outcome.error]
        status = [outcome.status for outcome in outcomes]
        return cls(
            drawings=len(outcomes),
            drawn=status.count("drawn"),
            blank=status.count("blank"),
            failed=status.count("failed"),
            repaired=sum(bool(outcome.repairs) for outcome in outcomes),
            flagged=sum(bool(outcome.flags) for outcome in outcomes),
            milliseconds=sum(times) / len(times) if times else 0.0,
            slowest=max(times, default=0.0),
        )


def side_by_side(
    drawings: Iterable[tuple[str, str | bytes]],
    backends: Sequence[str],
    options: RenderOptions,
    bounds: Bounds = USUAL,
    drawn: Callable[[int], None] = lambda count: None,
) -> Iterator[tuple[str, dict[str, Rendering | RenderError]]]:
    """Each drawing's id with what every backend made of it, in the order of ``drawings``.

    Drawing is to be timed: so the cache is left alone, and every process draws something before the first of the
    drawings, which starts browsers and loads fonts. Each backend has a pool of its own.

    Args:
        drawings: ids and documents; read a batch at a time.
        backends: names of renderers, "auto" among them or not.
        options: of all renderings but for the backend.
        bounds: of the pools.
        drawn: told how many pictures (drawings times backends) are done since it was told last.

    Raises:
        RendererUnavailable: one of the backends cannot work here.
        UnknownName: there is no such renderer.
    """
    width, height = options.size()
    batch_size = min(_BATCH, max(1, _PICTURES // (width * height * 4 * max(1, len(backends)))))
    with ExitStack() as pools:
        by_name = {
            name: pools.enter_context(
                RenderPool(replace(options, backend=name), bounds.workers, bounds.timeout, bounds.memory, cache=False)
            )
            for name in backends
        }
        for pool in by_name.values():
            for _ in pool.render_many(_WARM_UP * (bounds.workers or MAX_WORKERS)):
                pass
        remaining = iter(drawings)
        while batch := list(islice(remaining, batch_size)):
            answers: dict[str, list[Rendering | RenderError]] = {name: [] for name in backends}
            for name, pool in by_name.items():
                for answer in pool.render_many(svg for _, svg in batch):
                    answers[name].append(answer)
                    drawn(1)
            for position, (id, _) in enumerate(batch):
                yield id, {name: answers[name][position] for name in backends}
