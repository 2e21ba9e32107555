"""What is doubtful in a drawing and cannot be put right, because what was meant is no longer there: flags."""

from __future__ import annotations

import re

from renderers.dialects.markup import attributes, tags
from renderers.size import intrinsic_size

NEGATIVE_RADIUS = "negative-arc-radius"
"""An arc with a negative radius, drawn with its absolute value (SVG 1.1, F.6.6). In drawings that were moved to
another canvas, a radius went through the shift of the y axis, and its true value is lost."""
CLOSED_STROKE = "closed-open-stroke"
"""The export of the line dialect appends Z to each path, which closes strokes that the source left open. A Z that
was meant looks the same."""
CUT_PATH = "cut-path-data"
"""Path data that ends in an ellipsis: renderers draw what stands before it."""
NO_SIZE = "no-size"
"""Neither a viewBox nor a width and height: each renderer chooses a canvas of its own."""

_NUMBER = r"[+-]?(?:\d++\.?\d*+|\.\d++)(?:[eE][+-]?\d++)?"
_ARC_RADII = re.compile(rf"[Aa][\s,]*+({_NUMBER})[\s,]*+({_NUMBER})")
_EXPORTED_END = re.compile(r"\dZ\s*\Z")
_POINT = re.compile(rf"({_NUMBER}),({_NUMBER})")
_LAST_POINT = re.compile(rf"{_POINT.pattern}\s*+Z\s*+\Z")
_STROKE = re.compile(r"\bstroke\s*+:\s*+(?!none)[^;\s]")


def size_doubts(svg: str) -> tuple[str, ...]:
    """The flag of a drawing that does not say how large it is."""
    return () if "viewBox" in svg or intrinsic_size(svg) else (NO_SIZE,)


def path_doubts(svg: str) -> tuple[str, ...]:
    """Flags of the paths of a drawing that came from a script or a language model."""
    found: dict[str, None] = {}
    for tag in tags(svg):
        if tag["name"] != "path":
            continue
        values = {attribute["name"]: attribute["value"][1:-1] for attribute in attributes(tag["inside"])}
        data = values.get("d", "")
        if any("-" in radius for radii in _ARC_RADII.findall(data) for radius in radii):
            found[NEGATIVE_RADIUS] = None
        if _EXPORTED_END.search(data) and _STROKE.search(values.get("style", "")) and _is_open(data):
            found[CLOSED_STROKE] = None
    return tuple(found)


def cut_doubts(svg: str) -> tuple[str, ...]:
    """The flag of path data that ends in an ellipsis."""
    for tag in tags(svg):
        if tag["name"] == "path" and "..." in tag["inside"]:
            for attribute in attributes(tag["inside"]):
                if attribute["name"] == "d" and attribute["value"][1:-1].rstrip().endswith("..."):
                    return (CUT_PATH,)
    return ()


def _is_open(data: str) -> bool:
    """Whether the last subpath ends elsewhere than it began, Z aside."""
    move = data.rfind("M")
    first = _POINT.fullmatch(data, move + 1, data.find(" ", move))
    last = _LAST_POINT.search(data[-60:]) if first else None
    return bool(last and first and [float(n) for n in last.groups()] != [float(n) for n in first.groups()])
