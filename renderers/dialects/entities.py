"""Entities of an internal subset, written out: Adobe Illustrator keeps the names of namespaces in them.

Only what can do no harm is expanded: short text without other entities, and elements that are whole. All else
(external and parameter entities, default attributes, entities in entities) is left as it is, and refused by
:func:`renderers.safety.secure`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.parsers import expat

from renderers.dialects.markup import tokens
from renderers.dialects.well_formed import doctype

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_VALUE = 1024
"""Characters in one entity."""
MOST_INSERTED = 1024 * 1024
"""Characters that all references together may be replaced with."""

# Declarations without quotes have no default values and so no effect on a document that is not validated.
_IN_SUBSET = re.compile(
    r"""\s++ | <!--.*?--> | <!(?:ELEMENT|ATTLIST)\s[^"'<>%]*+>
      | <!ENTITY\s++(?P<name>[A-Za-z_][\w.-]*+)\s++(?:"(?P<double>[^"%&]*+)"|'(?P<single>[^'%&]*+)')\s*+>""",
    re.DOTALL | re.VERBOSE,
)
_SUBSET_END = re.compile(r"\]\s*+>")
_REFERENCE = re.compile(r"&([A-Za-z_][\w.-]*+);")
_PREDEFINED = frozenset(("amp", "lt", "gt", "apos", "quot"))


def expand_entities(svg: str) -> str:
    """Replace references to harmless entities by their content, and take out the internal subset; lines stay."""
    start = doctype(svg)
    if start is None or not start[0].endswith("["):
        return svg
    values: dict[str, str] = {}
    position = start.end()
    while declaration := _IN_SUBSET.match(svg, position):
        position = declaration.end()
        if name := declaration["name"]:
            values.setdefault(name, declaration["double"] or declaration["single"] or "")  # the first one counts
    end = _SUBSET_END.match(svg, position)
    if not end or _PREDEFINED & values.keys() or not all(map(_is_harmless, values.values())):
        return svg
    body = svg[end.end() :]
    if sum(len(values.get(name, "")) for name in _REFERENCE.findall(body)) > MOST_INSERTED:
        return svg
    quoted = {name: _quoted(value) for name, value in values.items()}
    kept = []
    for token in tokens(body):
        text = token[0]
        if token["name"]:
            if any("<" in values.get(name, "") for name in _REFERENCE.findall(text)):
                return svg  # XML allows no elements in an attribute
            # A quote that comes from an entity does not end an attribute.
            text = _expanded(text, quoted)
        elif token["text"]:
            text = _expanded(text, values)
        kept.append(text)
    lines = "\n" * svg.count("\n", start.end(), end.end())
    return f"{svg[: start.end() - 1].rstrip()}{lines}>{''.join(kept)}"


def _expanded(text: str, values: Mapping[str, str]) -> str:
    return _REFERENCE.sub(lambda reference: values.get(reference[1], reference[0]), text)


def _quoted(value: str) -> str:
    return value.replace('"', "&quot;").replace("'", "&apos;")


def _is_harmless(value: str) -> bool:
    """Whether an entity is short, and its elements begin and end in it."""
    if len(value) > LONGEST_VALUE or "<" not in value:
        return len(value) <= LONGEST_VALUE
    try:
        expat.ParserCreate().Parse(f"<e>{value}</e>", True)
    except expat.ExpatError:
        return False
    return True
