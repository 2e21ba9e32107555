"""What an element of an SVG makes use of besides its children: symbols, patterns, masks, markers, filters."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, cast

from renderers.hazards.css_urls import unescaped

if TYPE_CHECKING:
    from lxml import etree


class How(Enum):
    """How often a target is drawn for the element that refers to it."""

    IN_PLACE = "once, as if it stood there: what is inherited reaches it"
    ONCE = "once for the element as a whole"
    PER_SHAPE = "once for each shape below it, as the property is inherited"
    PER_VERTEX = "once for each vertex below it"


@dataclass(frozen=True, slots=True)
class Use:
    """One reference from an element to the ``id`` of another."""

    target: str
    how: How


_HOW = {
    "mask": How.ONCE,
    "clip-path": How.ONCE,
    "filter": How.ONCE,
    "fill": How.PER_SHAPE,
    "stroke": How.PER_SHAPE,
    "marker-start": How.PER_SHAPE,
    "marker-end": How.PER_SHAPE,
    "marker-mid": How.PER_VERTEX,
    "marker": How.PER_VERTEX,
}
_INHERITS_CONTENT = frozenset(("use", "pattern", "feImage", "tref"))
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_RULE = re.compile(r"([^{}]*+)\{([^{}]*+)\}?")
_DECLARATION = re.compile(r"([\w-]++)\s*+:([^;]*+)")
_TARGET = re.compile(r"url\(\s*[\"']?\s*#([^)\"']+)", re.IGNORECASE)
_LAST_COMPOUND = re.compile(r"[^\s>+~]*\Z")
_KEYS = re.compile(r"(#[\w-]+)|(\.[\w-]+)|\A([\w-]+)")


def local_name(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2]


class Uses:
    """The references of all elements of a document, from attributes and style sheets.

    A rule of a style sheet counts for every element that has the id, class or name at the end of its selector,
    whatever else the selector asks for: rather one use too many than one too few.
    """

    def __init__(self, style_sheets: list[str]) -> None:
        self._by_key: dict[str, list[Use]] = defaultdict(list)
        for sheet in style_sheets:
            for selectors, body in _RULE.findall(_COMMENT.sub(" ", unescaped(sheet))):
                if uses := list(_declared(body)):
                    for selector in selectors.split(","):
                        self._by_key[_key(selector.strip())].extend(uses)

    def of(self, element: etree._Element) -> list[Use]:
        """All uses that an element makes, in no particular order."""
        name = local_name(element)
        uses: list[Use] = []
        for attribute, value in cast("list[tuple[str, str]]", element.items()):
            if attribute in _HOW:
                uses += _referred(attribute, value)
            elif attribute == "style":
                uses += _declared(unescaped(value))
            elif name in _INHERITS_CONTENT and attribute.rpartition("}")[2] == "href":
                uses.append(Use(value.strip().removeprefix("#"), How.IN_PLACE))
        if self._by_key:
            keys = ["*", name, f"#{element.get('id')}", *(f".{name}" for name in element.get("class", "").split())]
            for key in keys:
                uses += self._by_key.get(key, ())
        return uses


def _declared(declarations: str) -> list[Use]:
    return [use for name, value in _DECLARATION.findall(declarations) for use in _referred(name.lower(), value)]


def _referred(name: str, value: str) -> list[Use]:
    if name not in _HOW or "(" not in value:
        return []
    return [Use(target.strip(), _HOW[name]) for target in _TARGET.findall(value)]


def _key(selector: str) -> str:
    """The id, class or name that an element must at least have: the rarest that the last part asks for."""
    last = _LAST_COMPOUND.search(selector)
    found = _KEYS.findall(last[0]) if last else []
    for kind in range(3):
        for keys in found:
            if keys[kind]:
                return str(keys[kind])
    return "*"
