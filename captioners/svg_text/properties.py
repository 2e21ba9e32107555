"""What is known of the attributes of SVG: which are drawn with, which are inherited, what they are by default."""

from __future__ import annotations

import functools

from PIL import ImageColor
from tinycss2.color3 import parse_color

from captioners.svg_text.numbers import length, rounded

SHAPES = frozenset(("path", "rect", "circle", "ellipse", "line", "polyline", "polygon"))
TEXTS = frozenset(("text", "tspan", "textPath", "tref", "a"))
DRAWN = SHAPES | {"text", "image", "use", "foreignObject"}
"""Elements that leave a mark themselves."""

RESOURCES = frozenset(
    ("linearGradient", "radialGradient", "pattern", "clipPath", "mask", "marker", "filter", "symbol", "defs")
)
"""Elements that are drawn only where others refer to them."""

NOT_DRAWN = frozenset(
    (
        *("metadata", "title", "desc", "script", "style", "view", "cursor", "font", "font-face", "color-profile"),
        *("animate", "animateColor", "animateMotion", "animateTransform", "set", "mpath", "discard"),
    )
)
"""Elements that change nothing about a picture that stands still."""

INITIAL = {
    "fill": "#000",
    "fill-opacity": "1",
    "fill-rule": "nonzero",
    "stroke": "none",
    "stroke-width": "1",
    "stroke-opacity": "1",
    "stroke-linecap": "butt",
    "stroke-linejoin": "miter",
    "stroke-miterlimit": "4",
    "stroke-dasharray": "none",
    "stroke-dashoffset": "0",
    "clip-rule": "nonzero",
    "visibility": "visible",
    "marker-start": "none",
    "marker-mid": "none",
    "marker-end": "none",
    "paint-order": "normal",
    "color": "",
    "color-interpolation": "sRGB",
    "color-interpolation-filters": "linearRGB",
    "shape-rendering": "auto",
    "text-rendering": "auto",
    "image-rendering": "auto",
    "font-family": "",
    "font-size": "",
    "font-style": "normal",
    "font-variant": "normal",
    "font-weight": "normal",
    "font-stretch": "normal",
    "font-size-adjust": "none",
    "text-anchor": "start",
    "letter-spacing": "normal",
    "word-spacing": "normal",
    "writing-mode": "lr-tb",
    "direction": "ltr",
    "glyph-orientation-vertical": "auto",
    "kerning": "auto",
}
"""Inherited properties and their initial values, "" where that depends on the renderer."""

INITIAL_OF_ONE = {
    "opacity": "1",
    "display": "inline",
    "clip-path": "none",
    "mask": "none",
    "filter": "none",
    "overflow": "",
    "stop-color": "#000",
    "stop-opacity": "1",
    "flood-color": "#000",
    "flood-opacity": "1",
    "lighting-color": "#fff",
    "text-decoration": "none",
    "dominant-baseline": "auto",
    "alignment-baseline": "auto",
    "baseline-shift": "baseline",
    "unicode-bidi": "normal",
    "vector-effect": "none",
    "transform-origin": "",
    "mask-type": "luminance",
}
"""Properties that are not inherited, and their initial values."""

IN_STYLE_ONLY = frozenset(
    (
        *("mix-blend-mode", "isolation", "transform-box", "font", "font-kerning", "font-optical-sizing"),
        *("font-variation-settings", "font-feature-settings", "white-space", "background", "background-color"),
    )
)
"""Properties that have no presentation attribute, or none that all renderers read."""

GEOMETRY = (
    *("id", "href", "viewBox", "x", "y", "x1", "y1", "x2", "y2", "dx", "dy", "cx", "cy", "r", "fx", "fy", "fr"),
    *("width", "height", "rx", "ry", "points", "path", "d", "offset", "preserveAspectRatio"),
    *("transform", "gradientTransform", "patternTransform", "gradientUnits", "spreadMethod", "patternUnits"),
    *("patternContentUnits", "clipPathUnits", "maskUnits", "maskContentUnits", "filterUnits", "primitiveUnits"),
    *("markerUnits", "markerWidth", "markerHeight", "refX", "refY", "orient", "textLength", "lengthAdjust", "rotate"),
    *("startOffset", "method", "spacing", "side", "pathLength", "{http://www.w3.org/XML/1998/namespace}space", "style"),
)
"""Attributes of elements other than filter primitives that a renderer reads, besides properties."""

_ORDER = {name: place for place, name in enumerate((*GEOMETRY, *INITIAL, *INITIAL_OF_ONE))}

COLOURS = frozenset(("fill", "stroke", "color", "stop-color", "flood-color", "lighting-color"))
OPACITIES = frozenset(("opacity", "fill-opacity", "stroke-opacity", "stop-opacity", "flood-opacity"))

_SYNONYMS = {
    "font-weight": {"400": "normal", "700": "bold"},
    "writing-mode": {"horizontal-tb": "lr-tb", "lr": "lr-tb"},
    "stroke-dasharray": {"0": "none", "": "none"},
}


def matters(name: str) -> bool:
    """Whether an attribute can change the picture."""
    return name in _ORDER


def ordered(attributes: dict[str, str]) -> dict[str, str]:
    """Attributes in the order in which they are always written: geometry first; unknown ones last, as they were."""
    return dict(sorted(attributes.items(), key=lambda item: _ORDER.get(item[0], len(_ORDER))))


@functools.lru_cache(maxsize=4096)
def normalised(name: str, value: str) -> str:
    """A value of a property in its shortest form; as it is, without blanks around it, where it is not understood."""
    value = " ".join(value.split())
    if name in COLOURS:
        return "none" if name in ("fill", "stroke") and value.lower() == "transparent" else colour(value)
    if name in OPACITIES:
        return _opacity(value)
    return _SYNONYMS.get(name, {}).get(value, value)


def colour(value: str) -> str:
    """A paint in its shortest form: ``#f80`` or a name that is shorter than the number."""
    if "(" in value and "url" in value.lower():
        return value
    parsed = parse_color(value)
    if parsed is None or isinstance(parsed, str):
        return "currentColor" if parsed else value.lower() if value.isalpha() else value
    if parsed.alpha != 1 or not all(-0.001 <= level <= 1.001 for level in parsed[:3]):
        return value
    red, green, blue = (round(255 * level) for level in parsed[:3])
    number = f"#{red:02x}{green:02x}{blue:02x}"
    short = f"#{number[1]}{number[3]}{number[5]}"
    if number == f"#{short[1] * 2}{short[2] * 2}{short[3] * 2}":
        number = short
    name = _NAMES.get((red, green, blue), number)
    return name if len(name) < len(number) else number


def _opacity(value: str) -> str:
    try:
        number, unit = length(value)
    except ValueError:
        return value
    if unit not in ("", "%"):
        return value
    share = min(1.0, max(0.0, number / 100 if unit else number))
    return rounded(share, 2 if share >= 0.1 else 3)


def _shortest_names() -> dict[tuple[int, ...], str]:
    names: dict[tuple[int, ...], str] = {}
    for name in sorted(ImageColor.colormap, key=lambda name: (len(name), name)):
        names.setdefault(ImageColor.getrgb(name), name)
    return names


_NAMES = _shortest_names()
