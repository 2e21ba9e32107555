"""What a document says about how an element is painted: attributes, style sheets and ``style``, in that order.

Style sheets are read as far as drawings use them: rules whose selectors name an element, classes and an id
(``path``, ``.a.b``, ``rect#x``). How many rules are beyond that is counted, so that nobody takes the answer
for the whole truth.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST_RULES = 500
"""Beyond this many, the rules are not read: every element is compared with all of them."""

_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)|<!--|-->", re.DOTALL)
# At-rules that change nothing about which elements are seen.
_HARMLESS = re.compile(r"@(?:charset|namespace)[^;{]*+;|@font-face\s*+\{[^}]*+\}", re.IGNORECASE)
_RULE = re.compile(r"([^{}]*+)\{([^{}]*+)\}")
_SELECTOR = re.compile(r"\s*(\*|[a-z][\w-]*)?((?:[.#][\w-]+)*)\s*", re.IGNORECASE)

_PROPERTIES = frozenset(
    (
        *("clip-path", "color", "cx", "cy", "d", "display", "fill", "fill-opacity", "filter", "font-size", "height"),
        *("marker", "marker-end", "marker-mid", "marker-start", "mask", "opacity", "r", "rx", "ry", "stop-color"),
        *("stop-opacity", "stroke", "stroke-linecap", "stroke-opacity", "stroke-width", "transform", "visibility"),
        *("width", "x", "y"),
    )
)
_INHERIT = ("inherit", "unset", "revert")

_Rank = tuple[bool, int, int, int]
"""Whether important, the origin (attribute 0, sheet 1, style 2), the specificity, the place in the sheet."""


class Styles:
    """The style sheets of one document.

    Attributes:
        unread: number of rules (or sheets, where no rule can be told apart) that were not understood.
    """

    def __init__(self, root: etree._Element) -> None:
        self.unread = 0
        self._rules: list[tuple[str, frozenset[str], str, str, int]] = []
        for element in root.iter("{*}style"):
            self._read(str(element.xpath("string()")))
        if len(self._rules) > _MOST_RULES:
            self.unread += len(self._rules)
            self._rules = []

    def of(self, element: etree._Element) -> dict[str, str]:
        """Declared values by property, of those that decide what is seen; "inherit" and the like are left out."""
        found: list[tuple[_Rank, str, str]] = [
            ((False, 0, 0, 0), str(name), str(value)) for name, value in element.attrib.items() if name in _PROPERTIES
        ]
        for place, body, specificity in self._matching(element):
            found += _declarations(body, 1, specificity, place)
        if style := element.get("style"):
            found += _declarations(style, 2, 0, 0)
        found.sort(key=lambda declared: declared[0])
        return {name: value.strip() for _, name, value in found if value.strip().lower() not in _INHERIT}

    def _matching(self, element: etree._Element) -> Iterator[tuple[int, str, int]]:
        if not self._rules:
            return
        tag, classes, identity = (
            etree.QName(element).localname,
            set(element.get("class", "").split()),
            element.get("id"),
        )
        for place, (name, wanted, unique, body, specificity) in enumerate(self._rules):
            if name in ("", "*", tag) and wanted <= classes and unique in ("", identity):
                yield place, body, specificity

    def _read(self, sheet: str) -> None:
        sheet = _HARMLESS.sub("", _COMMENT.sub("", sheet))
        if "@" in sheet:
            self.unread += max(1, sheet.count("}") - sheet.count("@"))
            return
        for prelude, body in _RULE.findall(sheet):
            for selector in prelude.split(","):
                parts = _SELECTOR.fullmatch(selector)
                if parts is None or not selector.strip():
                    self.unread += 1
                    continue
                tag, marks = parts[1] or "", re.findall(r"[.#][\w-]+", parts[2])
                classes = frozenset(mark[1:] for mark in marks if mark[0] == ".")
                ids = [mark[1:] for mark in marks if mark[0] == "#"]
                specificity = 10_000 * len(ids) + 100 * len(classes) + (tag not in ("", "*"))
                self._rules.append((tag, classes, ids[0] if ids else "", body, specificity))


def _declarations(body: str, origin: int, specificity: int, place: int) -> Iterator[tuple[_Rank, str, str]]:
    for declaration in body.split(";"):
        name, _, value = declaration.partition(":")
        name = name.strip().lower()
        if name in _PROPERTIES and value:
            value, important, _ = value.partition("!important")
            yield (bool(important), origin, specificity, place), name, value
