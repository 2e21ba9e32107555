"""Drawings that are there twice: among the evaluated ones, or among them and those that were learnt from.

Compared by text, not by picture: that takes half a millisecond a drawing and no renderer, where pictures are only at
hand for captioners that look at them, and a perceptual hash calls two icons in the same frame copies. Copies differ
by white space, metadata, colours and decimals, which are taken out here; what was drawn anew is not found.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping

from benchmark.datasets.checks.finding import Finding

Drawings = Mapping[str, str]

# What draws nothing, from an opening to its end. Found without backtracking: a stranger wrote the SVG.
_NO_DRAWING = (
    (re.compile(r"<\?"), "?>"),
    (re.compile(r"<!--"), "-->"),
    (re.compile(r"<!DOCTYPE"), ">"),
    *((re.compile(rf"<{name}\b(?!\s?/>)"), f"</{name}>") for name in ("title", "desc", "metadata")),
)
_GEOMETRY = re.compile(
    r"""(?<![\w-])(d|points|x|y|x1|x2|y1|y2|cx|cy|r|rx|ry|width|height|transform)\s?=\s?["']?([^"'<>\n\t]{1,100000})"""
)
_NUMBER = re.compile(r"([-+]?\d+)(?:\.\d+)?")
_FEWEST = 12  # numbers; two squares are no copies of each other


def content(svg: str) -> str:
    """The text without what draws nothing: prolog, comments, title, description, metadata, white space."""
    return " ".join(_drawn(svg).split()).replace("> ", ">").replace(" <", "<")


def outline(svg: str) -> str:
    """The coordinates alone, decimals cut off, in order; "" for less than twelve numbers.

    Drawings that differ in colours, line widths, names and decimals have the same one.
    """
    geometry = " ".join(f"{name}={value}" for name, value in _GEOMETRY.findall(_drawn(svg)))
    rounded, numbers = _NUMBER.subn(r"\1", geometry)
    return "" if numbers < _FEWEST else " ".join(rounded.replace(",", " ").split())


def pairs(evaluated: Drawings, training: Drawings, key: Callable[[str], str]) -> tuple[list[str], list[str]]:
    """The evaluated drawings whose key another one has too: ``"id = earlier id"``.

    Args:
        evaluated: id -> SVG.
        training: id -> SVG of other samples.
        key: drawings with the same one are the same; with "" are not compared.

    Returns:
        pairs within the evaluated drawings, and pairs with one to learn from.
    """
    learnt = {digest: id for id, svg in training.items() if (digest := _digest(key(svg)))}
    seen: dict[bytes, str] = {}
    within, across = [], []
    for id, svg in evaluated.items():
        digest = _digest(key(svg))
        if not digest:
            continue
        if digest in seen:
            within.append(f"{id} = {seen[digest]}")
        if digest in learnt:
            across.append(f"{id} = {learnt[digest]}")
        seen.setdefault(digest, id)
    return within, across


def findings(evaluated: Drawings, training: Drawings) -> list[Finding]:
    """Copies, and drawings with the same outline that are no copies."""
    same_within, same_across = pairs(evaluated, training, content)
    near_within, near_across = pairs(evaluated, training, outline)
    total = len(evaluated)
    return [
        *Finding.of("drawings are the same as another one", same_within, total),
        *Finding.of("drawings have the outline of another one", _without(near_within, same_within), total),
        *Finding.of("drawings are the same as one to learn from", same_across, total),
        *Finding.of("drawings have the outline of one to learn from", _without(near_across, same_across), total),
    ]


def _drawn(svg: str) -> str:
    for opening, end in _NO_DRAWING:
        kept, position = [], 0
        while (start := opening.search(svg, position)) and (stop := svg.find(end, start.end())) >= 0:
            kept.append(svg[position : start.start()])
            position = stop + len(end)
        svg = "".join([*kept, svg[position:]])
    return svg


def _without(near: list[str], same: list[str]) -> list[str]:
    ids = {pair.partition(" = ")[0] for pair in same}
    return [pair for pair in near if pair.partition(" = ")[0] not in ids]


def _digest(key: str) -> bytes:
    """Sixteen bytes of a key, b"" of an empty one: what is kept of a hundred thousand drawings."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()[:16] if key else b""
