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
    from collections.abc import Callable, Sequence

    from captioners.svg_text.simplification import SvgText


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
        raise CaptionerError(f"the text is longer than {limit:,}, and no SVG that could be shortened: {error}") from error
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
            f"the drawing does not fit: without any element its text still counts {length:,}, and {limit:,} is the limit. "
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
    return replace(
        svg_text, text=best, dropped=svg_text.dropped + most, elements=svg_text.elements - most
    )


def _note(dropped: int) -> str:
    return f"{dropped} elements left out"


def _by_area(tree: Node) -> list[Node]:
    """The elements that may be left out, in the order in which they are."""
    view = extents.window(tree) or extents.Box(0, 0, 1, 1)
    targets = {node.attributes["id"]: node for node in tree.walk() if "id" in node.attributes}
    found = [
        (round(extents.visible_area(part, view, targets), 1), -place, part.node)
        for place, part in enumerate(extents.parts(tree))
    ]
    return [node for *_, node in sorted(found, key=lambda entry: entry[:2])]


def _without(tree: Node, dropped: set[Node]) -> Node:
    """A copy without some elements, and without groups and definitions that are of no use any more."""
    copied = _copy(tree, dropped)
    while (used := _referred(copied)) is not None:
        unused = {
            node
            for node in copied.walk()
            if node.name in RESOURCES and not node.target and not _needed(node, used)
        }
        if not unused:
            break
        copied = _copy(copied, unused)
    return copied


def _needed(resource: Node, used: set[str]) -> bool:
    return any(inner.attributes.get("id", "") in used for inner in resource.walk())


def _referred(tree: Node) -> set[str]:
    used: set[str] = set()
    for node in tree.walk():
        for name, value in node.attributes.items():
            if name == "href":
                used.add(value.removeprefix("#"))
            elif "url(" in value:
                used.update(REFERENCE.findall(value))
    return used


def _copy(root: Node, dropped: set[Node]) -> Node:
    """A copy of a tree without some elements and the groups that are empty then; attributes are shared."""
    order: Sequence[Node] = list(root.walk())
    copies: dict[Node, Node] = {}
    for node in reversed(order):
        if node in dropped:
            continue
        children = [
            copies[child] if isinstance(child, Node) else child
            for child in node.children
            if not isinstance(child, Node) or child in copies
        ]
        hollow = node.name in ("g", "defs", "switch") and node.elements and not children
        if hollow or (node.name in ("svg",) and node is not root and node.elements and not children):
            continue
        copies[node] = Node(node.name, node.attributes, children, target=node.target)
    return copies[root]


