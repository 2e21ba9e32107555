"""All numbers of a drawing, written as short as its precision allows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from captioners.svg_text import path_data, transforms
from captioners.svg_text.contexts import Units, inheriting, value
from captioners.svg_text.numbers import in_ticks, length, numbers, plain, rounded, significant
from captioners.svg_text.paths import hull
from captioners.svg_text.precision import SMALL, decimals, stretches

if TYPE_CHECKING:
    from collections.abc import Callable

    from captioners.svg_text.document import Node

_COORDINATES = frozenset(("x", "y", "width", "height", "cx", "cy", "r", "rx", "ry", "x1", "y1", "x2", "y2"))
_DIGITS = {
    "stroke-width": 2,
    "stroke-dasharray": 4,
    **dict.fromkeys(
        (
            *("dx", "dy", "fx", "fy", "fr", "textLength", "startOffset", "pathLength", "refX", "refY", "markerWidth"),
            *("markerHeight", "font-size", "letter-spacing", "word-spacing", "baseline-shift", "kerning"),
            *("stroke-dashoffset", "stroke-miterlimit", "stdDeviation", "radius", "rotate"),
        ),
        3,
    ),
}
"""Significant digits of lengths of which small differences add up, or that are small themselves."""

_FRAMES = frozenset(("svg", "symbol", "pattern", "mask", "filter", "marker"))
"""Elements whose size scales or repeats what is in them: they get a decimal more."""

_FEW_NUMBERS = frozenset(("rect", "circle", "ellipse", "line", "image"))
"""Shapes that count as small: a decimal costs little in them, and their long straight edges show where it lacks."""

_SHARE_DECIMALS = 3
_TRANSFORMS = ("transform", "gradientTransform", "patternTransform")
_MARKERS = ("marker-start", "marker-mid", "marker-end")
_SPLIT = re.compile(r"[\s,]+")


def round_all(root: Node, size: float, wanted: int) -> None:
    """Write all numbers short, and path data from its segments, in place.

    Args:
        root: the drawing.
        size: units of its longer side, were it normalised.
        wanted: decimals of coordinates, were it normalised.
    """
    stretch = stretches(root, size)
    units = Units(root)
    boxed = units.boxed(root)
    for node, around in list(inheriting(root)):
        own = stretch[node]
        extent = _extent(node) * own
        if node.name in _FEW_NUMBERS:
            extent = min(extent, 0.99 * SMALL)
        places = decimals(own, wanted, extent)
        shares = node in boxed or units.own_in_box(node)
        outer = own / _linear(node)
        if node.name in ("rect", "image") and not shares:
            _align_edges(node, places)
        for name, text in node.attributes.items():
            try:
                node.attributes[name] = _rounded(
                    node, name, text, _SHARE_DECIMALS if shares else places, decimals(outer, wanted + 1)
                )
            except (ValueError, ArithmeticError):
                continue  # it stays as it is
        if node.segments is not None:
            vertices = any(value(node, around, marker) != "none" for marker in _MARKERS)
            _write_segments(node, places, vertices)


def _linear(node: Node) -> float:
    for name in _TRANSFORMS:
        if name in node.attributes:
            try:
                return transforms.matrix(node.attributes[name]).stretch or 1.0
            except ValueError:
                break
    return 1.0


def _extent(node: Node) -> float:
    """The longer side of a shape in its own coordinates, infinite for anything else."""
    attributes = node.attributes
    try:
        if node.segments:
            points = list(hull(node.segments))
            sides = ([point[axis] for point in points] for axis in (0, 1))
            return max(max(side) - min(side) for side in sides)
        if node.name == "circle":
            return 2 * plain(attributes.get("r", "0"))
        if node.name == "ellipse":
            return 2 * max(plain(attributes[name]) for name in ("rx", "ry") if name in attributes)
        if node.name == "rect":
            return max(plain(attributes.get(name, "0")) for name in ("width", "height"))
        if node.name == "line":
            x1, y1, x2, y2 = (plain(attributes.get(name, "0")) for name in ("x1", "y1", "x2", "y2"))
            return max(abs(x2 - x1), abs(y2 - y1))
    except (ValueError, ArithmeticError):
        pass
    return float("inf")


def _rounded(node: Node, name: str, text: str, places: int, fine: int) -> str:
    """A value with its numbers rounded, to ``places``, or to ``fine`` where it is measured in what is around."""
    if name in _TRANSFORMS:
        text = transforms.written(transforms.matrix(text), _SHARE_DECIMALS if places == _SHARE_DECIMALS else fine)
    elif name == "viewBox":
        text = " ".join(rounded(number, max(1, places)) for number in numbers(text.strip()))
    elif name in _COORDINATES and not node.name.startswith("fe"):
        text = _each(text, lambda number: rounded(number, places + (node.name in _FRAMES)))
    elif name in _DIGITS:
        text = _each(text, lambda number: significant(number, _DIGITS[name]))
    elif name == "offset" and node.name == "stop":
        number, unit = length(text)
        if unit in ("", "%"):
            text = rounded(min(1.0, max(0.0, number / 100 if unit == "%" else number)), 2)
    return text


def _each(text: str, write: Callable[[float], str]) -> str:
    """Each number of a list, in its unit; px go, and what is no number stays."""
    parts = []
    for part in _SPLIT.split(text.strip()):
        try:
            number, unit = length(part)
        except ValueError:
            parts.append(part)
            continue
        written = rounded(number, 2) if unit in ("%", "em", "ex") else write(number)
        parts.append(written + ("" if unit == "px" else unit))
    return " ".join(parts)


def _write_segments(node: Node, places: int, vertices: bool) -> None:
    segments = node.segments or []
    if node.name == "path":
        node.attributes["d"] = path_data.written(segments, places, every_vertex=vertices)
        return
    points: list[tuple[int, int]] = []
    for segment in segments:
        for x, y in segment.points:
            point = round(x * 10.0**places), round(y * 10.0**places)
            if vertices or point not in points[-1:] or len(segments) <= 2:
                points.append(point)
    node.attributes["points"] = " ".join(in_ticks(ticks, places) for point in points for ticks in point)


def _align_edges(node: Node, places: int) -> None:
    """Make sizes differences of rounded edges, so that what touched still does."""
    for start, size in (("x", "width"), ("y", "height")):
        try:
            left, long = (plain(node.attributes.get(name, "0")) for name in (start, size))
        except ValueError:
            continue
        step = 10.0**-places
        if between := round((left + long) / step) - round(left / step):
            node.attributes[size] = in_ticks(between, places)
