"""Where the elements of a drawing lie, and how much of the canvas they cover at most.

This is geometry alone, the same on every machine: what lies behind other elements counts as if it were seen.
"""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, NamedTuple

from captioners.svg_text.contexts import inheriting, value
from captioners.svg_text.numbers import length, numbers, plain
from captioners.svg_text.paths import hull
from captioners.svg_text.properties import DRAWN, RESOURCES, SHAPES
from captioners.svg_text.transforms import IDENTITY, Matrix, matrix
from renderers.size import FONT_SIZE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from captioners.svg_text.document import Node

_LETTER = 0.6
"""Width of a letter in font sizes, about that of most fonts."""


class Box(NamedTuple):
    """Edges in units of the root's viewBox."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    def common(self, other: Box) -> Box | None:
        """What both cover; None for nothing."""
        box = Box(*map(max, self[:2], other[:2]), *map(min, self[2:], other[2:]))
        return box if box.left <= box.right and box.top <= box.bottom else None


class Part(NamedTuple):
    """An element that leaves a mark itself.

    Attributes:
        node: it.
        parent: what it stands in.
        matrix: from its own coordinates, its transform included, to those of the root's viewBox.
        around: the values that it inherits.
        plain: whether nothing but groups that neither filter nor hold a viewport stands around it.
    """

    node: Node
    parent: Node
    matrix: Matrix
    around: Mapping[str, str]
    plain: bool


def view_box(root: Node) -> Box | None:
    """The viewBox; None without one."""
    try:
        left, top, width, height = numbers(root.attributes.get("viewBox", "").strip())
    except ValueError:
        return None
    return Box(left, top, left + width, top + height) if width > 0 and height > 0 else None


def window(root: Node) -> Box | None:
    """What the canvas may show, at most: the viewBox, and where the canvas has another shape, what is beside it."""
    box = view_box(root)
    try:
        ratio = plain(root.attributes["width"]) / plain(root.attributes["height"])
    except (KeyError, ValueError, ArithmeticError):
        return box
    if box is None:
        return None
    beside, above = max(0.0, box.height * ratio - box.width), max(0.0, box.width / ratio - box.height)
    return Box(box.left - beside, box.top - above, box.right + beside, box.bottom + above)


def parts(root: Node) -> Iterator[Part]:
    """The elements that leave a mark where they stand, in document order; text is one with all that is in it."""
    contexts = dict(inheriting(root))
    waiting = [(child, root, IDENTITY, True) for child in reversed(root.elements)]
    while waiting:
        node, parent, outer, plain = waiting.pop()
        if node.name in RESOURCES:
            continue
        try:
            own = outer.of(matrix(node.attributes.get("transform", "")))
        except ValueError:
            own, plain = outer, False
        plain = plain and node.attributes.keys().isdisjoint(("filter", "style"))
        if node.name in DRAWN:
            yield Part(node, parent, own, contexts[node], plain)
            continue
        # Who clips by a share of the box around a group needs all that is in it.
        inner = plain and node.name == "g" and node.attributes.keys().isdisjoint(("clip-path", "mask"))
        waiting.extend((child, node, own, inner) for child in reversed(node.elements))


def bounds(part: Part, view: Box) -> Box | None:
    """A box around everything that a shape may paint, stroke and all; None where that cannot be told."""
    points = outline(part.node, view)
    if part.node.name not in SHAPES or not points:
        return None
    markers = (value(part.node, part.around, name) for name in ("marker-start", "marker-mid", "marker-end"))
    if any(marker != "none" for marker in markers) or "vector-effect" in part.node.attributes:
        return None
    stroke = _stroke(part)
    if stroke is None:
        return None
    limit = 1.5  # round joins reach half the width, square caps 0.71 of it
    if value(part.node, part.around, "stroke-linejoin") not in ("round", "bevel"):
        try:
            limit = max(limit, float(value(part.node, part.around, "stroke-miterlimit") or 4))
        except ValueError:
            return None
    return _around((part.matrix.point(x, y) for x, y in points), stroke * limit / 2 * part.matrix.stretch)


def _around(points: Iterable[tuple[float, float]], margin: float) -> Box:
    xs, ys = zip(*points, strict=True)
    return Box(min(xs) - margin, min(ys) - margin, max(xs) + margin, max(ys) + margin)


def _stroke(part: Part) -> float | None:
    """The width of the stroke, 0 for none; None where that cannot be told."""
    if value(part.node, part.around, "stroke") == "none":
        return 0.0
    try:
        return _pixels(value(part.node, part.around, "stroke-width"), 1.0)
    except ValueError:
        return None


def _pixels(text: str | None, whole: float) -> float:
    number, unit = length(text or "")
    if unit not in ("", "px", "%"):
        raise ValueError(f"a length in {unit}")
    return number * whole / 100 if unit == "%" else number


def outline(node: Node, view: Box) -> list[tuple[float, float]]:
    """Points around a shape or picture in its own coordinates; none where they cannot be told."""
    if node.segments is not None:
        return list(hull(node.segments))
    diagonal = math.hypot(view.width, view.height) / math.sqrt(2)
    wholes = {"x": view.width, "c": view.width, "w": view.width, "y": view.height, "h": view.height}

    def of(name: str, other: str = "") -> float:
        whole = diagonal if name == "r" else wholes.get(name.lstrip("rc")[:1], view.width)
        return _pixels(node.attributes.get(name, node.attributes.get(other, "0")), whole)

    try:
        if node.name == "line":
            return [(of("x1"), of("y1")), (of("x2"), of("y2"))]
        if node.name in ("circle", "ellipse"):
            rx, ry = (of("r"), of("r")) if node.name == "circle" else (of("rx", "ry"), of("ry", "rx"))
            left, top, width, height = of("cx") - rx, of("cy") - ry, 2 * rx, 2 * ry
        elif node.name in ("rect", "image"):
            left, top, width, height = of("x"), of("y"), of("width"), of("height")
        else:
            return []
    except ValueError:
        return []
    return [(left, top), (left + width, top), (left + width, top + height), (left, top + height)]


def visible_area(part: Part, view: Box, targets: Mapping[str, Node]) -> float:
    """How much of the canvas an element covers, in square units of the viewBox, about.

    The area inside a fill, or the length of a stroke times its width, whichever is larger; times the share of its box
    that is on the canvas, and its opacity. A ``<use>`` covers what its target does. What cannot be told covers all.
    """
    node = part.node
    if node.name == "use":
        area = _area_of_use(part, view, targets)
    elif node.name == "text":
        area = _area_of_text(part)
    else:
        area = _area_of_shape(part, view)
    try:
        opacity = float(node.attributes.get("opacity", "1"))
    except ValueError:
        opacity = 1.0
    return area * opacity if math.isfinite(area) else view.width * view.height


def _area_of_shape(part: Part, view: Box) -> float:
    corners = outline(part.node, view)
    if not corners:
        return math.inf
    points = [part.matrix.point(x, y) for x, y in corners]
    thick = (_stroke(part) or 0.0) * part.matrix.stretch
    box = _around(points, thick / 2)
    seen = box.common(view)
    if seen is None:
        return 0.0
    loops = _loops(part, points)
    filled = value(part.node, part.around, "fill") != "none" or part.node.name == "image"
    inside = abs(sum(map(_shoelace, loops))) if filled else 0.0
    if part.node.name in ("circle", "ellipse"):
        inside *= math.pi / 4
    drawn = max(inside, thick * sum(map(_length, loops)))
    whole = box.width * box.height
    return min(drawn, whole) * (seen.width * seen.height / whole if whole else 1.0)


def _loops(part: Part, points: list[tuple[float, float]]) -> list[list[tuple[float, float]]]:
    """The points of each subpath, transformed."""
    segments = part.node.segments
    if segments is None:
        return [points if part.node.name == "line" else [*points, points[0]]]
    found: list[list[tuple[float, float]]] = []
    for segment in segments:
        moved = [part.matrix.point(x, y) for x, y in segment.points]
        if segment.command == "M" or not found:
            found.append(moved)
        elif segment.command == "Z":
            found[-1].append(found[-1][0])
        else:
            found[-1] += moved
    return found


def _shoelace(loop: list[tuple[float, float]]) -> float:
    return sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in zip(loop, [*loop[1:], loop[0]], strict=True)) / 2


def _length(loop: list[tuple[float, float]]) -> float:
    return sum(math.dist(one, other) for one, other in itertools.pairwise(loop))


def _area_of_text(part: Part) -> float:
    texts = (child for inner in part.node.walk() for child in inner.children if isinstance(child, str))
    letters = sum(len(text.strip()) for text in texts)
    try:
        size = _pixels(value(part.node, part.around, "font-size") or str(FONT_SIZE), 1.0)
    except ValueError:
        return math.inf
    return letters * _LETTER * size * size * abs(part.matrix.determinant)


def _area_of_use(part: Part, view: Box, targets: Mapping[str, Node]) -> float:
    target = targets.get(part.node.attributes.get("href", "").removeprefix("#"))
    if target is None or any(node.name in ("use", "svg", "symbol") for node in target.walk()):
        return math.inf
    try:
        place = Matrix(
            e=_pixels(part.node.attributes.get("x", "0"), view.width),
            f=_pixels(part.node.attributes.get("y", "0"), view.height),
        )
    except ValueError:
        return math.inf
    outer = part.matrix.of(place)
    total = 0.0
    for node in target.walk():
        if node.name in SHAPES:
            total += _area_of_shape(Part(node, target, outer, {**part.around, **part.node.attributes}, False), view)
    return total
