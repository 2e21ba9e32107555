"""How finely the coordinates of each element must be written, so that the picture keeps its precision.

A step in the coordinates of an element is as long on the canvas as the transforms and viewports around it make it.
Small shapes get finer steps: half a step is little of a large one, and much of a small one.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from captioners.svg_text.contexts import Units
from captioners.svg_text.extents import view_box
from captioners.svg_text.numbers import length, numbers
from captioners.svg_text.transforms import matrix

if TYPE_CHECKING:
    from captioners.svg_text.document import Node

SMALL = 48.0
"""Units of the normalised drawing: a shape that is shorter and narrower gets a decimal more, at a tenth another."""

_ROUNDS = 4
_FINEST = 6
_COARSEST = -3
_USUAL_STROKE = 8.0


def stretches(root: Node, size: float) -> dict[Node, float]:
    """Units of the normalised drawing per unit of each element's coordinates, at most.

    Args:
        root: the drawing, whose viewBox says how many units it shows.
        size: units of its longer side, normalised.
    """
    units = Units(root)
    boxed = units.boxed(root)
    box = view_box(root)
    outermost = size / max(box.width, box.height) if box else 1.0
    found: dict[Node, float] = {}
    shown_elsewhere = outermost
    for _ in range(_ROUNDS):
        found = {root: outermost}
        for node in root.walk():
            inside = found[node] * _viewport(node, units, found[node], size)
            for child in node.elements:
                start = inside
                if child.target or child.name in ("clipPath", "mask", "pattern", "marker", "filter", "symbol"):
                    start = max(inside, shown_elsewhere)
                elif child.name in ("linearGradient", "radialGradient"):
                    start = size if units.own_in_box(child) else max(inside, shown_elsewhere)
                if child.name == "pattern":
                    start *= 10  # an error shows in each of its tiles
                if child in boxed:
                    start = size
                found[child] = start * _stretch(child)
        most = max((k for node, k in found.items() if _refers(node)), default=outermost)
        if most <= shown_elsewhere:
            break
        shown_elsewhere = most
    return found


def decimals(stretch: float, wanted: int, extent: float = math.inf) -> int:
    """Decimals of coordinates.

    Args:
        stretch: units of the normalised drawing per unit of theirs.
        wanted: decimals in the normalised drawing.
        extent: of the shape, in units of the normalised drawing.
    """
    if not 0 < stretch < math.inf:
        return wanted
    finer = (extent < SMALL) + (extent < SMALL / 10)
    return min(_FINEST, max(_COARSEST, wanted + finer + math.ceil(math.log10(stretch) - 0.5)))


def _stretch(node: Node) -> float:
    for name in ("transform", "gradientTransform", "patternTransform"):
        if name in node.attributes:
            try:
                return matrix(node.attributes[name]).stretch or 1.0
            except ValueError:
                return 10.0
    return 1.0


def _viewport(node: Node, units: Units, around: float, size: float) -> float:
    """By how much the viewBox of an element inside the drawing stretches what is in it."""
    if node.name not in ("svg", "symbol", "marker", "pattern") or "viewBox" not in node.attributes or around <= 0:
        return 1.0
    names = ("markerWidth", "markerHeight") if node.name == "marker" else ("width", "height")
    try:
        _, _, *box = numbers(node.attributes["viewBox"].strip())
        sides = []
        for name in names:
            side, unit = length(node.attributes.get(name, "100%"))
            if node.name == "pattern" and units.own_in_box(node):
                unit, side = "%", (side if unit == "%" else 100 * side)
            sides.append(side / 100 * size / around if unit == "%" else side)
        in_strokes = node.name == "marker" and node.attributes.get("markerUnits") != "userSpaceOnUse"
        factor = _USUAL_STROKE if in_strokes else 1.0
        return max(sides[0] / box[0], sides[1] / box[1]) * factor or 1.0
    except (ValueError, ArithmeticError, IndexError):
        return 10.0


def _refers(node: Node) -> bool:
    return "href" in node.attributes or any("url(" in value for value in node.attributes.values())
