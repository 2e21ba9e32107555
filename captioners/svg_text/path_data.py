"""Path data written short: rounded without drift, each segment relative or absolute, whichever is shorter."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from captioners.svg_text.arcs import Arc, half_chord, height, refitted
from captioners.svg_text.numbers import in_ticks, joined, rounded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from captioners.svg_text.paths import Segment

Ticks = tuple[int, int]

_BULGE = 0.35
"""Steps of rounding by which the height of an arc over its chord may change; beyond, its radii get more decimals."""
_FLAT = 0.25
"""Steps of rounding below which an arc that rises no higher, or a curve that bends no more, is a line."""


def written(segments: Sequence[Segment], decimals: int, *, every_vertex: bool = False) -> str:
    """Path data that draws the same as the segments, but for rounding to ``decimals``.

    Differences are taken between rounded positions, so that errors do not add up. Segments that have no length left
    are dropped, and a line that only does what the Z behind it does; not so where ``every_vertex`` counts, because of
    markers.
    """
    writer = _Writer(decimals, every_vertex)
    for index, segment in enumerate(segments):
        following = segments[index + 1].command if index + 1 < len(segments) else ""
        writer.add(segment, following)
    return "".join(writer.parts)


class _Writer:
    def __init__(self, decimals: int, every_vertex: bool) -> None:
        self.parts: list[str] = []
        self._decimals = decimals
        self._factor = 10.0**decimals
        self._every_vertex = every_vertex
        self._here = self._start = (0, 0)
        self._exactly = (0.0, 0.0)
        self._exact_start = (0.0, 0.0)
        self._letter = ""  # of the last command, which need not be said again
        self._control: tuple[str, Ticks] = ("", (0, 0))  # kind of the last curve, and its last control point
        self._drawn = 0  # segments since the last M

    def add(self, segment: Segment, following: str) -> None:
        kind = segment.command
        if kind == "Z":
            self._say("z", [])
            self._here, self._exactly = self._start, self._exact_start
            self._control = ("", (0, 0))
            self._drawn += 1
            return
        points = [self._ticks(*point) for point in segment.points]
        if kind == "M":
            self._move(points[0], segment.points[0], following)
            return
        if not self._droppable(kind, points, following):
            self._draw(segment, points)
            self._drawn += 1
            self._here = points[-1]
        self._exactly = segment.points[-1]

    def _ticks(self, x: float, y: float) -> Ticks:
        return round(x * self._factor), round(y * self._factor)

    def _move(self, to: Ticks, exactly: tuple[float, float], following: str) -> None:
        if following not in ("M", "") or self._every_vertex:
            self._best("M", [to], absolute_only=not self.parts)
            self._letter = ""  # what follows an M without a letter is a line
        self._here = self._start = to
        self._exactly = self._exact_start = exactly
        self._control = ("", (0, 0))
        self._drawn = 0

    def _droppable(self, kind: str, points: list[Ticks], following: str) -> bool:
        if self._every_vertex:
            return False
        if kind == "L" and following == "Z" and points[0] == self._start and self._drawn:
            return True
        still = all(point == self._here for point in points)
        # A subpath without any length is a dot where caps are round; its last segment stays.
        return still and (self._drawn > 0 or following in ("L", "C", "Q", "A"))

    def _draw(self, segment: Segment, points: list[Ticks]) -> None:
        kind = segment.command
        if segment.arc:
            self._arc(segment.arc, segment.points[0], points[0])
            return
        if kind != "L" and _is_line(self._here, points):
            kind, points = "L", points[-1:]
        if kind == "L":
            self._line(points[0])
            return
        control = self._control[1] if self._control[0] == kind else self._here
        mirrored = 2 * self._here[0] - control[0], 2 * self._here[1] - control[1]
        self._control = ("", (0, 0))
        if points[0] == mirrored:
            self._best("S" if kind == "C" else "T", points[1:])
        else:
            self._best(kind, points)
        self._control = (kind, points[-2])

    def _line(self, to: Ticks) -> None:
        self._control = ("", (0, 0))
        if to[1] == self._here[1]:
            self._best("H", [to], axis=0)
        elif to[0] == self._here[0]:
            self._best("V", [to], axis=1)
        else:
            self._best("L", [to])

    def _arc(self, arc: Arc, exact_end: tuple[float, float], end: Ticks) -> None:
        start = self._here[0] / self._factor, self._here[1] / self._factor
        arc_end = end[0] / self._factor, end[1] / self._factor
        before = half_chord(arc, self._exactly, exact_end)
        high = height(before, arc.large)
        after = half_chord(arc, start, arc_end)
        step = 1 / self._factor
        size = max(arc.rx, arc.ry)
        if high * size < _FLAT * step or not after:
            self._line(end)
            return
        self._control = ("", (0, 0))
        # Radii as they are are tried first, so that nothing moves when this is done once more.
        for more, factor in itertools.product(range(5), (1.0, refitted(after, high))):
            radii = [round(radius * factor, self._decimals + more) for radius in (arc.rx, arc.ry)]
            if min(radii) <= 0:
                continue
            fitted = arc._replace(rx=radii[0], ry=radii[1])
            scale = radii[0] / arc.rx
            if abs(height(half_chord(fitted, start, arc_end), arc.large) * scale - high) * size <= _BULGE * step:
                break
        numbers = [rounded(radius, self._decimals + more) for radius in radii]
        turned = "0" if numbers[0] == numbers[1] else rounded(arc.rotation % 180, 1)
        self._best("A", [end], before=[*numbers, turned, str(int(arc.large)), str(int(arc.sweep))])

    def _best(
        self,
        kind: str,
        points: list[Ticks],
        *,
        axis: int | None = None,
        before: Sequence[str] = (),
        absolute_only: bool = False,
    ) -> None:
        """Say a command relative or absolute, whichever takes fewer characters; as before when both take as many."""
        here = self._here
        absolute = _Said(kind, _numbers(points, (0, 0), axis, self._decimals, before))
        relative = _Said(kind.lower(), _numbers(points, here, axis, self._decimals, before))
        lengths = [self._cost(absolute), self._cost(relative)]
        first = lengths[0] < lengths[1] or (lengths[0] == lengths[1] and self._letter != relative.letter)
        said = absolute if first or absolute_only else relative
        self._say(said.letter, said.numbers)

    def _cost(self, said: _Said) -> int:
        numbers = said.numbers
        letter = 1 if said.letter != self._letter or numbers[0][0] != "-" else 0
        return letter + sum(len(number) + (number[0] != "-") for number in numbers) - 1

    def _say(self, letter: str, numbers: list[str]) -> None:
        text = joined(numbers)
        if letter == self._letter and numbers:
            self.parts.append(text if text[0] == "-" else f" {text}")
        else:
            self.parts.append(letter + text)
        self._letter = letter


@dataclass(frozen=True, slots=True)
class _Said:
    letter: str
    numbers: list[str]


def _numbers(points: list[Ticks], base: Ticks, axis: int | None, decimals: int, before: Sequence[str]) -> list[str]:
    axes = (0, 1) if axis is None else (axis,)
    return [*before, *(in_ticks(point[index] - base[index], decimals) for point in points for index in axes)]


def _is_line(start: Ticks, points: list[Ticks]) -> bool:
    """Whether a curve never leaves the line between its ends by a quarter of a step, nor goes beyond them."""
    dx, dy = points[-1][0] - start[0], points[-1][1] - start[1]
    size = math.hypot(dx, dy)
    if not size:
        return False
    for x, y in points[:-1]:
        px, py = x - start[0], y - start[1]
        if abs(dx * py - dy * px) > _FLAT * size or not 0 <= dx * px + dy * py <= size * size:
            return False
    return True
