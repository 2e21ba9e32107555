"""Style sheets and ``style`` put into attributes, where that says the same."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, NamedTuple

import cssselect2
import tinycss2
from lxml import etree

from captioners.svg_text.document import SVG
from captioners.svg_text.properties import IN_STYLE_ONLY, INITIAL, INITIAL_OF_ONE

if TYPE_CHECKING:
    from collections.abc import Iterable

_MOST_RULES = 500
_MOST_COMPARISONS = 2_000_000
"""Rules times elements beyond which style sheets stay: each element may have to be compared with each rule."""

# Selectors that resvg, librsvg and browsers understand alike, with at most two combinators, as each may have to be
# tried against all ancestors.
_COMPOUND = r"(?:\*|[a-zA-Z][\w-]*+)?(?:[.#]-?[a-zA-Z_][\w-]*+|:first-child)*+"
_SELECTOR = re.compile(rf"{_COMPOUND}(?:(?:\s*+>\s*+|\s++){_COMPOUND}){{0,2}}", re.ASCII)
_OF_A_MOMENT = re.compile(r":(?:hover|active|focus|visited|target|focus-within|focus-visible)\b|::?selection\b")
_HARMLESS_RULES = frozenset(("charset", "namespace", "font-face", "keyframes", "-webkit-keyframes"))
_MARKERS = ("marker-start", "marker-mid", "marker-end")
_TRANSFORM_UNIT = re.compile(r"(?<=[\d.])(?:px|deg)(?![\w%])")


class Declaration(NamedTuple):
    name: str
    value: str
    important: bool


def inlined(root: etree._Element) -> bool:
    """Put what style sheets and ``style`` declare into attributes, as the cascade has it (CSS Cascading 4, section 6).

    Style sheets are taken out of the document. What has no attribute stays in ``style``; animations are left out.

    Returns whether that could be done. Otherwise nothing was changed: a rule stands under a condition, has a selector
    that renderers read differently, or there are too many rules.
    """
    elements = list(root.iter(etree.Element))
    sheets = [element for element in elements if etree.QName(element).localname == "style" and _is_svg(element)]
    matcher = _matcher(sheets, len(elements)) if sheets else None
    if sheets and matcher is None:
        return False
    if matcher is not None:
        for wrapper in cssselect2.ElementWrapper.from_xml_root(root).iter_subtree():
            matched = [declarations for *_, declarations in matcher.match(wrapper)]
            _declare(wrapper.etree_element, matched)
    else:
        for element in elements:
            if "style" in element.attrib:
                _declare(element, [])
    for sheet in sheets:
        _remove(sheet)
    for element in elements:
        element.attrib.pop("class", "")
    return True


def _is_svg(element: etree._Element) -> bool:
    return etree.QName(element).namespace in (None, SVG)


def _matcher(sheets: Iterable[etree._Element], elements: int) -> cssselect2.Matcher | None:
    """What finds the declarations of an element; None where a rule cannot be understood."""
    matcher = cssselect2.Matcher()
    count = 0
    for sheet in sheets:
        if sheet.get("media", "all").strip() not in ("", "all", "screen"):
            return None
        if sheet.get("type", "").strip() not in ("", "text/css"):
            continue
        text = "".join(map(str, sheet.itertext())).replace("<!--", "").replace("-->", "")
        for rule in tinycss2.parse_stylesheet(text, skip_comments=True, skip_whitespace=True):
            if rule.type == "at-rule" and rule.lower_at_keyword in _HARMLESS_RULES:
                continue
            if rule.type != "qualified-rule":
                return None
            declarations = _declarations(tinycss2.serialize(rule.content))
            prelude = tinycss2.serialize([token for token in rule.prelude if token.type != "comment"])
            for selector in map(str.strip, prelude.split(",")):
                if _OF_A_MOMENT.search(selector):
                    continue
                count += 1
                if not selector or not _SELECTOR.fullmatch(selector) or count > _MOST_RULES:
                    return None
                for compiled in cssselect2.compile_selector_list(selector):
                    matcher.add_selector(compiled, declarations)
    return None if count * elements > _MOST_COMPARISONS else matcher


@functools.lru_cache(maxsize=4096)
def _declarations(text: str) -> tuple[Declaration, ...]:
    found: list[Declaration] = []
    for item in tinycss2.parse_declaration_list(text, skip_comments=True, skip_whitespace=True):
        if item.type != "declaration":
            continue
        value = tinycss2.serialize(item.value).strip()
        if not value:
            continue
        names = _MARKERS if item.lower_name == "marker" else (item.lower_name,)
        found += (Declaration(name, value, item.important) for name in names)
    return tuple(found)


def _declare(element: etree._Element, matched: list[tuple[Declaration, ...]]) -> None:
    own = _declarations(str(element.attrib.pop("style", "")))
    layers = [*matched, own]
    values = {
        declared.name: declared.value
        for important in (False, True)
        for layer in layers
        for declared in layer
        if declared.important is important
    }
    rest = []
    for name, value in values.items():
        if name == "transform" and value == "none":
            element.attrib.pop(name, "")
        elif name == "transform" and (plain := _plain_transform(value)):
            element.set(name, plain)
        elif name in IN_STYLE_ONLY or name == "transform":
            rest.append(f"{name}:{value}")
        elif name in INITIAL or name in INITIAL_OF_ONE:
            element.set(name, value)
        elif name in _GEOMETRY:
            rest.append(f"{name}:{value}")
    if rest:
        element.set("style", ";".join(rest))


_GEOMETRY = frozenset(("x", "y", "width", "height", "cx", "cy", "r", "rx", "ry", "d"))
"""Geometry properties of SVG 2, which not every renderer reads from style."""


def _plain_transform(value: str) -> str | None:
    """A transform of CSS as an attribute would say it; None where it has other units, or functions."""
    plain = _TRANSFORM_UNIT.sub("", value)
    return None if re.search(r"[\d.](?:[a-z%])|3d|[XYZ]\(|var\(|calc\(", plain) else plain


def _remove(element: etree._Element) -> None:
    """Take an element out, but not the text behind it."""
    parent = element.getparent()
    if parent is None:
        return
    if element.tail:
        before = element.getprevious()
        if before is not None:
            before.tail = (before.tail or "") + element.tail
        else:
            parent.text = (parent.text or "") + element.tail
    parent.remove(element)
