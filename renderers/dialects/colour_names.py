"""Colours in small letters, for backends that do not know that CSS colours have no case."""

from __future__ import annotations

import re

from PIL import ImageColor

from renderers.dialects.css_values import COLOURS, edit_values

_CAPITAL = re.compile(r"""(?:fill|stroke|color)\s*+[:=]\s*+["']?\s*+[A-Za-z]*[A-Z]""")
_FUNCTION = re.compile(r"(?:rgb|hsl)a?\([^()]*+\)", re.IGNORECASE)


def lower_case_colours(svg: str) -> str:
    """The SVG with ``Gainsboro`` and ``RGB(0, 0, 0)`` written as ``gainsboro`` and ``rgb(0, 0, 0)``.

    That is valid SVG either way (CSS Color 4, section 4: names and functions are case-insensitive), but Skia
    draws it black. Keywords such as ``currentColor`` and references such as ``url(#A)`` stay as they are.
    """
    return edit_values(svg, COLOURS, _lower) if _CAPITAL.search(svg) else svg


def _lower(value: str) -> str:
    lower = value.lower()
    return lower if lower in ImageColor.colormap or _FUNCTION.fullmatch(value) else value
