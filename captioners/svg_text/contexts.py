"""What holds for the elements of a tree: inherited values, and units of what is drawn where others refer to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from captioners.svg_text.properties import INITIAL

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from captioners.svg_text.document import Node

UNKNOWN = "?"
"""Key of inherited values that says that others may hold, as what is above is shown by a ``<use>``."""

_BOX = "objectBoundingBox"
_MOST_LINKS = 32


def inheriting(root: Node) -> Iterator[tuple[Node, Mapping[str, str]]]:
    """Every element with the values that it inherits, in document order; an element's own are in its attributes."""
    waiting: list[tuple[Node, dict[str, str]]] = [(root, {})]
    while waiting:
        node, around = waiting.pop()
        if node.target:
            around = around | {UNKNOWN: ""}
        yield node, around
        own = {name: value for name, value in node.attributes.items() if name in INITIAL and value != "inherit"}
        inner = around | own if own else around
        waiting.extend((child, inner) for child in reversed(node.elements))


def relative(name: str, text: str) -> bool:
    """Whether what a value of an inherited property means depends on what is inherited."""
    if name == "font-weight":
        return text in ("bolder", "lighter")
    return name == "font-size" and text.rstrip().endswith(("em", "ex", "%", "larger", "smaller"))


def value(node: Node, around: Mapping[str, str], name: str) -> str | None:
    """The value of an inherited property that holds for an element; None where it is not known."""
    own = node.attributes.get(name, "inherit")
    if own != "inherit":
        return own
    return around.get(name, None if UNKNOWN in around else INITIAL[name])


class Units:
    """The units of gradients, patterns, clip paths, masks and filters, which some take from others."""

    def __init__(self, root: Node) -> None:
        self._by_id = {node.attributes["id"]: node for node in root.walk() if "id" in node.attributes}

    def linked(self, node: Node, name: str) -> str:
        """An attribute of a gradient or pattern, or of the one it takes it from; "" for none."""
        for _ in range(_MOST_LINKS):
            if name in node.attributes:
                return node.attributes[name]
            target = self._by_id.get(node.attributes.get("href", "").removeprefix("#"))
            if target is None:
                break
            node = target
        return ""

    def own_in_box(self, node: Node) -> bool:
        """Whether the position and size of a resource are shares of the box around what refers to it."""
        name = {
            "linearGradient": "gradientUnits",
            "radialGradient": "gradientUnits",
            "pattern": "patternUnits",
            "mask": "maskUnits",
            "filter": "filterUnits",
        }.get(node.name)
        return name is not None and self.linked(node, name) != "userSpaceOnUse"

    def content_in_box(self, node: Node) -> bool:
        """Whether what is in a resource is measured in shares of such a box."""
        if node.name == "pattern":
            return self.linked(node, "patternContentUnits") == _BOX and not self.linked(node, "viewBox")
        name = {"clipPath": "clipPathUnits", "mask": "maskContentUnits", "filter": "primitiveUnits"}.get(node.name, "")
        return node.attributes.get(name) == _BOX

    def boxed(self, root: Node) -> set[Node]:
        """All elements whose coordinates are such shares."""
        found: set[Node] = set()
        for node in root.walk():
            if node in found or self.content_in_box(node):
                found.update(node.elements)
        return found
