"""Attributes that say nothing: what holds anyway, and what does not matter to an element."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from captioners.svg_text.contexts import UNKNOWN, inheriting, relative, value
from captioners.svg_text.document import XML_SPACE
from captioners.svg_text.properties import INITIAL, INITIAL_OF_ONE, SHAPES, TEXTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from captioners.svg_text.document import Node

_STROKE = tuple(name for name in INITIAL if name.startswith("stroke-"))
_FONT = tuple(name for name in INITIAL if name.startswith(("font-", "glyph-", "text-")))
_TEXT = (*_FONT, "letter-spacing", "word-spacing", "writing-mode", "direction", "kerning")
_MARKERS = ("marker-start", "marker-mid", "marker-end")
_GEOMETRY_DEFAULTS = {
    "x": "0", "y": "0", "x1": "0", "y1": "0", "x2": "0", "y2": "0", "cx": "0", "cy": "0", "dx": "0", "dy": "0",
    "preserveAspectRatio": "xMidYMid meet", "transform": "", "spreadMethod": "pad", "points": "",
    "gradientTransform": "", "patternTransform": "",
    "patternContentUnits": "userSpaceOnUse", "clipPathUnits": "userSpaceOnUse", "maskContentUnits": "userSpaceOnUse",
    "primitiveUnits": "userSpaceOnUse",
}  # fmt: skip
_OWN_DEFAULTS = {
    ("linearGradient", "x2"), ("radialGradient", "cx"), ("radialGradient", "cy"), ("mask", "x"), ("mask", "y"),
    ("filter", "x"), ("filter", "y"),
}  # fmt: skip
"""Attributes whose default depends on the element, so that 0 says something."""

_LINKED = frozenset(("linearGradient", "radialGradient", "pattern", "filter"))
"""Elements that take from others what they do not say, so that a default may say something too."""

_FONT_UNIT = re.compile(r"[0-9]e[mx](?![a-z])")
_CLOSED = re.compile("(?:M[LCQA]++Z)++")

_ONLY_IN = {
    "overflow": ("svg", "symbol", "marker", "pattern", "image", "foreignObject", "use"),
    "stop-color": ("stop",),
    "stop-opacity": ("stop",),
    "mask-type": ("mask",),
    "vector-effect": SHAPES,
    "text-decoration": (*TEXTS, "g", "use", "svg", "symbol"),
    "dominant-baseline": (*TEXTS, "g", "use", "svg", "symbol"),
    "alignment-baseline": TEXTS,
    "baseline-shift": TEXTS,
    "unicode-bidi": TEXTS,
}


def drop_own_defaults(root: Node) -> None:
    """Drop values that are not inherited and hold anyway, and those of properties that an element does not have."""
    text = any(isinstance(child, str) for node in root.walk() for child in node.children)
    _take_over(root)
    for node in root.walk():
        linked = node.name in _LINKED
        filtering = node.name.startswith("fe")
        for name, value_ in list(node.attributes.items()):
            if name == XML_SPACE:
                useless = not text
            elif filtering or value_ == "inherit":
                useless = False
            elif name in INITIAL_OF_ONE:
                useless = value_ == INITIAL_OF_ONE[name] or node.name not in _ONLY_IN.get(name, (node.name,))
            else:
                useless = (
                    value_ == _GEOMETRY_DEFAULTS.get(name) and (node.name, name) not in _OWN_DEFAULTS and not linked
                )
                if node.name in TEXTS and name in ("x", "y"):
                    useless = useless and node.name == "text"  # a tspan at 0 stands there
            if useless:
                del node.attributes[name]


def _take_over(root: Node) -> None:
    """Say what "inherit" means for properties that are not inherited otherwise, before groups are taken apart."""
    for node in root.walk():
        for child in node.elements:
            if child.target:
                continue
            for name in [name for name, value_ in child.attributes.items() if value_ == "inherit"]:
                if name in INITIAL_OF_ONE:
                    child.attributes[name] = node.attributes.get(name, INITIAL_OF_ONE[name])


def drop_inherited_defaults(root: Node) -> None:
    """Drop inherited properties where they say what is inherited, or do not matter; those are noted as free."""
    texts = [text for node in root.walk() for text in node.attributes.values()]
    uses_color = any("currentColor" in text or "shadow(" in text for text in texts)
    measures = any(map(_FONT_UNIT.search, texts))
    clips = {inner for node in root.walk() if node.name == "clipPath" for inner in node.walk()}
    for node, around in inheriting(root):
        attributes = node.attributes
        free = set(_free(node, around)) if node.name in SHAPES and not node.target and UNKNOWN not in around else set()
        if measures:
            free.discard("font-size")
        if not uses_color:
            free.add("color")
        if node.name in SHAPES and node not in clips and not node.target and UNKNOWN not in around:
            free.add("clip-rule")
        node.free = frozenset(free)
        for name in [name for name in attributes if name in INITIAL]:
            inherited = around.get(name, "" if UNKNOWN in around else INITIAL[name])
            said = attributes[name]
            if name in free or said == "inherit" or (said == inherited and said and not relative(name, said)):
                del attributes[name]
        if node.name in ("linearGradient", "radialGradient", "filter"):
            for name in [name for name in attributes if name in INITIAL and not name.startswith("color")]:
                del attributes[name]


def _free(node: Node, around: Mapping[str, str]) -> Iterator[str]:
    """Properties that do not matter to a shape."""
    yield from _TEXT
    if any(value(node, around, marker) != "none" for marker in _MARKERS):
        return
    line = node.name == "line"
    if line or value(node, around, "fill") == "none":
        yield from ("fill-opacity", "fill-rule")
    if line:
        yield "fill"
    if node.name in ("rect", "circle", "ellipse"):
        yield "fill-rule"
    if value(node, around, "stroke") == "none":
        yield from _STROKE
        return
    dashed = value(node, around, "stroke-dasharray") != "none"
    if not dashed:
        yield "stroke-dashoffset"
    round_one = node.name in ("circle", "ellipse")
    if not dashed and (round_one or node.name in ("rect", "polygon") or _closed(node)):
        yield "stroke-linecap"
    if round_one or line:
        yield from ("stroke-linejoin", "stroke-miterlimit")
    elif value(node, around, "stroke-linejoin") in ("round", "bevel"):
        yield "stroke-miterlimit"


def _closed(path: Node) -> bool:
    """Whether every subpath ends with a Z, and has some length, so that no cap can be seen."""
    segments = path.segments
    if path.name != "path" or not segments:
        return False
    commands = "".join(segment.command for segment in segments)
    return _CLOSED.fullmatch(commands) is not None and len({point for part in segments for point in part.points}) > 1
