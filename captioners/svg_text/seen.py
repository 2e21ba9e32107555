"""Which elements of a document a picture needs: those that are seen, what they stand in, and what they refer to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

from captioners.svg_text.document import by_id, local_name, references
from captioners.svg_text.properties import NOT_DRAWN
from renderers.blank.parts import applies
from renderers.blank.visibility import census

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Elements = set[etree._Element]

_BOXED_EFFECTS = ("clip-path", "mask", "filter")
"""What may be measured in shares of the box around a group, to which what is hidden counts."""


def needed(root: etree._Element, *, styled: bool) -> Elements:
    """The elements without which the picture would not be the same.

    What can be seen is judged by :func:`renderers.blank.visibility.census`, as for the explanation of blank
    renderings: by what the document says, without a renderer. Where it cannot judge all, everything stays but
    metadata, scripts and animations.

    Args:
        root: the document.
        styled: whether it has style sheets that say more than its attributes.
    """
    judged = census(root, fonts=True)
    if judged.unread or styled:
        return set(_without_metadata(root, styled))
    identities = by_id(root)
    shut = _shut(root)
    waiting = [root, *_shown(root, (part.element for part in judged.visible), identities, shut)]
    for element in root.iter(etree.Element):
        if element not in shut and _may_paint(element):
            waiting.append(element)
    kept: Elements = set()
    whole: Elements = set()
    while waiting:
        element = waiting.pop()
        for outer in _outwards(element):
            if outer in kept:
                break
            kept.add(outer)
            waiting += _referred(outer, identities, kept, whole)
            if local_name(outer) == "text" or any(effect in outer.attrib for effect in _BOXED_EFFECTS):
                waiting += _whole(outer, kept, whole)
    return kept


def _may_paint(element: etree._Element) -> bool:
    """Whether an element may be seen although it is judged not to be."""
    if local_name(element) == "tref" or element.get("filter", "none") != "none":
        return True  # a filter may paint what its source does not
    return any(value[:4] == "url(" and value[-1] != ")" for value in map(str, element.attrib.values()))


def _shown(
    root: etree._Element, visible: Iterable[etree._Element], identities: dict[str, etree._Element], shut: Elements
) -> Elements:
    """The elements that are visible, and each ``<use>`` that shows them, also through others."""
    uses: dict[etree._Element, list[etree._Element]] = {}
    for use in root.iter("{*}use"):
        for identity, linked in references(use):
            target = identities.get(identity)
            if linked and target is not None and use not in shut:
                uses.setdefault(target, []).append(use)
    found: Elements = set()
    waiting = list(visible)
    while waiting:
        for outer in _outwards(waiting.pop()):
            if outer in found:
                break
            found.add(outer)
            waiting += uses.get(outer, ())
    return found


def _whole(element: etree._Element, kept: Elements, whole: Elements) -> Iterator[etree._Element]:
    """All elements in one of which everything is kept, that are not kept yet."""
    if element not in whole:
        whole.add(element)
        yield from (inner for inner in _without_metadata(element, False) if inner not in kept)


def _referred(
    element: etree._Element, identities: dict[str, etree._Element], kept: Elements, whole: Elements
) -> Iterator[etree._Element]:
    for identity, _ in references(element):
        target = identities.get(identity)
        if target is not None:
            yield from _whole(target, kept, whole)


def _without_metadata(root: etree._Element, styled: bool) -> Iterator[etree._Element]:
    """Elements in document order, without those that draw nothing, and what is in them."""
    waiting = [root]
    while waiting:
        element = waiting.pop()
        yield element
        within, namespace = local_name(element), etree.QName(element).namespace
        children = [
            child
            for child in element.iterchildren(etree.Element)
            if (etree.QName(child).namespace == namespace or within == "foreignObject")
            and (local_name(child) not in NOT_DRAWN or (styled and local_name(child) == "style"))
            and applies(child)
            and not (child.get("display") == "none" and child.find(".//*[@id]") is None and child.get("id") is None)
        ]
        waiting.extend(children[:1] if within == "switch" else reversed(children))


def _shut(root: etree._Element) -> Elements:
    """Elements in one that is not shown where it stands; it may be referred to."""
    found: Elements = set()
    for element in root.iter(etree.Element):
        parent = element.getparent()
        hidden = element.get("display") == "none" or element.get("opacity") == "0"
        if hidden or (parent is not None and parent in found):
            found.add(element)
    return found


def _outwards(element: etree._Element) -> Iterator[etree._Element]:
    outer: etree._Element | None = element
    while outer is not None:
        yield outer
        outer = outer.getparent()
