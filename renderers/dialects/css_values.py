"""Where colours and other values stand in an SVG: presentation attributes, style attributes, style sheets."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

from renderers.dialects.markup import edit_attributes, edit_start_tags, edit_style_sheets

if TYPE_CHECKING:
    from collections.abc import Callable

COLOURS = frozenset(("fill", "stroke", "color", "stop-color", "flood-color", "lighting-color"))
"""Properties that are a colour (SVG 1.1, property index)."""

MOST_DECLARATIONS = 400_000
"""Colons in a document whose values are looked at: more than any drawing within the limits has."""

# What is no declaration: whole comments, strings and addresses, so that what merely looks like one in them stays.
_SKIPPED = r"""/\*.*?(?:\*/|\Z)|"[^"]*+"?+|'[^']*+'?+|url\([^)]*+\)?+|[^\w"'/-]++"""
_WORD = r"""[\w-]++[^\w"'/-]*+"""


@functools.cache
def _declaration(properties: frozenset[str]) -> re.Pattern[str]:
    """Matches up to and including the next declaration of one of the properties, in linear time."""
    names = "|".join(sorted(properties))
    initials = "".join(sorted({letter for name in properties for letter in (name[0], name[0].upper())}))
    wanted = rf"""(?i:{names})\s*+:\s*+{{}}[^;:{{{{}}}}"'/]*+)(?=[;}}}}]|\Z)"""
    value, unnamed = wanted.format("(?P<value>"), wanted.format("(?:")
    other = rf"{_SKIPPED}|(?![{initials}]){_WORD}|(?!{unnamed}){_WORD}|[^\w-]"
    return re.compile(rf"(?:{other})*+{value}", re.DOTALL)


def edit_values(svg: str, properties: frozenset[str], edit: Callable[[str], str]) -> str:
    """The text with each value of these properties replaced by ``edit(value)``, wherever they are set.

    ``edit`` is given the value without blanks around it and without ``!important``.
    """
    if svg.count(":") > MOST_DECLARATIONS:
        return svg
    declaration = _declaration(properties)
    edit = functools.lru_cache(maxsize=1024)(edit)  # a drawing has few colours, and many uses of each

    def edit_css(css: str) -> str:
        kept, position, copied = [], 0, 0
        while found := declaration.match(css, position):
            value = found["value"]
            edited = _edit_core(value, edit)
            if edited != value:
                kept += [css[copied : found.start("value")], edited]
                copied = found.end()
            position = found.end()
        return "".join(kept) + css[copied:] if kept else css

    def edit_attribute(name: str, value: str) -> str:
        if name == "style":
            return edit_css(value)
        return _edit_core(value, edit) if name in properties else value

    svg = edit_start_tags(svg, lambda _, inside: edit_attributes(inside, edit_attribute))
    return edit_style_sheets(svg, edit_css) if "<style" in svg or ":style" in svg else svg


def _edit_core(value: str, edit: Callable[[str], str]) -> str:
    core, important, rest = value.partition("!")
    stripped = core.strip()
    if stripped == value or not stripped:
        return edit(value)
    before, _, after = core.partition(stripped)
    return f"{before}{edit(stripped)}{after}{important}{rest}"
