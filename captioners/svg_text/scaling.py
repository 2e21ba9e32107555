"""A drawing in a viewBox of another size: every length in it multiplied by one factor.

In all coordinate systems of the drawing, those of groups, symbols, patterns and markers too, what was x is then
``factor`` x. So transforms keep their linear part, and only what they move by is scaled.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from captioners.svg_text.contexts import Units, inheriting, value
from captioners.svg_text.numbers import exact, length, numbers
from captioners.svg_text.paths import moved
from captioners.svg_text.properties import SHAPES
from captioners.svg_text.transforms import Matrix, matrix
from renderers.size import FONT_SIZE, PIXELS

if TYPE_CHECKING:
    from captioners.svg_text.document import Node

_LENGTHS = frozenset(
    (
        *("x", "y", "width", "height", "cx", "cy", "r", "rx", "ry", "x1", "y1", "x2", "y2", "dx", "dy", "fx", "fy"),
        *("fr", "textLength", "startOffset", "pathLength", "refX", "refY", "markerWidth", "markerHeight"),
    )
)
_LENGTHS_OF_FILTERS = frozenset(("x", "y", "width", "height", "stdDeviation", "dx", "dy", "radius"))
_FONT_LENGTHS = frozenset(("font-size", "letter-spacing", "word-spacing", "baseline-shift", "kerning"))
_STROKE_LENGTHS = frozenset(("stroke-width", "stroke-dasharray", "stroke-dashoffset"))
_PROPERTIES = _FONT_LENGTHS | _STROKE_LENGTHS
_TRANSFORMS = ("transform", "gradientTransform", "patternTransform")
_FIXED_FILTERS = frozenset(("feTurbulence", "feDiffuseLighting", "feSpecularLighting", "feDisplacementMap", "feTile"))
"""Filter primitives whose result depends on the scale in other ways than through a length."""

_RELATIVE = ("%", "em", "ex")
_WORDS = re.compile(r"[a-z-]*+")
_STYLES_WITHOUT_LENGTH = re.compile(
    "(?:(?:mix-blend-mode|isolation|white-space|font-kerning|font-[a-z]*-(?:settings|sizing)|background-color):[^;]*+;?)*+"
)


class Unscalable(Exception):
    """A drawing holds what cannot be scaled; the message says what."""


def scaled(root: Node, factor: float) -> None:
    """Multiply all lengths of a drawing by a factor, in place.

    Raises Unscalable, with the tree half done, when that would change the picture.
    """
    if factor == 1:
        return
    units = Units(root)
    boxed = units.boxed(root)
    _default_sizes(root, boxed)
    for node in root.walk():
        if not _STYLES_WITHOUT_LENGTH.fullmatch(node.attributes.get("style", "")):
            raise Unscalable("style that has no attribute")
        if node.name in _FIXED_FILTERS:
            raise Unscalable(f"<{node.name}>")
        if node.name == "foreignObject" or "transform-origin" in node.attributes:
            raise Unscalable("foreignObject" if node.name == "foreignObject" else "transform-origin")
        if "(" in (effect := node.attributes.get("filter", "")) and not effect.startswith("url("):
            raise Unscalable("a filter function")
        if node in boxed:
            continue
        _scale(node, factor, units)


def _default_sizes(root: Node, boxed: set[Node]) -> None:
    """Say how wide strokes and how large letters are where the drawing leaves that to the renderer."""
    strokes = letters = relative = False
    for node, around in inheriting(root):
        relative = relative or any(re.search(r"\de[mx]\b", text) for text in node.attributes.values())
        if node.name in (*SHAPES, "text", "tspan", "textPath", "use"):
            thick = "stroke-width" in node.attributes or "stroke-width" in around
            stroked = value(node, around, "stroke") not in (None, "none")
            strokes = strokes or (not thick and stroked)
            if node in boxed and (stroked or node.name not in SHAPES):
                raise Unscalable(f"a {'stroke' if node.name in SHAPES else node.name} measured in shares of a box")
        if node.name in ("text", "tspan", "textPath"):
            sized = "font-size" in around or not _is_relative(node.attributes.get("font-size", "1em"))
            letters = letters or not sized
    if _is_relative(size_of_root := root.attributes.get("font-size", "")):
        number, unit = length(size_of_root)
        root.attributes["font-size"] = exact(number * (FONT_SIZE / 100 if unit == "%" else PIXELS[unit.lower()]))
    for name, missing, size in (("stroke-width", strokes, 1.0), ("font-size", letters or relative, FONT_SIZE)):
        if missing and name not in root.attributes:
            root.attributes[name] = exact(size)


def _is_relative(size: str) -> bool:
    try:
        return length(size)[1].lower() in _RELATIVE
    except ValueError:
        return False


def _scale(node: Node, factor: float, units: Units) -> None:
    attributes = node.attributes
    primitive = node.name.startswith("fe")
    lengths = _LENGTHS_OF_FILTERS if primitive else _LENGTHS
    own_in_box = units.own_in_box(node)
    if node.name == "marker" and attributes.get("markerUnits") != "userSpaceOnUse":
        # What is in it is measured in stroke widths, which are scaled already: a viewBox takes the factor back.
        size = [attributes.setdefault(name, "3") for name in ("markerWidth", "markerHeight")]
        try:
            attributes.setdefault("viewBox", f"0 0 {exact(float(size[0]))} {exact(float(size[1]))}")
        except ValueError as error:
            raise Unscalable("the size of a marker") from error
        lengths = lengths - {"markerWidth", "markerHeight"}
    for name, text in attributes.items():
        if name in _PROPERTIES or (name in lengths and not own_in_box):
            attributes[name] = _scaled_list(name, text, factor)
        elif name in _TRANSFORMS:
            boxed = (name == "gradientTransform" and own_in_box) or text == "none"
            if node.name == "clipPath" and units.content_in_box(node):
                raise Unscalable("a transform of a clip path measured in shares of a box")
            attributes[name] = text if boxed else _scaled_transform(text, factor)
        elif name == "viewBox":
            attributes[name] = " ".join(exact(number * factor) for number in _numbers(text))
    if node.segments is None and ("d" in attributes or "points" in attributes):
        raise Unscalable("path data beyond what can be read")
    if node.segments is not None:
        node.segments = moved(node.segments, Matrix(a=factor, d=factor))


def _numbers(text: str) -> list[float]:
    try:
        return numbers(text.strip())
    except ValueError as error:
        raise Unscalable(f"a viewBox that cannot be read: {text[:40]!r}") from error


def _scaled_transform(text: str, factor: float) -> str:
    try:
        transform = matrix(text)
    except ValueError as error:
        raise Unscalable(f"a transform that cannot be read: {text[:40]!r}") from error
    return f"matrix({' '.join(map(exact, transform.scaled(factor)))})"


def _scaled_list(name: str, text: str, factor: float) -> str:
    """Lengths, separated by blanks or commas."""
    return " ".join(_scaled(name, part, factor) for part in text.replace(",", " ").split())


def _scaled(name: str, text: str, factor: float) -> str:
    if _WORDS.fullmatch(text):
        if name == "font-size" and text != "inherit":
            raise Unscalable(f"font-size: {text}")
        return text  # none, normal, auto ...
    try:
        number, unit = length(text)
    except ValueError as error:
        raise Unscalable(f"{name} cannot be read: {text[:40]!r}") from error
    if unit.lower() in _RELATIVE:
        return text
    if unit.lower() not in PIXELS:
        raise Unscalable(f"{name} in {unit}")
    return exact(number * PIXELS[unit.lower()] * factor)
