"""The line dialect: drawings as language models of this field are taught them, one path a line and no XML.

    style=fill:0,51,160;stroke:None;stroke-width:1;opacity:1<TAB>d=M11,471 A14,28,0,1,0,40,471

on a canvas of 512 x 512, without a closing Z. Tabs and newlines may have become blanks on the way. Training sets
cut the text at some length; a text that ends in the middle of a path is refused, not finished.
"""

from __future__ import annotations

import re
from html import escape

from renderers.base import InvalidSvg, TruncatedSvg
from renderers.dialects.markup import line_of

CANVAS = 512
"""Width and height of the dialect's canvas in its own units."""

_ENTRY = re.compile(r"style=(?<!\Sstyle=)")
_PATH_DATA = re.compile(r"\sd=")
_ELLIPSIS = ("...", "…")

# Path data by the grammar of SVG 1.1, section 8.3.9, a little laxer about separators.
_NUMBER = r"[+-]?(?:\d++\.?\d*+|\.\d++)(?:[eE][+-]?\d++)?"
_SEPARATOR = r"[\s,]*+"
_ARC = _SEPARATOR.join((_NUMBER,) * 3 + ("[01]",) * 2 + (_NUMBER,) * 2)
_ARGUMENTS = {
    "MmLlTt": _SEPARATOR.join((_NUMBER,) * 2),
    "HhVv": _NUMBER,
    "Cc": _SEPARATOR.join((_NUMBER,) * 6),
    "SsQq": _SEPARATOR.join((_NUMBER,) * 4),
    "Aa": _ARC,
}
_COMMAND = "|".join(
    [rf"[{letters}](?:{_SEPARATOR}{arguments})++" for letters, arguments in _ARGUMENTS.items()] + ["[Zz]"]
)
_COMMANDS = re.compile(rf"{_SEPARATOR}(?:(?:{_COMMAND}){_SEPARATOR})*+")
_LETTERS_OF_NO_COMMAND = re.compile(r"[^MmZzLlHhVvCcSsQqTtAa0-9eE+.,\s-]")


def starts(text: str) -> list[int]:
    """Where the entries of a drawing in the line dialect begin; none in a text that is not in the dialect."""
    return [] if "<" in text else [entry.start() for entry in _ENTRY.finditer(text)]


def to_svg(text: str) -> str:
    """The SVG document of a drawing in the line dialect; its values are kept as they are, XML escapes aside.

    Raises:
        TruncatedSvg: the text ends in "...", in a style, or in the middle of a path command.
        InvalidSvg: something else stands where path data should be.
    """
    text = text.rstrip()
    if text.endswith(_ELLIPSIS):
        raise TruncatedSvg(f"the drawing is cut off: line {line_of(text, len(text))} ends in an ellipsis")
    entries = starts(text)
    paths = []
    for start, end in zip(entries, [*entries[1:], len(text)], strict=True):
        style, data = _entry(text, start, end)
        paths.append(f'<path style="{_attribute(style)}" d="{_attribute(data)}"/>\n')
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {CANVAS} {CANVAS}">\n{"".join(paths)}</svg>\n'


def _entry(text: str, start: int, end: int) -> tuple[str, str]:
    """Style and path data of the entry from ``start`` to ``end``."""
    last = end == len(text)
    data_start = _PATH_DATA.search(text, start, end)
    if data_start is None:
        line = line_of(text, start)
        if last:
            raise TruncatedSvg(f"the drawing is cut off: line {line} ends in its style")
        raise InvalidSvg(f"line {line} has a style but no path data: {text[start : start + 60]!r}")
    style = text[start + len("style=") : data_start.start()]
    data = text[data_start.end() : end].strip().strip("\"'")
    if foreign := _LETTERS_OF_NO_COMMAND.search(data):
        found = data[foreign.start() : foreign.start() + 40]
        raise InvalidSvg(f"line {line_of(text, start)} has something else than path data: {found!r}")
    complete = _COMMANDS.match(data)
    rest = data[complete.end() :] if complete else data
    if last and (rest or not data):
        raise TruncatedSvg(
            f"the drawing is cut off: line {line_of(text, start)} ends in the middle of a path command: {rest[-40:]!r}"
        )
    return style.strip().strip("\"'"), data


def _attribute(value: str) -> str:
    return escape(" ".join(value.split()), quote=False).replace('"', "&quot;")
