"""The one drawing in a text that holds more: an answer of a language model, a Markdown file, an HTML page."""

from __future__ import annotations

import re

from renderers.base import InvalidSvg
from renderers.dialects import line_dialect
from renderers.dialects.markup import QUOTED, is_empty, local_name, tags

_PROLOG = re.compile(
    rf"\ufeff?+(?:<\?xml\s.*?\?>)?+(?:\s++|<!--.*?-->|<\?(?!xml\s).*?\?>|<!DOCTYPE\s++svg(?:[^\"'<>\[]|{QUOTED})*+"
    r"(?:\[.*?\]\s*+)?>)*+",
    re.DOTALL,
)
_DECLARATION = re.compile(r"<\?xml\s|<!DOCTYPE\s+svg")
_AFTER_ROOT = re.compile(r"(?:\s++|<!--.*?-->|<\?.*?\?>)*+", re.DOTALL)


def without_surroundings(svg: str) -> str:
    """Drop what stands around the one drawing: prose, Markdown fences, an HTML page, blanks before ``<?xml``.

    Raises InvalidSvg where there is no drawing, or several, one after the other.
    """
    if entries := line_dialect.starts(svg):
        fence = svg.rstrip().endswith("```")
        return svg[entries[0] :].rstrip().rstrip("`") if fence else svg[entries[0] :]
    start = end = drawings = depth = 0
    for tag in tags(svg):
        if local_name(tag["name"]) != "svg":
            continue
        if tag["slash"]:
            depth = max(0, depth - 1)
            end = tag.end()
            continue
        if not depth:
            drawings += 1
            start = start if drawings > 1 else tag.start("tag")
        if is_empty(tag):
            end = tag.end()
        else:
            depth += 1
    if drawings > 1:
        raise InvalidSvg(f"the text holds {drawings} drawings, one after the other; which one is meant is not said")
    if not drawings:
        raise InvalidSvg("there is no <svg> in the text" if svg.strip() else "there is no SVG: the text is empty")
    head, tail = svg[:start], "" if depth else svg[end:]
    if not _PROLOG.fullmatch(head):
        last = [found.start() for found in _DECLARATION.finditer(head)]
        head = next((head[begin:] for begin in last[:8] if _PROLOG.fullmatch(head[begin:])), "")
    body = svg[start:] if depth else svg[start:end]
    return head + body + (tail if _AFTER_ROOT.fullmatch(tail) else "")
