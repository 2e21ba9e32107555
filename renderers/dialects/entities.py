"""Entities of an internal subset, written out: Adobe Illustrator keeps the names of namespaces in them.

Only what can do no harm is expanded: short plain text, without markup and without other entities. All else
(external and parameter entities, default attributes, entities in entities) is left as it is, and refused by
:func:`renderers.safety.secure`.
"""

from __future__ import annotations

import re

from renderers.dialects.well_formed import doctype

LONGEST_VALUE = 1024
"""Characters in one entity."""
MOST_INSERTED = 1024 * 1024
"""Characters that all references together may be replaced with."""

# Declarations without quotes have no default values and so no effect on a document that is not validated.
_IN_SUBSET = re.compile(
    r"""\s++ | <!--.*?--> | <!(?:ELEMENT|ATTLIST)\s[^"'<>%]*+>
      | <!ENTITY\s++(?P<name>[A-Za-z_][\w.-]*+)\s++(?:"(?P<double>[^"%&<]*+)"|'(?P<single>[^'%&<]*+)')\s*+>""",
    re.DOTALL | re.VERBOSE,
)
_SUBSET_END = re.compile(r"\]\s*+>")
_REFERENCE = re.compile(r"<!--.*?(?:-->|\Z)|<!\[CDATA\[.*?(?:\]\]>|\Z)|&(?P<name>[A-Za-z_][\w.-]*+);", re.DOTALL)
_PREDEFINED = frozenset(("amp", "lt", "gt", "apos", "quot"))


def expand_entities(svg: str) -> str:
    """Replace references to plain entities by their text, and take out the internal subset; line numbers stay."""
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
    if not end or _PREDEFINED & values.keys() or any(len(value) > LONGEST_VALUE for value in values.values()):
        return svg
    body = svg[end.end() :]
    inserted = sum(len(values.get(reference["name"] or "", "")) for reference in _REFERENCE.finditer(body))
    if inserted > MOST_INSERTED:
        return svg

    def expanded(reference: re.Match[str]) -> str:
        value = values.get(reference["name"] or "")
        # A quote that comes from an entity does not end an attribute.
        return reference[0] if value is None else value.replace('"', "&quot;").replace("'", "&apos;")

    lines = "\n" * svg.count("\n", start.end(), end.end())
    return f"{svg[: start.end() - 1].rstrip()}{lines}>{_REFERENCE.sub(expanded, body)}"
