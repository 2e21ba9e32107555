"""Renderers against the reference pictures of a suite, or against another renderer as the judge.

Every SVG is drawn in the size of its reference, on a transparent ground, with the suite's fonts, and compared
premultiplied. References that one engine drew are passed best by that engine, so the same files can
be judged by an independent one instead.
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from PIL import Image

from renderers.base import TRANSPARENT, RenderError, RenderOptions
from renderers.comparison.contact_sheet import Cell, Row, cell
from renderers.comparison.side_by_side import USUAL, Bounds, Outcome, Totals, side_by_side
from renderers.comparison.similarity import Pixels, mean_absolute_difference
from renderers.comparison.suite import SuiteError
from renderers.limits import Limits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from renderers.base import Rendering
    from renderers.comparison.suite import Case, Suite

STRICT = 0.25
"""Mean absolute difference, of 255 levels, below which a picture is the reference but for rounding."""

MAIN = 1.0
"""Mean absolute difference, of 255 levels, below which a picture passes. A bound of 2.55 would pass an empty
picture on 261 of resvg's 1,721 tests; this one does on 7, whose references are all but empty."""

REFERENCES = "reference pictures"
"""The judge of a run that is not against a renderer."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one backend made of one case.

    Attributes:
        outcome: whether and how fast it was drawn.
        category: of the case.
        difference: mean absolute difference to the reference, 0 to 255; nan where the drawing failed.
    """

    outcome: Outcome
    category: str
    difference: float

    def passes(self, bound: float) -> bool:
        """Whether the difference is below ``bound``; a drawing that failed passes nothing."""
        return self.difference < bound  # nan is not


@dataclass(frozen=True, slots=True)
class Tally:
    """One backend in one category: how many cases there were, met each bound, could not be drawn."""

    cases: int
    main: int
    strict: int
    errors: int


@dataclass(frozen=True)
class Conformance:
    """What was measured.

    Attributes:
        judge: :data:`REFERENCES`, or the backend that the others were compared with.
        backends: in the order asked for, the judge not among them.
        verdicts: of all backends on all judged cases.
        unjudged: ids of cases that the judge itself could not draw, and why; they count for nobody.
        worst: rows for a contact sheet, the largest difference first; the judge's picture is column ``judge``.
    """

    judge: str
    backends: tuple[str, ...]
    verdicts: tuple[Verdict, ...]
    unjudged: Mapping[str, str]
    worst: tuple[Row, ...]

    def categories(self) -> list[str]:
        """Those of the suite, ordered."""
        return sorted({verdict.category for verdict in self.verdicts})

    def of(self, backend: str) -> list[Verdict]:
        """The verdicts on one backend."""
        return [verdict for verdict in self.verdicts if verdict.outcome.backend == backend]

    def tally(self, backend: str, category: str | None = None) -> Tally:
        """Counts of one backend, in one category or in all."""
        there = [verdict for verdict in self.of(backend) if category in (None, verdict.category)]
        return Tally(
            cases=len(there),
            main=sum(verdict.passes(MAIN) for verdict in there),
            strict=sum(verdict.passes(STRICT) for verdict in there),
            errors=sum(bool(verdict.outcome.error) for verdict in there),
        )

    def records(self) -> list[dict[str, Any]]:
        """One JSON object per backend: counts, counts by category, mean milliseconds per drawing."""
        records = []
        for name in self.backends:
            whole, times = self.tally(name), Totals.of([verdict.outcome for verdict in self.of(name)])
            records.append(
                {
                    "backend": name,
                    "cases": whole.cases,
                    "main": whole.main,
                    "strict": whole.strict,
                    "errors": whole.errors,
                    "milliseconds": round(times.milliseconds, 3),
                    "slowest": round(times.slowest, 3),
                    "categories": {
                        category: {"cases": part.cases, "main": part.main, "strict": part.strict, "errors": part.errors}
                        for category in self.categories()
                        for part in [self.tally(name, category)]
                    },
                }
            )
        return records


