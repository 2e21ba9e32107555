"""Neighbours that are drawn alike, in a group that says how."""

from __future__ import annotations

from typing import TYPE_CHECKING

from captioners.svg_text.document import Node
from captioners.svg_text.properties import DRAWN, INITIAL

if TYPE_CHECKING:
    from collections.abc import Sequence

_CONTAINERS = frozenset(("svg", "g", "symbol", "mask", "pattern", "marker"))
_TAGS = len("<g></g>")
_LOOK_AHEAD = 16
"""Neighbours that are looked at beyond those with which a group is worth most so far."""


def regroup(root: Node) -> None:
    """Put runs of neighbours into groups that say what they have in common, wherever that makes the text shorter."""
    for node in list(root.walk()):
        if node.name not in _CONTAINERS or len(node.elements) < 1:
            continue
        node.children = list(_grouped(node.elements))
        only = node.elements[0] if len(node.elements) == 1 else None
        if only and _pure(only) and node.name in ("svg", "g") and only.attributes.keys().isdisjoint(node.attributes):
            node.attributes |= only.attributes
            node.children = only.children


def _pure(node: Node) -> bool:
    return node.name == "g" and all(name in INITIAL for name in node.attributes)


def _grouped(elements: Sequence[Node]) -> list[Node]:
    found: list[Node] = []
    start = 0
    while start < len(elements):
        length, common = _best_run(elements, start)
        if not common:
            found.append(elements[start])
            start += 1
            continue
        run = elements[start : start + length]
        for element in run:
            for name in common:
                element.attributes.pop(name, "")
        found.append(Node("g", common, list(_grouped(run))))
        start += length
    return found


def _best_run(elements: Sequence[Node], start: int) -> tuple[int, dict[str, str]]:
    """The number of neighbours from ``start`` on that are worth a group, and what it says; nothing for none."""
    first = elements[start]
    if not _groupable(first):
        return 0, {}
    common = {name: value for name, value in first.attributes.items() if _shareable(name, value)}
    counts = dict.fromkeys(common, 1)
    open_ = first.free
    best, length_of_best, said = 0, 1, {}
    for length in range(2, len(elements) - start + 1):
        element = elements[start + length - 1]
        if not _groupable(element) or length - length_of_best > _LOOK_AHEAD:
            break
        own = element.attributes
        for name in [name for name, value in common.items() if own.get(name) != value and name not in element.free]:
            del common[name]
        for name, value in own.items():
            if name in common:
                counts[name] += 1
            elif name in open_ and _shareable(name, value):
                common[name], counts[name] = value, 1
        open_ &= element.free
        if not common and not open_:
            break
        worth = sum((counts[name] - 1) * (len(name) + len(value) + 4) for name, value in common.items()) - _TAGS
        if worth > best:
            best, length_of_best = worth, length
            said = {name: value for name, value in common.items() if counts[name] > 1}
    return length_of_best, said


def _shareable(name: str, value: str) -> bool:
    return name in INITIAL and not value.startswith("context-")


def _groupable(node: Node) -> bool:
    return node.name in DRAWN | {"g", "svg"} and not node.target
