"""How much of a shape there is to paint: nothing, a point, a line, or an area.

A fill shows only where there is an area, and a stroke only where there is a length: without a stroke, the path
``M 5,5 L 9,5 Z`` is an empty picture in every renderer.
"""

from __future__ import annotations

import re
from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

from renderers.blank.paint import number

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lxml import etree

_COMMAND = re.compile(r"[\s,]*+([MZLHVCSQTA])", re.IGNORECASE)
_NUMBER = re.compile(r"[\s,]*+([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)")
_FLAG = re.compile(r"[\s,]*+([01])")  # the flags of an arc need no blank between them
_ARGUMENTS = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "S": 4, "Q": 4, "T": 2, "A": 7}
_FLAGS = (3, 4)

_ROUNDING = 1e-9
"""Distance from a line, as a share of its length, that relative coordinates come to by rounding alone."""

Point = tuple[float, float]


class Extent(IntEnum):
    """What a shape covers; each member is more than the one before."""

    NOTHING = 0
    POINT = 1
    LINE = 2
    AREA = 3


class _Segment(NamedTuple):
    """From the current point through or towards ``points``; the first one of a subpath has only its start."""

    points: list[Point]
    starts: bool = False
    arc: bool = False


def shape_extent(element: etree._Element, name: str, values: Mapping[str, str]) -> Extent:
    """What a shape covers, given the values of those attributes that may also stand in a style sheet."""
    if name == "path":
        return path_extent(_data(values))
    if name in ("polyline", "polygon"):
        return path_extent(f"M{element.get('points', '')}")
    if name == "line":
        ends = [number(element.get(end), 0.0) for end in ("x1", "y1", "x2", "y2")]
        return Extent.POINT if ends[:2] == ends[2:] else Extent.LINE
    sides = {"rect": ("width", "height"), "circle": ("r",), "ellipse": ("rx", "ry")}[name]
    if name == "ellipse" and ("rx" in values) != ("ry" in values):  # the one that is missing is as large
        sides = ("rx",) if "rx" in values else ("ry",)
    # A value that is no number may be a calc().
    sizeless = any(number(values.get(side, "0"), 1.0) <= 0 for side in sides)
    return Extent.NOTHING if sizeless else Extent.AREA


def nothing_in(name: str, values: Mapping[str, str]) -> str:
    """Why there is nothing to paint in a shape of which that is so."""
    if name not in ("path", "polyline", "polygon"):
        return "no size"
    data = _data(values).strip()
    if name != "path" or not data or data.lower() == "none" or data[0] in "Mm":
        return "fewer than two points"
    return "path data that begins with an error (no M)"


def _data(values: Mapping[str, str]) -> str:
    data = values.get("d", "")
    return data[5:].strip("\"'() ") if data.startswith("path(") else data  # as in a style sheet


def path_extent(data: str) -> Extent:
    """What path data covers, up to its first error: renderers draw no further (SVG 2, section 9.5.4).

    A curve counts as a line where all its control points are on one. Reading stops at the first area.
    """
    extent = Extent.NOTHING
    kept: list[Point] = []  # of this subpath: the start, and one other point when there is one
    for segment in _segments(data):
        if segment.starts:
            kept = segment.points
            continue
        extent = max(extent, Extent.POINT)
        for point in segment.points:
            if point == kept[0]:
                continue
            if segment.arc or (len(kept) > 1 and _off_line(kept[0], kept[1], point)):
                return Extent.AREA
            extent = Extent.LINE
            kept = [kept[0], point]
    return extent


def _off_line(start: Point, end: Point, point: Point) -> bool:
    dx, dy = end[0] - start[0], end[1] - start[1]
    px, py = point[0] - start[0], point[1] - start[1]
    return abs(dx * py - dy * px) > _ROUNDING * max(abs(dx), abs(dy)) * max(abs(px), abs(py))


def _segments(data: str) -> Iterator[_Segment]:
    """The segments of path data in absolute coordinates, up to the first error."""
    x = y = start_x = start_y = 0.0
    position, command = 0, ""
    while True:
        if token := _COMMAND.match(data, position):
            position = token.end()
            if not command and token[1] not in "Mm":
                return
            command = token[1]
        elif command in ("", "Z", "z"):
            return
        kind = command.upper()
        if kind == "Z":
            x, y = start_x, start_y
            yield _Segment([(x, y)])
            continue
        values, position = _arguments(data, position, kind)
        if len(values) < _ARGUMENTS[kind]:
            return
        base_x, base_y = (x, y) if command.islower() else (0.0, 0.0)
        if kind in "HV":
            points = [(base_x + values[0], y) if kind == "H" else (x, base_y + values[0])]
        elif kind == "A":
            points = [(base_x + values[5], base_y + values[6])]
        else:
            pairs = zip(values[::2], values[1::2], strict=True)
            points = [(base_x + dx, base_y + dy) for dx, dy in pairs]
        yield _Segment(points, kind == "M", kind == "A" and points[0] != (x, y) and 0 not in values[:2])
        x, y = points[-1]
        if kind == "M":
            start_x, start_y = x, y
            command = "L" if command == "M" else "l"


def _arguments(data: str, position: int, kind: str) -> tuple[list[float], int]:
    """The arguments of one segment, fewer where they end or cannot be read, and the position behind them."""
    values: list[float] = []
    for index in range(_ARGUMENTS[kind]):
        pattern = _FLAG if kind == "A" and index in _FLAGS else _NUMBER
        token = pattern.match(data, position)
        if token is None:
            break
        values.append(float(token[1]))
        position = token.end()
    return values, position
