"""What a filter costs: milliseconds of resvg 0.48 on one core for a picture of 224 by 224 pixels, roughly.

Every primitive reads and writes each pixel of its region. Most take the same time whatever their numbers say;
four do not: turbulence per octave, convolution per entry of its kernel, morphology per pixel of its window, and
merging per input. A blur costs the same with every deviation. Measured (resvg_py 0.5.0, 224 px, 50,176 pixels):
offset 6 ms, blend 11, colour matrix 2, blur 6, drop shadow 19, displacement 4, tile 7, lighting 5 to 7,
turbulence 10 to 14 per octave, convolution 0.8 per entry, morphology 2 per pixel of the window; 10 to apply any
filter at all.

The region is taken to be the whole picture, since its true size is known only when all is laid out: a filter on
a small part costs less than is counted here.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml import etree

REFERENCE_SIDE = 224
"""Width and height in pixels of the picture for which costs are counted."""

APPLIED = 10
_PRIMITIVE = 6
_DROP_SHADOW = 20
_PER_OCTAVE = 10
_PER_WINDOW_PIXEL = 2

_NUMBER = re.compile(r"[-+]?(?:\d++(?:\.\d*+)?|\.\d++)(?:[eE][-+]?\d++)?")
_FUNCTION = re.compile(r"(?<!url)\(", re.IGNORECASE)


def functions_cost(value: str) -> int:
    """Milliseconds for the functions of a property ``filter``, such as "blur(3px) invert(1)"; 0 for a url()."""
    count = len(_FUNCTION.findall(value))
    return APPLIED + _DROP_SHADOW * count if count else 0


def primitive_cost(primitive: etree._Element, scale: float) -> int:
    """Milliseconds for one element of a filter.

    Args:
        primitive: a child of ``<filter>``, or of ``<feMerge>``.
        scale: pixels per user unit in a picture of the reference size.
    """
    match str(primitive.tag).rpartition("}")[2]:
        case "feTurbulence":
            octaves = _numbers(primitive.get("numOctaves"), (1.0,))[0]
            return _PRIMITIVE + _PER_OCTAVE * math.ceil(max(0.0, octaves))
        case "feConvolveMatrix":
            order = _numbers(primitive.get("order"), (3.0,))
            return _PRIMITIVE + math.ceil(max(0.0, order[0]) * max(0.0, order[-1]))
        case "feMorphology":
            radii = _numbers(primitive.get("radius"), (0.0,))
            return _PRIMITIVE + _PER_WINDOW_PIXEL * _window(radii[0] * scale) * _window(radii[-1] * scale)
        case "feDropShadow":
            return _DROP_SHADOW
        case name if name.startswith("fe") and not name.startswith("feFunc"):
            return _PRIMITIVE
    return 0


def scale_of(root: etree._Element, filter_element: etree._Element) -> float:
    """Pixels per unit of a filter's lengths in a picture of the reference size; transformations aside."""
    if filter_element.get("primitiveUnits") == "objectBoundingBox":
        return REFERENCE_SIDE
    box = _numbers(root.get("viewBox"), ())
    sides = box[2:4] or _numbers(root.get("width"), ()) + _numbers(root.get("height"), ())
    longest = max(sides, default=0.0)
    return REFERENCE_SIDE / longest if longest > 0 else 1.0


def _window(radius: float) -> int:
    """Pixels on one side of the window of a morphology, which is no larger than the picture."""
    return math.ceil(min(2 * max(0.0, radius) + 1, REFERENCE_SIDE))


def _numbers(text: str | None, default: tuple[float, ...]) -> tuple[float, ...]:
    # No number is infinite: what exceeds a float would break the arithmetic.
    return tuple(min(float(found), 1e9) for found in _NUMBER.findall(text or "")[:4]) or default
