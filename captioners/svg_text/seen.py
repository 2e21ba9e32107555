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
    visible = {part.element for part in judged.visible}
    shown = _with_ancestors(visible)
    kept: Elements = set()
    waiting = [*visible, root]
    for element in root.iter(etree.Element):
        name = local_name(element)
        if element in shut:
            continue
        if name == "use":
            waiting += (element for identity, linked in references(element) if linked and identities.get(identity) in shown)
        elif element.get("filter", "none") != "none" or "filter" in element.get("style", ""):
            waiting.append(element)  # it may paint what its source does not
    whole: Elements = set()
    while waiting:
        element = waiting.pop()
        for outer in _outwards(element):
            if outer in kept:
                break
            kept.add(outer)
            waiting += _referred(outer, identities, kept, whole)
            if local_name(outer) == "text":
                waiting += _whole(outer, kept, whole)
    return kept


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


def _with_ancestors(elements: Iterable[etree._Element]) -> Elements:
    found: Elements = set()
    for element in elements:
        for outer in _outwards(element):
            if outer in found:
                break
            found.add(outer)
    return found


