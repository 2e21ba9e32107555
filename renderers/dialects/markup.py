"""XML as a row of tokens, broken XML too: what repairs are made on, so that all else keeps its bytes.

A parser refuses a broken document and writes a sound one anew. Here a document is cut into tags, text, comments
and so on, single attributes are changed, and the rest is put together as it was. All patterns take linear time
on any text: what has been consumed is not given back.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MOST_ATTRIBUTES = 4096
"""Attributes of one tag that are looked at."""

QUOTED = r"""(?:"[^"]*+"|'[^']*+')"""
NAME_START = r"[A-Za-z_:\u0080-\U0010ffff]"
_COMMENT = r"<!--.*?(?:-->|\Z)"
_CDATA = r"<!\[CDATA\[.*?(?:\]\]>|\Z)"
_INSTRUCTION = r"<\?.*?(?:\?>|\Z)"
_DOCTYPE = rf"""<![^"'<>]*+(?:{QUOTED}[^"'<>]*+)*+>?+"""
_TAG = rf"""<(?P<slash>/?)(?P<name>{NAME_START}[^\s<>/="']*+)(?P<inside>[^<>"']*+(?:{QUOTED}[^<>"']*+)*+)(?P<end>>?)"""
_NO_MARKUP = rf"<(?!{NAME_START}|[/!?])[^<]*+"
_TEXT = rf"[^<]++(?:{_NO_MARKUP})*+|(?:{_NO_MARKUP})++|<(?!/?{NAME_START}|[!?])"
_TOKEN = re.compile(
    rf"(?P<comment>{_COMMENT})|(?P<cdata>{_CDATA})|(?P<instruction>{_INSTRUCTION})|(?P<doctype>{_DOCTYPE})"
    rf"|(?P<tag>{_TAG})|(?P<text>{_TEXT})",
    re.DOTALL,
)
# A tag and all before it that is none; at the end of a text there may be no tag.
_NEXT_TAG = re.compile(rf"(?:{_TEXT}|{_COMMENT}|{_CDATA}|{_INSTRUCTION}|{_DOCTYPE})*+(?P<tag>{_TAG})?+", re.DOTALL)
# A name without a value, and a value without a name, are consumed as well: no name is looked for inside them.
_ATTRIBUTE = re.compile(rf"""(?P<name>[^\s"'<>/=]++)(?:(?P<equals>\s*+=\s*+)(?P<value>{QUOTED}))?+|{QUOTED}""")


def tokens(svg: str) -> Iterator[re.Match[str]]:
    """The text as a row of matches without gaps.

    The group that is set says what a token is: "comment", "cdata", "instruction", "doctype", "text", or "tag" with
    "slash" (of an end tag), "name", "inside" (attributes, and the slash of an empty element) and "end" (the ">",
    missing where a tag is cut off).
    """
    return _TOKEN.finditer(svg)


def tags(svg: str) -> Iterator[re.Match[str]]:
    """The tags among the tokens, with the same groups, in half the time; a match also holds what is before the tag."""
    return (found for found in _NEXT_TAG.finditer(svg) if found["tag"])


def attributes(inside: str) -> list[re.Match[str]]:
    """The attributes of a tag, by its "inside": matches with "name", "equals" and "value", quotes included.

    None at all for a tag with more than ``MOST_ATTRIBUTES``: it is no drawing but an attack, and refused later.
    """
    if "=" not in inside:  # of most tags in a broken text there is nothing to be known
        return []
    found = list(islice(_ATTRIBUTE.finditer(inside), MOST_ATTRIBUTES + 1))
    return [match for match in found if match["value"]] if len(found) <= MOST_ATTRIBUTES else []


def local_name(name: str) -> str:
    """The name of an element or attribute without its prefix."""
    return name.rpartition(":")[2]


def is_empty(tag: re.Match[str]) -> bool:
    """Whether a start tag is the whole element: ``<path/>``."""
    return tag["inside"].endswith("/")


def edit_start_tags(svg: str, edit: Callable[[str, str], str]) -> str:
    """The text with the inside of each start tag that has attributes replaced by ``edit(name, inside)``."""
    kept, position = [], 0
    for tag in tags(svg):
        inside = tag["inside"]
        if "=" not in inside or tag["slash"]:
            continue
        edited = edit(tag["name"], inside)
        if edited != inside:
            start, end = tag.span("inside")
            kept += [svg[position:start], edited]
            position = end
    return "".join(kept) + svg[position:] if kept else svg


def edit_attributes(inside: str, edit: Callable[[str, str], str]) -> str:
    """The inside of a tag with each value replaced by ``edit(name, value)``; quotes stay as they are."""
    kept, position = [], 0
    for attribute in attributes(inside):
        start, end = attribute.start("value") + 1, attribute.end("value") - 1
        value = inside[start:end]
        edited = edit(attribute["name"], value)
        if edited != value:
            kept += [inside[position:start], edited]
            position = end
    return "".join(kept) + inside[position:] if kept else inside


def edit_root(svg: str, edit: Callable[[str], str]) -> str:
    """The text with the inside of the first ``<svg>`` tag replaced by ``edit(inside)``."""
    for tag in tags(svg):
        if not tag["slash"] and local_name(tag["name"]) == "svg":
            start, end = tag.span("inside")
            return svg[:start] + edit(tag["inside"]) + svg[end:]
    return svg


def edit_style_sheets(svg: str, edit: Callable[[str], str]) -> str:
    """The text with the content of each ``<style>`` element, CDATA marks included, replaced by ``edit(content)``."""
    inside = False

    def edited(token: re.Match[str]) -> str:
        nonlocal inside
        if token["name"]:
            inside = local_name(token["name"]) == "style" and not token["slash"] and not is_empty(token)
        elif inside and (token["text"] or token["cdata"]):
            return edit(token[0])
        return token[0]

    return _TOKEN.sub(edited, svg)


def line_of(svg: str, position: int) -> int:
    """The number of the line, from 1, of a character."""
    return svg.count("\n", 0, position) + 1
