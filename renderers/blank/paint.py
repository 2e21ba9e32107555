"""Whether a fill, a stroke or an embedded picture has anything to show."""

from __future__ import annotations

import base64
import binascii
import io
import re
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

from lxml import etree
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Callable

NO_PAINT = "no paint"
TRANSPARENT_PAINT = "a transparent fill or stroke"

ROUNDING = 1
"""Levels (of 255) by which compositing alone can move a pixel."""

LEAST_OPACITY = (ROUNDING + 0.5) / 255
"""What is less opaque moves no pixel by more than that."""

_NUMBER = re.compile(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)(%?)", re.IGNORECASE)
_REFERENCE = re.compile(r"""\s*url\(\s*["']?\s*#([^"')]*?)\s*["']?\s*\)\s*(.*)""", re.DOTALL)
_COLOUR_FUNCTION = re.compile(r"(?:rgb|hsl)a?\(([^)]*)\)")
_HEX_ALPHA = re.compile(r"#(?:[0-9a-f]{3}([0-9a-f])|[0-9a-f]{6}([0-9a-f]{2}))")
_DATA_URL = re.compile(r"\s*data:([^,]*),(.*)", re.DOTALL | re.IGNORECASE)
_XLINK_HREF = "{http://www.w3.org/1999/xlink}href"
_MOST_LINKS = 32


def number(text: str | None, default: float) -> float:
    """The number at the beginning of a value, whatever its unit; a percentage as a share of 1."""
    found = _NUMBER.match(text or "")
    if found is None:
        return default
    return float(found[1]) / 100 if found[2] else float(found[1])


def href(element: etree._Element) -> str:
    """The address that an element refers to, "" for none."""
    return (element.get("href") or element.get(_XLINK_HREF) or "").strip()


def reference(value: str) -> tuple[str, str] | None:
    """The id in ``url(#id)`` and what stands behind it; None for another value."""
    found = _REFERENCE.match(value)
    return (found[1], found[2]) if found else None


def unseen_paint(
    paint: str,
    alpha: float,
    by_id: dict[str, etree._Element],
    styled: Callable[[etree._Element], dict[str, str]],
) -> str:
    """Why a paint cannot be seen, "" when it can.

    Args:
        paint: value of ``fill`` or ``stroke``, with ``currentColor`` replaced.
        alpha: opacity of the paint and of everything around it, 0 to 1.
        by_id: elements of the document.
        styled: gives the declared properties of an element.
    """
    if alpha < LEAST_OPACITY:
        return TRANSPARENT_PAINT
    if (to := reference(paint)) is not None:
        return _unseen_server(*to, alpha, by_id, styled)
    paint = paint.strip().lower()
    if paint == "none":
        return NO_PAINT
    return "" if alpha * _alpha(paint) >= LEAST_OPACITY else TRANSPARENT_PAINT


def _alpha(colour: str) -> float:
    """How opaque a CSS colour is, 0 to 1; 1 for what is not understood."""
    if colour == "transparent":
        return 0.0
    if function := _COLOUR_FUNCTION.fullmatch(colour):
        parts = re.split(r"[\s,/]+", function[1].strip())
        return number(parts[3], 1.0) if len(parts) == 4 else 1.0
    if digits := _HEX_ALPHA.fullmatch(colour):
        return int(digits[1], 16) / 15 if digits[1] else int(digits[2], 16) / 255
    return 1.0


def _unseen_server(
    name: str,
    fallback: str,
    alpha: float,
    by_id: dict[str, etree._Element],
    styled: Callable[[etree._Element], dict[str, str]],
) -> str:
    server = by_id.get(name)
    if server is None:
        if fallback.strip():
            return unseen_paint(fallback, alpha, {}, styled)
        return f"paint from #{name}, which does not exist"
    if "Gradient" not in etree.QName(server).localname:
        return ""
    stops = _stops(server, by_id)
    if not stops:
        return f"paint from the gradient #{name}, which has no stops"
    clearest = max(_stop_alpha(styled(stop)) for stop in stops)
    return "" if alpha * clearest >= LEAST_OPACITY else TRANSPARENT_PAINT


def _stops(gradient: etree._Element, by_id: dict[str, etree._Element]) -> list[etree._Element]:
    """The stops of a gradient, or of the one that it takes them from."""
    for _ in range(_MOST_LINKS):
        stops = list(gradient.iterchildren("{*}stop"))
        linked = by_id.get(href(gradient).removeprefix("#"))
        if stops or linked is None:
            return stops
        gradient = linked
    return []


def _stop_alpha(declared: dict[str, str]) -> float:
    return number(declared.get("stop-opacity"), 1.0) * _alpha(declared.get("stop-color", "black").strip().lower())


def unseen_picture(element: etree._Element) -> str:
    """Why an ``<image>`` has nothing to show, "" when it may have."""
    address = href(element)
    if not address:
        return "a picture without a source (none outside of the document is read)"
    parts = _DATA_URL.fullmatch(address)
    if parts is None or "svg" in parts[1].lower():
        return ""
    data = unquote_to_bytes(parts[2])
    try:
        if parts[1].lower().rstrip().endswith(";base64"):
            data = base64.b64decode(data + b"==")
        with Image.open(io.BytesIO(data)) as picture:
            picture.verify()
    except (binascii.Error, Image.DecompressionBombError, OSError, SyntaxError, ValueError):
        return "a picture that cannot be read"
    return ""
