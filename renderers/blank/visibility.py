"""Which shapes, texts and pictures of a document should be seen, and why the others cannot be.

This is what the document says, whatever a renderer made of it: hidden parts, missing references, shapes without
size or paint. Where a part lies, and what clip paths, masks and filters leave of it, is not judged here; what
cannot be judged counts as visible.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from lxml import etree

from renderers.blank.parts import (
    GROUPS,
    REPLACED,
    SHAPES,
    TEXTS,
    Context,
    Document,
    Visible,
    applies,
    entered,
    judged,
    name_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

_SHOWN = frozenset((*SHAPES, *TEXTS, *REPLACED, *GROUPS, "use"))
_SHOWN_BY_USE = _SHOWN | {"symbol"}
_COUNTED = frozenset((*SHAPES, "text", "image"))
_PASSED_OVER = "not the choice of a <switch>"
_MOST_PARTS = 20_000
"""Beyond this many elements, after each ``<use>`` is followed, the rest is not judged."""


@dataclass
class Census:
    """The parts of a document.

    Attributes:
        visible: those that should be seen.
        hidden: how many cannot be seen, by reason.
        kinds: how many visible (True) and hidden ones there are of each kind: "shape", "text", "picture" …
        effects: how many visible parts each of clip-path, mask and filter acts upon.
        stored: shapes, texts and pictures that nothing shows, as in ``<defs>``.
        unread: what was not understood, "" when everything was.
    """

    visible: list[Visible] = field(default_factory=list)
    hidden: Counter[str] = field(default_factory=Counter)
    kinds: Counter[tuple[bool, str]] = field(default_factory=Counter)
    effects: Counter[str] = field(default_factory=Counter)
    stored: int = 0
    unread: str = ""

    def count(self, *, visible: bool) -> str:
        """The visible or the hidden parts in words, such as "3 shapes and 1 text"; "" for none."""
        found = [(kind, n) for (seen, kind), n in self.kinds.items() if seen == visible]
        return " and ".join(f"{n:,} {kind}{'s' if n > 1 else ''}" for kind, n in found)


def census(root: etree._Element, *, fonts: bool) -> Census:
    """The parts of a document and whether each should be seen; ``fonts`` says whether any font is installed."""
    document = Document(root, fonts=fonts)
    found = Census()
    met: set[etree._Element] = set()
    for count, (element, context) in enumerate(_shown(document)):
        if count == _MOST_PARTS:
            found.unread = f"only the first {_MOST_PARTS:,} elements were judged"
            break
        met.add(element)
        kind = _kind(element)
        if not kind:
            continue
        part = context.reason or judged(element, context, document)
        if isinstance(part, str):
            found.hidden[part] += 1
        else:
            found.visible.append(part)
            found.effects.update(context.effects)
        found.kinds[not isinstance(part, str), kind] += 1
    else:
        elements = root.iter(etree.Element)
        found.stored = sum(element not in met and document.knows(element, _COUNTED) for element in elements)
    if document.styles.unread:
        found.unread = f"style rules that were not understood: {document.styles.unread:,}"
    return found


def _kind(element: etree._Element) -> str:
    """What a part is called in messages; "" for an element that leaves no mark itself."""
    name = name_of(element)
    if name in SHAPES:
        return "shape"
    if name == "use":
        return "reference"
    if name in TEXTS and (name == "text" or _within_text(element)):
        # Text is counted where its characters stand, since each <tspan> may have a paint of its own.
        own = (element.text or "") + "".join(child.tail or "" for child in element)
        without_any = name == "text" and not str(element.xpath("string()")).strip()
        return "text" if own.strip() or without_any else ""
    return REPLACED.get(name, "")


def _within_text(element: etree._Element) -> bool:
    parent = element.getparent()
    return parent is not None and name_of(parent) in TEXTS


def _shown(document: Document) -> Iterator[tuple[etree._Element, Context]]:
    """Every element that is shown, as often as it is; a ``<use>`` only where there is nothing that it can show."""
    waiting = [(document.root, Context())]
    while waiting:
        element, around = waiting.pop()
        context = entered(element, around, document)
        name = name_of(element)
        if name == "use":
            target = document.target(element)
            if target is not None and target not in context.within and document.knows(target, _SHOWN_BY_USE):
                waiting.append((target, replace(context, within=context.within | {target})))
                continue
        yield element, context
        children = [child for child in element.iterchildren(etree.Element) if document.knows(child, _SHOWN)]
        chosen = next(filter(applies, children), None) if name == "switch" else None
        for child in reversed(children):
            passed_over = name == "switch" and child is not chosen
            waiting.append((child, replace(context, reason=context.reason or _PASSED_OVER) if passed_over else context))
