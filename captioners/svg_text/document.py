"""A drawing as a tree that is easy to change: from the parsed document, and back to text."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from lxml import etree

from captioners.svg_text.properties import TEXTS, matters, normalised

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from captioners.svg_text.paths import Segment

SVG = "http://www.w3.org/2000/svg"
XLINK_HREF = "{http://www.w3.org/1999/xlink}href"
XML_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
REFERENCE = re.compile(r"""url\(\s*["']?\s*#([^"')]*?)\s*["']?\s*\)""")

_BLANKS = re.compile(r"\s*[ \t]\s*", re.ASCII)
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_ATTRIBUTE_ESCAPES = str.maketrans(
    {"&": "&amp;", "<": "&lt;", '"': "&quot;", "\n": "&#10;", "\t": "&#9;", "\r": "&#13;"}
)
_PREFIXES = {XML_SPACE: "xml:space", XLINK_HREF: "href"}


@dataclass(eq=False, slots=True)
class Node:
    """An element.

    Attributes:
        name: local name.
        attributes: values by name, without namespace but for ``xml:space``.
        children: elements, and text where text is drawn.
        segments: of a path, polyline or polygon, while its data is not written; None where it cannot be read.
        free: properties that do not matter to what it draws, so that it can be in a group that sets them.
        target: whether something refers to it with ``href``, so that it is drawn elsewhere too.
    """

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Node | str] = field(default_factory=list)
    segments: list[Segment] | None = None
    free: frozenset[str] = frozenset()
    target: bool = False

    @property
    def elements(self) -> list[Node]:
        return [child for child in self.children if isinstance(child, Node)]

    def walk(self) -> Iterator[Node]:
        """Itself and all elements in it, in document order."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            yield node
            waiting.extend(reversed(node.elements))


def local_name(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2]


def references(element: etree._Element) -> Iterator[tuple[str, bool]]:
    """Ids that an element refers to, and whether by ``href``."""
    for name, value in cast("list[tuple[str, str]]", element.items()):
        if "#" not in value:
            continue
        if name in ("href", XLINK_HREF):
            if value.strip().startswith("#"):
                yield value.strip()[1:], True
        elif "url" in value:
            for identity in REFERENCE.findall(value):
                yield identity, False


def by_id(root: etree._Element) -> dict[str, etree._Element]:
    found: dict[str, etree._Element] = {}
    for element in root.iter(etree.Element):
        if identity := element.get("id"):
            found.setdefault(identity, element)
    return found


def read(root: etree._Element, kept: Collection[etree._Element], *, styled: bool) -> Node:
    """The tree of the elements that are kept.

    Args:
        root: the document, with its style sheets already put into attributes where that can be done.
        kept: elements that are to remain; others go with all that is in them.
        styled: whether style sheets remain, so that classes and values in ``style`` must stay too.
    """
    identities = by_id(root)
    names: dict[str, str] = {}
    targets: set[etree._Element] = set()
    for element in kept:
        for identity, linked in references(element):
            target = identities.get(identity)
            if target is None or target not in kept:
                continue
            names[identity] = ""
            if linked:
                targets.add(target)
    for place, identity in enumerate(name for name in identities if name in names):
        names[identity] = identity if styled else _short(place)
    known = {element: identity for identity, element in identities.items() if identity in names}
    tree = _node(root, names, known, targets, styled)
    waiting = [(root, tree, False)]
    while waiting:
        element, node, preserved = waiting.pop()
        preserved = _preserved(element, preserved)
        foreign = node.name == "foreignObject" or (styled and node.name == "style")
        in_text = node.name in TEXTS and (node.name != "a" or _within_text(element))
        textual = in_text or foreign
        if textual and element.text:
            node.children.append(_text(element.text, preserved or foreign))
        for child in element:
            if isinstance(child.tag, str) and child in kept:
                inner = _node(child, names, known, targets, styled)
                node.children.append(inner)
                waiting.append((child, inner, preserved))
            if textual and child.tail:
                node.children.append(_text(child.tail, preserved or foreign))
    return tree


def _within_text(element: etree._Element) -> bool:
    parent = element.getparent()
    return parent is not None and local_name(parent) in TEXTS


def _preserved(element: etree._Element, around: bool) -> bool:
    space = element.get(XML_SPACE)
    white = "pre" in element.get("white-space", "") or "white-space" in element.get("style", "")
    return white or (space == "preserve" if space else around)


def _text(text: str, preserved: bool) -> str:
    """The same characters as far as they are shown: line breaks are not, and of several blanks only one."""
    return text if preserved else _BLANKS.sub(" ", text)


def _short(place: int) -> str:
    """a, b, ... z, aa, ab ..."""
    name = ""
    place += 1
    while place:
        place, letter = divmod(place - 1, len(_LETTERS))
        name = _LETTERS[letter] + name
    return name


def _node(
    element: etree._Element,
    names: dict[str, str],
    known: dict[etree._Element, str],
    targets: set[etree._Element],
    styled: bool,
) -> Node:
    name = local_name(element)
    namespace = str(element.tag)[1:].partition("}")[0] if "}" in str(element.tag) else ""
    own = namespace in ("", SVG)
    attributes: dict[str, str] = {}
    for qualified, value in cast("list[tuple[str, str]]", element.items()):
        key = "href" if qualified == XLINK_HREF else qualified
        if key != qualified and key in element.attrib:
            continue
        if key == "id":
            if element in known:
                attributes["id"] = names[known[element]]
            elif styled:
                attributes["id"] = value
        elif (styled and key == "class") or _keeps(name, key, own):
            attributes[key] = _value(key, value, names)
    if name == "a" and not _within_text(element):
        name = "g"
        attributes.pop("href", None)
    elif name == "switch":
        name = "g"
    return Node(name, attributes, target=element in targets)


def _keeps(name: str, key: str, own: bool) -> bool:
    if name.startswith("fe") or not own:
        return "}" not in key and not key.startswith(("on", "data-", "aria-")) and key not in ("class", "lang", "role")
    if key == "d":
        return name == "path"
    if key in ("x", "y", "width", "height", "points") and name in ("path", "g"):
        return False
    return matters(key)


def _value(key: str, value: str, names: dict[str, str]) -> str:
    if key == "href":
        value = value.strip()
        if value.startswith("#"):
            return f"#{names.get(value[1:], value[1:])}"
        if value.lower().startswith("data:"):
            return value.partition(",")[0].partition(";")[0]
        return value
    if "url" in value:
        value = REFERENCE.sub(lambda found: f"url(#{names.get(found[1], found[1])})", value)
    return normalised(key, value)


def written(root: Node, note: str = "") -> str:
    """The text of a tree, without the declaration of the namespace; ``note`` is a comment at its beginning."""
    parts: list[str] = []
    waiting: list[Node | str] = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, str):
            parts.append(node)
            continue
        start = "".join(
            f' {_PREFIXES.get(key, key)}="{value.translate(_ATTRIBUTE_ESCAPES)}"'
            for key, value in node.attributes.items()
        )
        comment = f"<!--{note}-->" if note and node is root else ""
        if not node.children:
            parts.append(f"<{node.name}{start}>{comment}</{node.name}>" if comment else f"<{node.name}{start}/>")
            continue
        parts.append(f"<{node.name}{start}>{comment}")
        waiting.append(f"</{node.name}>")
        waiting.extend(
            child if isinstance(child, Node) else child.translate(_ESCAPES) for child in reversed(node.children)
        )
    return "".join(parts)