def run(
    suite: Suite,
    backends: Sequence[str],
    *,
    against: str = "",
    repair: bool = True,
    font_dir: Path | None = None,
    limits: Limits | None = None,
    bounds: Bounds = USUAL,
    worst: int = 20,
    drawn: Callable[[int], None] = lambda count: None,
) -> Conformance:
    """Draw all cases with all backends and compare each picture with its reference.

    Args:
        suite: the cases.
        backends: names of renderers, "auto" among them or not.
        against: a renderer whose pictures take the place of the references; "" for the references.
        repair: mend what can be mended first, as a run does.
        font_dir: folder of the only fonts to use, None for the suite's.
        limits: what an SVG may hold, None for the usual limits.
        bounds: of the pools, each backend's own.
        worst: how many of the cases that no bound passes are kept, reduced in size, to be looked at.
        drawn: told how many pictures (cases times backends, the judge included) are done since it was told last.

    Raises:
        RendererUnavailable: one of the backends cannot work here.
        SuiteError: a reference is larger than ``limits.side``.
        UnknownName: there is no such renderer.
    """
    judge = against or REFERENCES
    contestants = tuple(name for name in dict.fromkeys(backends) if name != against)
    verdicts: list[Verdict] = []
    unjudged: dict[str, str] = {}
    rows: list[tuple[float, int, Row]] = []
    options = RenderOptions(
        background=TRANSPARENT, repair=repair, font_dir=font_dir or suite.fonts, limits=limits or Limits()
    )
    everyone = (*contestants, *filter(None, (against,)))
    for case, results in _drawn_cases(suite, everyone, options, bounds, drawn):
        picture = _judges_picture(case, results, against)
        if isinstance(picture, RenderError):
            unjudged[case.id] = Outcome.of(case.id, against, picture).error
            continue
        here = [_verdict(case, name, results[name], picture) for name in contestants]
        verdicts += here
        distance = max((one.difference for one in here if one.difference >= MAIN), default=0.0)
        if distance and (len(rows) < worst or distance > rows[0][0]):
            heapq.heappush(rows, (distance, -len(verdicts), _row(case, judge, picture, here, results)))
            if len(rows) > worst:
                heapq.heappop(rows)
    return Conformance(
        judge,
        contestants,
        tuple(sorted(verdicts, key=lambda one: (contestants.index(one.outcome.backend), one.outcome.id))),
        unjudged,
        tuple(row for _, _, row in sorted(rows, key=lambda row: row[:2], reverse=True)),
    )


def _drawn_cases(
    suite: Suite, backends: Sequence[str], options: RenderOptions, bounds: Bounds, drawn: Callable[[int], None]
) -> Iterator[tuple[Case, dict[str, Rendering | RenderError]]]:
    """All cases, those of one size together: a pool draws in one size only."""
    for size in sorted({case.size for case in suite.cases}):
        cases = {case.id: case for case in suite.cases if case.size == size}
        try:
            sized = replace(options, width=size[0], height=size[1])
        except ValueError as error:
            raise SuiteError(f"{next(iter(cases.values())).reference}: {error}") from error
        documents = ((case.id, suite.document(case)) for case in cases.values())
        for id, results in side_by_side(documents, backends, sized, bounds, drawn):
            yield cases[id], results


def _judges_picture(
    case: Case, results: Mapping[str, Rendering | RenderError], against: str
) -> Image.Image | RenderError:
    if not against:
        with Image.open(case.reference) as reference:
            return reference.convert("RGBA")
    result = results[against]
    return result if isinstance(result, RenderError) else result.image


def _verdict(case: Case, name: str, result: Rendering | RenderError, picture: Image.Image) -> Verdict:
    outcome = Outcome.of(case.id, name, result)
    if isinstance(result, RenderError):
        return Verdict(outcome, case.category, math.nan)
    return Verdict(outcome, case.category, mean_absolute_difference(Pixels(result.image), Pixels(picture)))


def _row(
    case: Case,
    judge: str,
    picture: Image.Image,
    verdicts: Sequence[Verdict],
    results: Mapping[str, Rendering | RenderError],
) -> Row:
    cells = {judge: cell(picture)}
    for verdict in verdicts:
        result = results[verdict.outcome.backend]
        cells[verdict.outcome.backend] = (
            Cell(note=f"failed: {verdict.outcome.error}")
            if isinstance(result, RenderError)
            else cell(result.image, "" if verdict.passes(MAIN) else f"difference {verdict.difference:.2f}")
        )
    return Row(case.id, cells)
