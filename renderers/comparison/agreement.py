"""How far renderers agree on the same drawings.

Nothing tells which of two pictures is right, but a picture that several independent renderers draw alike is
hardly wrong in all of them, and a renderer that stands alone deserves a look.

Two pictures agree when their mean absolute difference is below :data:`MEAN` levels of 255 and no small patch
differs by :data:`PATCH` or more. The first bound is that of the conformance tests: on 1,719 reference pictures an
empty one met it 7 times, where a bound of 2.55 let 261 pass. It cannot see a small shape that is missing, so the
second one looks at patches of 1/32 of the side; antialiasing, in which all renderers differ, stays below it.
SSIM is shown beside them and decides nothing: thin lines lower it though the eye sees no difference.
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from renderers.base import RenderError
from renderers.comparison.contact_sheet import Cell, Row, cell
from renderers.comparison.side_by_side import USUAL, Bounds, Outcome, side_by_side
from renderers.comparison.similarity import (
    Pixels,
    largest_patch_difference,
    mean_absolute_difference,
    structural_similarity,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from renderers.base import Rendering, RenderOptions

MEAN = 1.0
"""Mean absolute difference, of 255 levels, from which on two pictures disagree."""

PATCH = 64.0
"""Mean absolute difference within a patch, of 255 levels, from which on two pictures disagree."""

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Difference:
    """Between two pictures of one drawing; the measures are those of :mod:`renderers.comparison.similarity`."""

    mean: float
    patch: float
    similarity: float

    @property
    def agree(self) -> bool:
        return self.mean < MEAN and self.patch < PATCH


@dataclass(frozen=True, slots=True)
class Compared:
    """One drawing: what each backend made of it, and the differences of all pairs that drew it."""

    id: str
    outcomes: Mapping[str, Outcome]
    differences: Mapping[Pair, Difference]

    def alone(self) -> str:
        """The backend that agrees with no other one though the rest, two or more, agree; "" when there is none."""
        drew = [name for name, outcome in self.outcomes.items() if not outcome.error]
        for name in drew:
            with_it = [one.agree for pair, one in self.differences.items() if name in pair]
            without = [one.agree for pair, one in self.differences.items() if name not in pair]
            if without and all(without) and not any(with_it):
                return name
        return ""


@dataclass(frozen=True, slots=True)
class PairTotals:
    """Two backends over all drawings.

    Attributes:
        judged: drawings that at least one backend of the whole comparison drew: what ``agreeing`` is a part of.
        agreeing: drawings on which the two agree; where one of them failed they do not.
        compared: drawings that all backends drew: what the means are taken over, the same for all pairs.
        mean: mean of the mean absolute differences, 0 to 255; nan without compared drawings.
        similarity: mean SSIM, -1 to 1; nan without compared drawings.
    """

    first: str
    second: str
    judged: int
    agreeing: int
    compared: int
    mean: float
    similarity: float

    @property
    def share(self) -> float:
        """Of the judged drawings, 0 to 1; nan without any."""
        return self.agreeing / self.judged if self.judged else math.nan


@dataclass(frozen=True)
class Agreement:
    """What was measured.

    Attributes:
        backends: in the order asked for.
        drawings: all of them, in their order.
        worst: rows for a contact sheet, the largest disagreement first.
    """

    backends: tuple[str, ...]
    drawings: tuple[Compared, ...]
    worst: tuple[Row, ...]

    def outcomes(self, backend: str) -> list[Outcome]:
        """What one backend made of all drawings."""
        return [drawing.outcomes[backend] for drawing in self.drawings]

    def pairs(self) -> list[PairTotals]:
        """All pairs of backends. One that drew nothing at all does not keep the others from being compared."""
        able = [name for name in self.backends if any(not outcome.error for outcome in self.outcomes(name))]
        judged = [one for one in self.drawings if any(not outcome.error for outcome in one.outcomes.values())]
        common = [one for one in judged if all(not one.outcomes[name].error for name in able)]
        totals = []
        for pair in combinations(self.backends, 2):
            there = [one.differences[pair] for one in common if pair in one.differences]
            agreeing = sum(one.differences[pair].agree for one in judged if pair in one.differences)
            mean, similarity = (_mean([one.mean for one in there]), _mean([one.similarity for one in there]))
            totals.append(PairTotals(*pair, len(judged), agreeing, len(there), mean, similarity))
        return totals


def measure(
    drawings: Iterable[tuple[str, str | bytes]],
    backends: Sequence[str],
    options: RenderOptions,
    bounds: Bounds = USUAL,
    *,
    worst: int = 20,
    drawn: Callable[[int], None] = lambda count: None,
) -> Agreement:
    """Draw everything with every backend and compare each pair of pictures.

    Args:
        drawings: ids and documents.
        backends: names of two or more renderers, "auto" among them or not.
        options: of all renderings but for the backend.
        bounds: of the pools, each backend's own.
        worst: how many of the drawings on which backends disagree most are kept, reduced in size, to be looked at.
        drawn: told how many pictures (drawings times backends) are done since it was told last.

    Raises:
        RendererUnavailable: one of the backends cannot work here.
        UnknownName: there is no such renderer.
    """
    compared = []
    rows: list[tuple[float, int, Row]] = []  # a heap: the least bad of the worst comes first
    for position, (id, results) in enumerate(side_by_side(drawings, backends, options, bounds, drawn)):
        one = Compared(
            id,
            {name: Outcome.of(id, name, result) for name, result in results.items()},
            differences(results),
        )
        compared.append(one)
        distance = max((pair.mean for pair in one.differences.values() if not pair.agree), default=0.0)
        if distance and (len(rows) < worst or distance > rows[0][0]):
            row = Row(f"{id}\nlargest difference {distance:.2f}", _cells(results))
            heapq.heappush(rows, (distance, -position, row))
            if len(rows) > worst:
                heapq.heappop(rows)
    return Agreement(tuple(backends), tuple(compared), tuple(row for _, _, row in sorted(rows, reverse=True)))


def differences(results: Mapping[str, Rendering | RenderError]) -> dict[Pair, Difference]:
    """Between all pairs of pictures of one drawing; a renderer that failed is in none of them."""
    pictures = {name: Pixels(one.image) for name, one in results.items() if not isinstance(one, RenderError)}
    return {
        (first, second): Difference(
            mean_absolute_difference(pictures[first], pictures[second]),
            largest_patch_difference(pictures[first], pictures[second]),
            structural_similarity(pictures[first], pictures[second]),
        )
        for first, second in combinations(pictures, 2)
    }


def _cells(results: Mapping[str, Rendering | RenderError]) -> dict[str, Cell]:
    return {
        name: Cell(note=f"failed: {one}") if isinstance(one, RenderError) else cell(one.image, one.blank)
        for name, one in results.items()
    }


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else math.nan
