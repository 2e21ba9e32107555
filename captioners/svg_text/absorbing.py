"""Transforms worked into the coordinates of the elements that they move."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from captioners.svg_text.contexts import value
from captioners.svg_text.numbers import exact, numbers, plain
from captioners.svg_text.paths import moved
from captioners.svg_text.properties import TEXTS
from captioners.svg_text.transforms import Kind, Matrix

if TYPE_CHECKING:
    from collections.abc import Mapping

    from captioners.svg_text.document import Node

_NOTHING: frozenset[Kind] = frozenset()
_MOVES = frozenset((Kind.TRANSLATION,))
_SCALES = _MOVES | {Kind.UNIFORM}
_TURNS = _SCALES | {Kind.SIMILAR}
_STRETCHES = _SCALES | {Kind.AXES}
_ALL = frozenset(Kind)

_IN_USER_SPACE = ("clip-path", "mask", "filter", "style", "vector-effect", "transform-origin")
_LENGTHS = {
    "rect": ("x", "y", "width", "height", "rx", "ry"),
    "circle": ("cx", "cy", "r"),
    "ellipse": ("cx", "cy", "rx", "ry"),
    "line": ("x1", "y1", "x2", "y2"),
    "use": ("x", "y"),
    "image": ("x", "y"),
    "svg": ("x", "y"),
}
_STROKE_LENGTHS = ("stroke-width", "stroke-dasharray", "stroke-dashoffset")


def absorbed(node: Node, around: Mapping[str, str]) -> frozenset[Kind]:
    """The transforms that can be worked into the coordinates of an element, so that it draws the same.

    Args:
        node: the element, without others in it; those in a text belong to it.
        around: the values that it inherits.
    """
    attributes = node.attributes
    if node.target or any(name in attributes for name in _IN_USER_SPACE) or not _plain_lengths(node):
        return _NOTHING
    paints = [value(node, around, "fill"), value(node, around, "stroke")]
    markers = [value(node, around, name) for name in ("marker-start", "marker-mid", "marker-end")]
    if any(paint and "url" in paint for paint in paints) or any(marker not in (None, "none") for marker in markers):
        return _NOTHING
    stroked = paints[1] != "none"
    scalable = not stroked or ("pathLength" not in attributes and _stroke_lengths(node, around))
    if node.name in ("text", "use", "image") or paints[1] is None or not scalable:
        return _MOVES
    if node.name in ("rect", "ellipse"):
        return _SCALES if stroked else _STRETCHES
    return _TURNS if stroked or node.name == "circle" else _ALL


def _plain_lengths(node: Node) -> bool:
    if node.name in ("path", "polyline", "polygon"):
        return node.segments is not None
    if node.name == "text":
        return all(_positions(inner) for inner in node.walk())
    names = _LENGTHS.get(node.name)
    if names is None:
        return False
    try:
        for name in names:
            plain(node.attributes.get(name, "0"))
    except ValueError:
        return False
    return True


def _positions(node: Node) -> bool:
    if node.name not in ("text", "tspan", "a"):
        return False
    try:
        for name in ("x", "y"):
            numbers(node.attributes.get(name, "0").strip())
    except ValueError:
        return False
    return True


def _stroke_lengths(node: Node, around: Mapping[str, str]) -> dict[str, list[float]] | None:
    """The stroke's lengths that hold for an element; None where they are not plain numbers, or not known."""
    found = {}
    for name in _STROKE_LENGTHS:
        text = value(node, around, name)
        if text is None:
            return None
        if text == "none":
            continue
        try:
            found[name] = numbers(text.strip())
        except ValueError:
            return None
    return found


def absorb(node: Node, transform: Matrix, around: Mapping[str, str]) -> None:
    """Work a transform of one of the kinds that it can absorb into an element."""
    attributes = node.attributes
    factor = math.sqrt(abs(transform.determinant))
    stroke = value(node, around, "stroke")
    if transform.kind() != Kind.TRANSLATION and stroke not in (None, "none"):
        for name, lengths in (_stroke_lengths(node, around) or {}).items():
            if name != "stroke-dashoffset" or lengths != [0.0]:
                attributes[name] = " ".join(exact(length * factor) for length in lengths)
    if node.segments is not None:
        node.segments = moved(node.segments, transform)
    elif node.name == "line":
        for end in ("1", "2"):
            x, y = (plain(attributes.get(axis + end, "0")) for axis in "xy")
            attributes["x" + end], attributes["y" + end] = map(exact, transform.point(x, y))
    elif node.name in TEXTS:
        _move_text(node, transform)
    else:
        _place(node, transform)


def _move_text(text: Node, by: Matrix) -> None:
    for node in text.walk():
        for axis, distance in (("x", by.e), ("y", by.f)):
            if axis in node.attributes or (node is text and distance):
                moved_to = [exact(number + distance) for number in numbers(node.attributes.get(axis, "0").strip())]
                node.attributes[axis] = " ".join(moved_to)


def _place(node: Node, transform: Matrix) -> None:
    attributes = node.attributes
    round_ones = node.name in ("circle", "ellipse")
    names = ("cx", "cy") if round_ones else ("x", "y")
    place = transform.point(*(plain(attributes.get(name, "0")) for name in names))
    for name, position in zip(names, place, strict=True):
        if position or name in attributes:
            attributes[name] = exact(position)
    if node.name not in ("rect", "circle", "ellipse"):
        return
    along = math.hypot(transform.a, transform.b), math.hypot(transform.c, transform.d)
    if node.name in ("rect", "ellipse") and along[0] != along[1]:
        _spell_out_radii(node)
    for name in ("width", "height", "rx", "ry", "r"):
        if name in attributes:
            attributes[name] = exact(plain(attributes[name]) * along[name in ("height", "ry")])


def _spell_out_radii(node: Node) -> None:
    """A radius that is missing is as large as the other one, which only holds until they are scaled apart."""
    for one, other in (("rx", "ry"), ("ry", "rx")):
        if one in node.attributes:
            node.attributes.setdefault(other, node.attributes[one])
