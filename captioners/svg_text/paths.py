"""Path data: read into segments in absolute coordinates, and moved by transforms.

What is written instead stands in :mod:`captioners.svg_text.path_data`.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, NamedTuple

from captioners.svg_text.arcs import Arc, curves, similar
from captioners.svg_text.numbers import NUMBER, leading_numbers
from captioners.svg_text.transforms import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from captioners.svg_text.transforms import Matrix

Point = tuple[float, float]

_COMMANDS = re.compile(r"([MmZzLlHhVvCcSsQqTtAa])([^MmZzLlHhVvCcSsQqTtAa]*+)")
_ARGUMENTS = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "S": 4, "Q": 4, "T": 2, "A": 7, "Z": 0}
_FARTHEST = 1e12
_ARC = re.compile(
    rf"[\s,]*+({NUMBER})[\s,]*+({NUMBER})[\s,]*+({NUMBER})[\s,]*+([01])[\s,]*+([01])[\s,]*+({NUMBER})[\s,]*+({NUMBER})",
    re.ASCII,
)


class Segment(NamedTuple):
    """One segment.

    Attributes:
        command: M, L, C, Q, A or Z.
        points: control points and the end; none of Z.
        arc: the rest of an arc.
    """

    command: str
    points: tuple[Point, ...] = ()
    arc: Arc | None = None


def parsed(data: str) -> list[Segment]:
    """The segments up to the first error: renderers draw no further (SVG 2, section 9.5.4).

    H and V become L, S becomes C, T becomes Q, and arcs without a radius L. Raises ValueError for numbers beyond the
    range of floats.
    """
    found: list[Segment] = []
    x = y = start_x = start_y = 0.0
    mirrored: tuple[str, Point] = ("", (0.0, 0.0))
    for letter, kind, values in _commands(data):
        base_x, base_y = (x, y) if letter.islower() else (0.0, 0.0)
        arc = None
        control = mirrored[1] if mirrored[0] == kind else (x, y)
        mirrored = ("", (0.0, 0.0))
        if kind == "Z":
            x, y = start_x, start_y
            found.append(Segment("Z"))
            continue
        if kind in "HV":
            points = [(base_x + values[0], y) if kind == "H" else (x, base_y + values[0])]
        elif kind == "A":
            rx, ry, rotation, large, sweep, *end = values
            points = [(base_x + end[0], base_y + end[1])]
            if rx and ry and points[0] != (x, y):
                arc = Arc(abs(rx), abs(ry), rotation, large == 1, sweep == 1)
        else:
            points = [(base_x + dx, base_y + dy) for dx, dy in zip(values[::2], values[1::2], strict=True)]
        if kind in "ST":
            points.insert(0, control)
        if kind in "CSQT":
            (cx, cy), (x, y) = points[-2:]
            mirrored = ("S" if kind in "CS" else "T", (2 * x - cx, 2 * y - cy))
        x, y = points[-1]
        if any(abs(coordinate) > _FARTHEST for point in points for coordinate in point):
            raise ValueError("a path that goes beyond all drawings")
        if kind == "M":
            start_x, start_y = x, y
        command = "A" if arc else {"S": "C", "T": "Q", "C": "C", "Q": "Q", "M": "M"}.get(kind, "L")
        found.append(Segment(command, tuple(points), arc))
    return found


def _commands(data: str) -> Iterator[tuple[str, str, list[float]]]:
    """Command letter, the same as a capital, and arguments of each segment."""
    begin = _COMMANDS.search(data)
    if begin is None or begin[1] not in "Mm" or data[: begin.start()].strip():
        return
    for command in _COMMANDS.finditer(data):
        letter, kind = command[1], command[1].upper()
        taken = _ARGUMENTS[kind]
        if kind == "A":
            values, rest = _arc_arguments(command[2])
        else:
            values, end = leading_numbers(command[2])
            rest = command[2][end:]
        if kind == "Z":
            yield letter, kind, []
            if values or rest:
                return
            continue
        for index in range(0, len(values) - taken + 1, taken):
            yield letter, kind, values[index : index + taken]
            if kind == "M":
                letter, kind = ("l", "L") if letter == "m" else ("L", "L")
        if rest.strip() or not values or len(values) % taken:
            return


def _arc_arguments(text: str) -> tuple[list[float], str]:
    """The flags of an arc need no blank between them."""
    values: list[float] = []
    position = 0
    while arc := _ARC.match(text, position):
        values += map(float, arc.groups())
        position = arc.end()
    if not all(map(math.isfinite, values)):
        raise ValueError("an arc beyond the range of floats")
    return values, text[position:]


def polygon(points: list[float], *, closed: bool) -> list[Segment]:
    """The segments of a polyline or a polygon; an odd number at the end is left out."""
    pairs = list(zip(points[::2], points[1::2], strict=False))
    found = [Segment("L" if index else "M", (point,)) for index, point in enumerate(pairs)]
    return [*found, Segment("Z")] if closed and found else found


def moved(segments: Iterable[Segment], matrix: Matrix) -> list[Segment]:
    """The segments after a transform; arcs become curves where it does not keep circles circles."""
    found: list[Segment] = []
    here: Point = (0.0, 0.0)
    start = here
    keeps_circles = matrix.kind() in (Kind.TRANSLATION, Kind.UNIFORM, Kind.SIMILAR)
    for segment in segments:
        if segment.arc is None:
            found.append(segment._replace(points=tuple(matrix.point(x, y) for x, y in segment.points)))
        elif keeps_circles:
            end = matrix.point(*segment.points[0])
            found.append(Segment("A", (end,), similar(segment.arc, matrix)))
        else:
            for curve in curves(segment.arc, here, segment.points[0]):
                found.append(Segment("C", tuple(matrix.point(x, y) for x, y in curve)))
        here = segment.points[-1] if segment.points else start
        if segment.command == "M":
            start = here
    return found


def hull(segments: Iterable[Segment]) -> Iterator[Point]:
    """Points whose bounding box holds everything: ends and control points; of arcs, those of curves along them."""
    here: Point = (0.0, 0.0)
    start = here
    for segment in segments:
        if segment.arc:
            for curve in curves(segment.arc, here, segment.points[0]):
                yield from curve
        else:
            yield from segment.points
        here = segment.points[-1] if segment.points else start
        if segment.command == "M":
            start = here
