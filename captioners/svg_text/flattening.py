"""Groups taken apart: what they say is said by the elements in them, as far as the picture stays the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from captioners.svg_text.absorbing import absorb, absorbed
from captioners.svg_text.contexts import inheriting, relative
from captioners.svg_text.numbers import exact
from captioners.svg_text.properties import INITIAL, RESOURCES
from captioners.svg_text.transforms import IDENTITY, Kind, Matrix, matrix

if TYPE_CHECKING:
    from collections.abc import Mapping

    from captioners.svg_text.document import Node

_ANY = frozenset(Kind)
_NONE: frozenset[Kind] = frozenset()
_EFFECTS = frozenset(("opacity", "clip-path", "mask", "filter"))
_IN_USER_SPACE = frozenset(("clip-path", "mask", "filter", "style", "transform-origin"))


def flatten(root: Node) -> None:
    """Take groups apart, in place; those that clip, mask, filter or are not opaque remain, as one element does.

    What is inherited goes to the elements, and transforms into their coordinates, if all of a group can take it.
    """
    _push_properties(root)
    _push_transforms(root)
    for node in reversed(list(root.walk())):
        if node.name not in ("text", "clipPath") and node.elements:
            node.children = [grandchild for child in node.children for grandchild in _spliced(child)]


def _is_group(node: Node) -> bool:
    return node.name == "g"


def _push_properties(root: Node) -> None:
    for node in root.walk():
        elements = node.elements
        if not _is_group(node) or any(child.target for child in elements) or not elements:
            continue
        inherited = {
            name: value
            for name, value in node.attributes.items()
            if name in INITIAL and not any(relative(name, child.attributes.get(name, "")) for child in elements)
        }
        for child in elements:
            for name, value in inherited.items():
                if child.attributes.get(name, "inherit") == "inherit":
                    child.attributes[name] = value
        for name in inherited:
            del node.attributes[name]


def _push_transforms(root: Node) -> None:
    contexts: dict[Node, Mapping[str, str]] = dict(inheriting(root))
    order = _outside_of_text(root)
    takes: dict[Node, frozenset[Kind]] = {}
    for node in reversed(order):
        takes[node] = _takes(node, contexts[node], takes)
    for node in order:
        transform = _own_transform(node)
        if transform is None or transform == IDENTITY:
            if transform == IDENTITY:
                node.attributes.pop("transform", "")
            continue
        elements = [child for child in node.elements if child.name not in RESOURCES]
        if _is_group(node):
            free = elements and not _IN_USER_SPACE & node.attributes.keys()
            if free and all(transform.kind() in _within(child, takes) for child in elements):
                del node.attributes["transform"]
                for child in elements:
                    _put(child, transform.of(_own_transform(child) or IDENTITY))
        elif transform.kind() in takes[node]:
            del node.attributes["transform"]
            absorb(node, transform, contexts[node])


def _outside_of_text(root: Node) -> list[Node]:
    """All elements in document order but those in a text, which move with it."""
    found: list[Node] = []
    waiting = [root]
    while waiting:
        node = waiting.pop()
        found.append(node)
        if node.name not in ("text", "foreignObject", "clipPath"):
            waiting.extend(reversed(node.elements))
    return found


def _own_transform(node: Node) -> Matrix | None:
    try:
        return matrix(node.attributes.get("transform", ""))
    except ValueError:
        return None


def _put(node: Node, transform: Matrix) -> None:
    node.attributes["transform"] = f"matrix({' '.join(map(exact, transform))})"


def _takes(node: Node, around: Mapping[str, str], takes: Mapping[Node, frozenset[Kind]]) -> frozenset[Kind]:
    """The transforms that the coordinates of an element, or of all elements of a group, can absorb."""
    if not _is_group(node):
        return absorbed(node, around) if not node.elements or node.name == "text" else _NONE
    if node.target or _IN_USER_SPACE & node.attributes.keys():
        return _NONE
    elements = [child for child in node.elements if child.name not in RESOURCES]
    return frozenset.intersection(_ANY, *(_within(child, takes) for child in elements))


def _within(node: Node, takes: Mapping[Node, frozenset[Kind]]) -> frozenset[Kind]:
    """What an element can take in without a transform that it does not have yet."""
    own = _own_transform(node)
    if own is None or node.target or not node.attributes.keys().isdisjoint(("transform-origin", "style")):
        return _NONE
    if own == IDENTITY or own.kind() in takes[node]:
        return takes[node]
    return _ANY


def _spliced(child: Node | str) -> list[Node | str]:
    """What stands for a child: those in it where it is a group that says nothing, itself otherwise."""
    if isinstance(child, str) or not _is_group(child) or child.target:
        return [child]
    elements = child.elements
    if not elements:
        return [child] if "filter" in child.attributes else []
    if not child.attributes:
        return list(elements)
    if len(elements) == 1 and _merge(child, elements[0]):
        return [elements[0]]
    return [child]


def _merge(group: Node, inner: Node) -> bool:
    """Let the only element of a group say what the group says; whether that can be said."""
    outer, own = group.attributes, inner.attributes
    if not _mergeable(group, inner):
        return False
    if "transform" in outer:
        transforms = _own_transform(group), _own_transform(inner)
        if transforms[0] is None or transforms[1] is None:
            return False
        _put(inner, transforms[0].of(transforms[1]))
    for name, text in outer.items():
        if name != "transform":
            own.setdefault(name, text)
    return True


def _mergeable(group: Node, inner: Node) -> bool:
    outer, own = group.attributes, inner.attributes
    if inner.target or inner.name in RESOURCES or inner.name == "svg" or "style" in outer or "style" in own:
        return False
    if "transform-origin" in own or any(relative(name, own.get(name, "")) for name in outer):
        return False
    once = {name for name in outer if name not in INITIAL}
    if "transform" in once or not once:
        return once <= {"transform"}
    if once == {"opacity"}:
        return "opacity" not in own
    # What clips, masks and filters a group is measured in the coordinates of the group.
    return once <= _EFFECTS and own.keys().isdisjoint((*_EFFECTS, "transform", "overflow"))
