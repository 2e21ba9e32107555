"""Renderings on disk: pictures, one CSV row per drawing, and how often what happened."""

from __future__ import annotations

import csv
import io
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmark.cli.drawings import Drawing, picture_names
from benchmark.files import make_folder, write_atomic, writing
from renderers import RenderError, RenderOptions, RenderPool
from renderers.comparison.side_by_side import Bounds, Outcome, Totals

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from PIL import Image

COLUMNS = (
    *("id", "backend", "drawn_by", "status", "error", "blank"),
    *("repairs", "flags", "fallbacks", "seconds", "file"),
)
"""Of ``renderings.csv``. Several repairs, flags or fallbacks are separated by "; "."""

_FAST = 1  # zlib level: a quarter faster than the default, and drawings grow by a tenth


@dataclass(frozen=True)
class Renderings:
    """What became of the drawings.

    Attributes:
        outcomes: in the order of the drawings.
        files: their pictures' paths from the folder that they were written to, "" for those that failed.
        seconds: wall time of all of it.
    """

    outcomes: tuple[Outcome, ...]
    files: tuple[str, ...]
    seconds: float

    def failed(self, drawings: Sequence[Drawing]) -> list[Drawing]:
        """Those of the drawings that were not drawn."""
        return [drawing for drawing, outcome in zip(drawings, self.outcomes, strict=True) if outcome.error]


def write_renderings(
    drawings: Sequence[Drawing],
    options: RenderOptions,
    bounds: Bounds,
    folder: Path,
    drawn: Callable[[int], None] = lambda count: None,
) -> Renderings:
    """Draw everything with one backend; write a PNG for each drawing, and ``renderings.csv``, to ``folder``.

    Args:
        drawings: what to draw.
        options: how, and with which backend.
        bounds: of the pool; renderings are taken from and kept in its cache.
        folder: made if need be; files of the same names are overwritten.
        drawn: told how many drawings are done since it was told last.

    Raises:
        RendererUnavailable: the backend cannot work here.
        UnknownName: there is no such backend.
        UserError: the folder cannot be written to, or a file not be read.
    """
    make_folder(folder)
    start = time.perf_counter()
    outcomes, files = [], []
    with RenderPool(options, bounds.workers, bounds.timeout, bounds.memory) as pool:
        results = pool.render_many(drawing.document() for drawing in drawings)
        for drawing, name, result in zip(drawings, picture_names(drawings), results, strict=True):
            outcomes.append(Outcome.of(drawing.id, options.backend, result))
            files.append("" if isinstance(result, RenderError) else name)
            if not isinstance(result, RenderError):
                write_picture(folder / name, result.image)
            drawn(1)
    write_csv(folder / "renderings.csv", outcomes, files)
    return Renderings(tuple(outcomes), tuple(files), time.perf_counter() - start)


def write_picture(path: Path, picture: Image.Image) -> None:
    """Write a PNG file, whole or not at all; its folder is made if need be. Raises UserError."""
    make_folder(path.parent)
    with writing(path):
        part = path.with_name(f".{path.name}.part")
        picture.save(part, "PNG", compress_level=_FAST)
        part.replace(path)


def write_csv(path: Path, outcomes: Sequence[Outcome], files: Sequence[str] = ()) -> None:
    """Write one row per outcome, with the file of its picture if there are any. Raises UserError."""
    write_table(
        path,
        COLUMNS,
        (
            (
                *(outcome.id, outcome.backend, outcome.drawn_by, outcome.status, outcome.error, outcome.blank),
                *("; ".join(texts) for texts in (outcome.repairs, outcome.flags, outcome.fallbacks)),
                f"{outcome.seconds:.6f}",
                files[position] if files else "",
            )
            for position, outcome in enumerate(outcomes)
        ),
    )


def write_table(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a CSV file, whole or not at all. Raises UserError."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    write_atomic(path, text.getvalue())


def counts(outcomes: Sequence[Outcome]) -> dict[str, dict[str, int]]:
    """How many drawings each renderer drew, were blank for each reason, had each repair, flag and fallback.

    The most frequent come first. Of a fallback the renderer's name counts, not what it met.
    """
    kinds: dict[str, Counter[str]] = {
        "drawn by": Counter(outcome.drawn_by for outcome in outcomes if outcome.drawn_by),
        "blank": Counter(outcome.blank for outcome in outcomes if outcome.blank),
        "repair": Counter(name for outcome in outcomes for name in outcome.repairs),
        "flag": Counter(name for outcome in outcomes for name in outcome.flags),
        "passed over": Counter(text.partition(":")[0] for outcome in outcomes for text in outcome.fallbacks),
    }
    return {kind: dict(counter.most_common()) for kind, counter in kinds.items()}


def problems(outcomes: Sequence[Outcome]) -> list[dict[str, str]]:
    """What a user may want to look into: id, status and reason of each failed or blank drawing."""
    return [
        {"id": one.id, "backend": one.backend, "status": one.status, "reason": one.error or one.blank}
        for one in outcomes
        if one.error or one.blank
    ]


def totals_record(backend: str, outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """The totals of one backend as JSON."""
    totals = Totals.of(outcomes)
    return {
        "backend": backend,
        "drawings": totals.drawings,
        "drawn": totals.drawn,
        "blank": totals.blank,
        "failed": totals.failed,
        "repaired": totals.repaired,
        "flagged": totals.flagged,
        "milliseconds": round(totals.milliseconds, 3),
        "slowest": round(totals.slowest, 3),
    }
