"""A drawing that is too long for a model: whole elements left out, least visible area first."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from lxml import etree

from captioners.base import CaptionerError
from captioners.svg_text import document, extents
from captioners.svg_text.document import REFERENCE, Node
from captioners.svg_text.properties import RESOURCES
from captioners.svg_text.simplification import parse, read_segments

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from captioners.svg_text.simplification import SvgText

_HOLLOW = frozenset(("g", "defs", "switch", "svg"))
"""Elements that are of no use once everything in them is gone."""


def fit(svg_text: SvgText, count: Callable[[str], int], limit: int) -> SvgText:
    """Leave out whole elements until the text is short enough; as it is where it fits.

    Shapes, texts, pictures and uses go by their visible area (:func:`captioners.svg_text.extents.visible_area`), the
    smallest first and of equal ones the last first; with them go groups and definitions that nothing needs any more.
    As few as possible go, provided that a text with fewer elements never counts more; the count is taken about
    log2(elements) times. A comment at the beginning says how many are missing.

    Args:
        svg_text: a simplified drawing.
        count: the length of a text, such as its number of tokens.
        limit: the most that ``count`` may say.

    Raises:
        CaptionerError: even the drawing without any element is too long.
    """
    if count(svg_text.text) <= limit:
        return svg_text
    try:
        root = parse(svg_text.text)
    except etree.XMLSyntaxError as error:
        raise CaptionerError(f"the text counts more than {limit:,}, and is no SVG to shorten: {error}") from error
    everything = set(root.iter(etree.Element))
    tree = document.read(root, everything, styled=True)
    read_segments(tree)
    order = _by_area(tree)

    def without(number: int) -> str:
        return document.written(_without(tree, set(order[:number])), note=_note(svg_text.dropped + number))

    fewest, most = 0, len(order)  # too long without the fewest; to be tried without the most
    shortest = without(most)
    if (length := count(shortest)) > limit:
        raise CaptionerError(
            f"the drawing does not fit: without any element its text counts {length:,}, and {limit:,} is the limit. "
            "Raise the limit, or shorten the prompt."
        )
    best = shortest
    while most - fewest > 1:
        middle = (fewest + most) // 2
        text = without(middle)
        if count(text) <= limit:
            most, best = middle, text
        else:
            fewest = middle
    return replace(svg_text, text=best, dropped=svg_text.dropped + most, elements=svg_text.elements - most)


def _note(dropped: int) -> str:
    return f"{dropped} element{'s' if dropped > 1 else ''} left out"


def _by_area(tree: Node) -> list[Node]:
    """The elements that may be left out, in the order in which they are; those that others show go last."""
    view = extents.window(tree) or extents.Box(0, 0, 1, 1)
    targets = {node.attributes["id"]: node for node in tree.walk() if "id" in node.attributes}
    found = [
        (part.node.target, round(extents.visible_area(part, view, targets), 1), -place, part.node)
        for place, part in enumerate(extents.parts(tree))
    ]
    return [node for *_, node in sorted(found, key=lambda entry: entry[:3])]


def _without(tree: Node, dropped: set[Node]) -> Node:
    """A copy without some elements, and without groups and definitions that are of no use any more."""
    copied = _copy(tree, dropped)
    shown, stored = _shown_and_stored(copied)
    holders = {inner.attributes["id"]: node for node in stored for inner in node.walk() if "id" in inner.attributes}
    used: set[Node] = set()
    waiting = list(shown)
    while waiting:
        for identity in _referred(waiting.pop()):
            holder = holders.get(identity)
            if holder is not None and holder not in used:
                used.add(holder)
                waiting.extend(holder.walk())
    return _copy(copied, {node for node in stored if node not in used})


def _shown_and_stored(tree: Node) -> tuple[list[Node], list[Node]]:
    """The elements that are drawn where they stand, and the outermost of those that are drawn where others say so."""
    shown: list[Node] = []
    stored: list[Node] = []
    waiting = [(tree, False)]
    while waiting:
        node, in_defs = waiting.pop()
        if node.name != "defs" and (in_defs or node.name in RESOURCES):
            stored.append(node)
            continue
        shown.append(node)
        waiting.extend((child, node.name == "defs") for child in node.elements)
    return shown, stored


def _referred(node: Node) -> Iterator[str]:
    for name, value in node.attributes.items():
        if name == "href":
            yield value.removeprefix("#")
        elif "url(" in value:
            yield from REFERENCE.findall(value)


def _copy(root: Node, dropped: set[Node]) -> Node:
    """A copy of a tree without some elements and the groups that are empty then; attributes are shared."""
    copies: dict[Node, Node] = {}
    for node in reversed(list(root.walk())):
        if node in dropped:
            continue
        children = [
            copies[child] if isinstance(child, Node) else child
            for child in node.children
            if not isinstance(child, Node) or child in copies
        ]
        if node.name in _HOLLOW and node is not root and node.elements and not children:
            continue
        copies[node] = Node(node.name, node.attributes, children, target=node.target)
    return copies[root]
