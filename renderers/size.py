"""How large a drawing says it is: the width and height of its root element, in CSS pixels.

Only the start tag of the root is read, with regular expressions, because this runs before every drawing. The
rules are those of SVG 2, section 8.2 ("The initial viewport"), as resvg applies them: a percentage, or an
attribute that is missing or means nothing, refers to the same side of the viewBox.
"""

from __future__ import annotations

import html
import math
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

FONT_SIZE = 12.0
"""What "1em" means in the size of the root, in px: resvg's default font size. "1ex" is half of it."""

PIXELS = {
    "": 1.0,
    "px": 1.0,
    "pt": 96 / 72,
    "pc": 16.0,
    "in": 96.0,
    "cm": 96 / 2.54,
    "mm": 96 / 25.4,
    "em": FONT_SIZE,
    "ex": FONT_SIZE / 2,
}
"""How many px a unit of length is in the root, 96 to the inch (CSS Values and Units 4, section 6.2)."""

# Before the root: byte order mark, declaration, comments, instructions, a DOCTYPE with or without a subset.
# Possessive repeats: text that is no SVG must fail in linear time.
_ROOT = re.compile(
    r"""\ufeff? (?: \s++ | <\?.*?\?> | <!--.*?--> | <!DOCTYPE[^\[>]*+ (?: \[ .*? \]\s*+ )? > )*+
        < (?: [^\s<>/:]++ : )? svg ( (?: \s (?: [^>"']++ | "[^"]*+" | '[^']*+' )*+ )? ) >""",
    re.DOTALL | re.VERBOSE,
)
_ATTRIBUTE = re.compile(r"""\s([^\s=]++)\s*+=\s*+(?:"([^"]*+)"|'([^']*+)')""")
_NUMBER = r"[+-]?(?:\d++(?:\.\d*+)?|\.\d++)(?:[eE][+-]?\d++)?"
_LENGTH = re.compile(rf"\s*+({_NUMBER})(px|pt|pc|in|cm|mm|em|ex|%|)\s*", re.IGNORECASE)
_SEPARATOR = r"(?:\s++,?\s*+|,\s*+)"
_VIEW_BOX = re.compile(rf"\s*+({_NUMBER}){_SEPARATOR}({_NUMBER}){_SEPARATOR}({_NUMBER}){_SEPARATOR}({_NUMBER})\s*")


def intrinsic_size(svg: str) -> tuple[float, float] | None:
    """Width and height of the drawing in CSS px (96 to the inch), both positive and finite.

    None where they cannot be known from the root element: it has no usable viewBox, and no width, no height, or
    one in percent. Renderers then disagree (300 x 150 px in browsers, the drawn area in resvg and librsvg).
    None, too, for text that does not begin with an ``<svg>`` element. A width or height of zero or less counts
    as missing.
    """
    root = root_attributes(svg)
    return None if root is None else stated_size(root)


def stated_size(root: Mapping[str, str]) -> tuple[float, float] | None:
    """As :func:`intrinsic_size`, from the attributes of the root."""
    sides = view_box_size(root.get("viewBox", ""))
    width = _pixels(root.get("width", ""), sides and sides[0])
    height = _pixels(root.get("height", ""), sides and sides[1])
    return (width, height) if width and height else None


def disabling_side(root: Mapping[str, str]) -> str:
    """Which of "width" and "height" leaves nothing of the drawing, by its value in the root; "" where neither does.

    "A value of zero disables rendering of the element" (SVG 1.1, section 5.1.2). A negative one was an error there;
    it counts as missing today (CSS 2.1, section 10.2), but where there is no viewBox either, resvg's suite expects
    an empty picture.
    """
    for name in ("width", "height"):
        parts = _LENGTH.fullmatch(root.get(name, ""))
        number = float(parts[1]) if parts else 1.0
        if number == 0 or (number < 0 and view_box_size(root.get("viewBox", "")) is None):
            return name
    return ""


def root_attributes(svg: str) -> dict[str, str] | None:
    """Attributes of the root ``<svg>`` by qualified name; None where the text does not begin with such a root."""
    root = _ROOT.match(svg)
    if root is None:
        return None
    return {name: html.unescape(double or single) for name, double, single in _ATTRIBUTE.findall(root[1])}


def view_box_size(view_box: str) -> tuple[float, float] | None:
    """Width and height in a viewBox; None unless it is four numbers and both are positive and finite."""
    numbers = _VIEW_BOX.fullmatch(view_box)
    if numbers is None:
        return None
    width, height = float(numbers[3]), float(numbers[4])
    return (width, height) if 0 < width < math.inf and 0 < height < math.inf else None


def _pixels(length: str, whole: float | None) -> float | None:
    """A length in px, or ``whole`` where it is missing or means nothing; None for a share of an unknown whole."""
    parts = _LENGTH.fullmatch(length)
    if parts is None or not 0 < float(parts[1]) < math.inf:
        return whole
    number, unit = float(parts[1]), parts[2].lower()
    if unit == "%":
        return whole and whole * number / 100
    return number * PIXELS[unit]
