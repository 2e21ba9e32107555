"""What is in a scene: which shapes, where, and which of these facts its captions state.

All lengths are whole pixels of a canvas of :data:`CANVAS` by :data:`CANVAS`, x to the right and y downwards.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmark.datasets.shapes.draws import Draws

CANVAS = 256
MARGIN = 8
_ROOM = CANVAS - 2 * MARGIN
_GAPS = (6, 32)  # least and greatest distance between neighbours in a line

COLOURS = ("red", "orange", "yellow", "green", "blue", "purple", "pink", "brown", "gray", "black")

# Width and height in percent of a shape's longer side.
PROPORTIONS = {
    "circle": (100, 100),
    "square": (100, 100),
    "rectangle": (100, 60),
    "triangle": (100, 87),
    "ellipse": (100, 60),
    "star": (100, 95),
    "pentagon": (100, 95),
    "hexagon": (100, 87),
    "diamond": (70, 100),
    "cross": (100, 100),
    "heart": (100, 90),
}
KINDS = tuple(PROPORTIONS)
_LYING_OR_STANDING = ("rectangle", "ellipse")

# Least and greatest longer side. "" is the size of shapes whose size no caption states.
_SIDES = {"small": (26, 34), "medium": (56, 72), "large": (100, 112), "": (44, 72)}
SIZES = ("small", "medium", "large")

# Kinds with room for a small shape, and where: how far below the centre, in thousandths of half the height.
_HOLLOWS = {
    "circle": 0,
    "square": 0,
    "rectangle": 0,
    "triangle": 300,
    "ellipse": 0,
    "pentagon": 50,
    "hexagon": 0,
    "diamond": 0,
    "heart": -100,
}
_OUTER_SIDES = (140, 176)

# How many shapes of a size fit into each arrangement.
_MOST = {
    ("", "small"): 6,
    ("", "medium"): 6,
    ("", "large"): 4,
    ("row", "small"): 6,
    ("row", "medium"): 3,
    ("row", "large"): 2,
    ("column", "small"): 6,
    ("column", "medium"): 3,
    ("column", "large"): 2,
}


@dataclass(frozen=True, slots=True)
class Shape:
    """One shape on the canvas, given by its bounding box; width and height are even."""

    kind: str
    colour: str
    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Mention:
    """What captions say of one or several equal shapes; size "" where they say nothing of it."""

    kind: str
    colour: str
    size: str = ""
    count: int = 1


@dataclass(frozen=True, slots=True)
class Scene:
    """A picture and the facts that its captions state.

    Attributes:
        topic: "single", "count", "relation", "two groups" or "three".
        mentions: what is there, in the order that the layout gives it.
        layout: for "single" one of nine positions, "top left" to "bottom right"; for "count" how the shapes
            are lined up: "row", "column" or "" (not stated); for "relation" and "two groups" how the first
            mention stands to the second: "left of", "above" or, for "relation" alone, "inside"; for "three"
            "row" (left to right) or "column" (top to bottom).
        shapes: in the order of painting. What is inside comes last; apart from that the order is random.
    """

    topic: str
    mentions: tuple[Mention, ...]
    layout: str
    shapes: tuple[Shape, ...]

    def meaning(self) -> str:
        """A text that two scenes share exactly when their captions state the same facts."""
        things = (f"{m.count} {m.size or 'any'} {m.colour} {m.kind}" for m in self.mentions)
        return f"{self.topic}: {self.layout}: {'; '.join(things)}"


def compose(draws: Draws) -> Scene:
    """A random scene, all topics equally likely.

    No two shapes touch, except that one may lie wholly inside another; none comes nearer than four pixels to
    the edge of the canvas. Shapes of different mentions differ in colour.
    """
    return draws.pick((_single, _count, _relation, _two_groups, _three))(draws)


def _single(draws: Draws) -> Scene:
    mention = Mention(draws.pick(KINDS), draws.pick(COLOURS), draws.pick(SIZES))
    extent = _extent(draws, mention)
    down, across = draws.pick(("top", "", "bottom")), draws.pick(("left", "", "right"))
    shape = _shape(mention, extent, _third(draws, across, extent[0]), _third(draws, down, extent[1]))
    return Scene("single", (mention,), f"{down} {across}".strip() or "center", (shape,))


def _count(draws: Draws) -> Scene:
    count = draws.between(2, 6)
    arrangement, size = draws.pick([key for key, most in _MOST.items() if count <= most])
    mention = Mention(draws.pick(KINDS), draws.pick(COLOURS), size, count)
    shapes = _line(draws, mention, arrangement == "column") if arrangement else _scatter(draws, mention)
    return Scene("count", (mention,), arrangement, shapes)


def _relation(draws: Draws) -> Scene:
    relation = draws.pick(("left of", "above", "inside"))
    first_colour, second_colour, *_ = draws.shuffled(COLOURS)
    if relation == "inside":
        inner = Mention(draws.pick(KINDS), first_colour)
        outer = Mention(draws.pick(tuple(_HOLLOWS)), second_colour)
        return Scene("relation", (inner, outer), relation, _nested(draws, inner, outer))
    first_size, second_size = draws.pick((("", ""), ("small", "large"), ("large", "small")))
    first = Mention(draws.pick(KINDS), first_colour, first_size)
    second = Mention(draws.pick(KINDS), second_colour, second_size)
    middle = draws.between(80, CANVAS - 80)
    bounds = (middle - 72, middle + 72)
    return Scene("relation", (first, second), relation, _apart(draws, (first, second), relation, bounds))


def _two_groups(draws: Draws) -> Scene:
    counts = draws.pick([(a, b) for a in (1, 2, 3) for b in (1, 2, 3) if a + b > 2])
    first_colour, second_colour, *_ = draws.shuffled(COLOURS)
    first = Mention(draws.pick(KINDS), first_colour, count=counts[0])
    second = Mention(draws.pick(KINDS), second_colour, count=counts[1])
    relation = draws.pick(("left of", "above"))
    shapes = _apart(draws, (first, second), relation, (MARGIN, CANVAS - MARGIN))
    return Scene("two groups", (first, second), relation, shapes)


def _three(draws: Draws) -> Scene:
    kinds, colours = draws.shuffled(KINDS)[:3], draws.shuffled(COLOURS)[:3]
    mentions = tuple(Mention(kind, colour) for kind, colour in zip(kinds, colours, strict=True))
    layout = draws.pick(("row", "column"))
    vertical = layout == "column"
    middle = draws.between(64, CANVAS - 64)
    shapes = []
    for mention, slot in zip(mentions, _slots(3, MARGIN, CANVAS - MARGIN), strict=True):
        extent = _extent(draws, mention)
        start = _between(draws, slot, extent[vertical])
        aside = _between(draws, (middle - 48, middle + 48), extent[not vertical])
        shapes.append(_aligned(mention, extent, start, aside, vertical))
    return Scene("three", mentions, layout, tuple(draws.shuffled(shapes)))


def _nested(draws: Draws, inner: Mention, outer: Mention) -> tuple[Shape, ...]:
    extent = _extent(draws, outer, _OUTER_SIDES)
    left, top = (_between(draws, (0, CANVAS), side, sway=CANVAS) for side in extent)
    hull = _shape(outer, extent, left, top)
    extent = _extent(draws, inner, _SIDES["small"])
    left = hull.left + (hull.width - extent[0]) // 2 + draws.between(-6, 6)
    top = hull.top + (hull.height - extent[1]) // 2 + draws.between(-6, 6)
    top += hull.height * _HOLLOWS[outer.kind] // 2000
    return hull, _shape(inner, extent, left, top)


def _apart(
    draws: Draws, mentions: tuple[Mention, Mention], relation: str, bounds: tuple[int, int]
) -> tuple[Shape, ...]:
    """The first mention's shapes in the left or upper half, the second's in the other.

    ``bounds`` are the limits of both across the direction of the relation.
    """
    vertical = relation == "above"
    shapes = []
    for mention, half in zip(mentions, _slots(2, MARGIN, CANVAS - MARGIN), strict=True):
        extent = _extent(draws, mention)
        for slot in _slots(mention.count, *bounds):
            start = _between(draws, half, extent[vertical], sway=CANVAS)
            aside = _between(draws, slot, extent[not vertical])
            shapes.append(_aligned(mention, extent, start, aside, vertical))
    return tuple(draws.shuffled(shapes))


def _line(draws: Draws, mention: Mention, vertical: bool) -> tuple[Shape, ...]:
    extent = _extent(draws, mention)
    length, count = extent[vertical], mention.count
    least, greatest = _GAPS
    gap = draws.between(least, min(greatest, (_ROOM - count * length) // (count - 1)))
    start = MARGIN + draws.between(0, _ROOM - count * length - (count - 1) * gap)
    aside = MARGIN + draws.between(0, _ROOM - extent[not vertical])
    return tuple(
        _aligned(mention, extent, start + number * (length + gap), aside, vertical)
        for number in draws.shuffled(range(count))
    )


def _scatter(draws: Draws, mention: Mention) -> tuple[Shape, ...]:
    extent = _extent(draws, mention)
    slots = _slots(2 if mention.size == "large" else 3, 0, CANVAS)
    cells = draws.shuffled((column, row) for column in slots for row in slots)
    return tuple(
        _shape(mention, extent, _between(draws, column, extent[0]), _between(draws, row, extent[1]))
        for column, row in cells[: mention.count]
    )


def _extent(draws: Draws, mention: Mention, sides: tuple[int, int] | None = None) -> tuple[int, int]:
    """Width and height; even, so that the centre lies on whole pixels.

    ``sides`` are the least and greatest longer side, by default those of the mention's size.
    """
    shortest, longest = sides or _SIDES[mention.size]
    side = 2 * draws.between(shortest // 2, longest // 2)
    wide, tall = PROPORTIONS[mention.kind]
    if mention.kind in _LYING_OR_STANDING and draws.below(2):
        wide, tall = tall, wide
    return 2 * (side * wide // 200), 2 * (side * tall // 200)


def _third(draws: Draws, side: str, length: int) -> int:
    """Where a shape starts that stands near the named side of the canvas, or near the middle for ""."""
    if not side:
        return _between(draws, (0, CANVAS), length, sway=6)
    near = MARGIN + draws.between(0, 16)
    return near if side in ("left", "top") else CANVAS - length - near


def _between(draws: Draws, slot: tuple[int, int], length: int, sway: int = 16) -> int:
    """Where a shape starts that lies in a slot, at most ``sway`` from its middle.

    It keeps four pixels from the ends of the slot, so that shapes in neighbouring slots stay apart.
    """
    low, high = slot
    sway = min((high - low - length) // 2 - 4, sway)
    return (low + high - length) // 2 + draws.between(-sway, sway)


def _slots(count: int, low: int, high: int) -> list[tuple[int, int]]:
    """``count`` equal parts of the stretch from ``low`` to ``high``."""
    width = (high - low) // count
    return [(low + number * width, low + (number + 1) * width) for number in range(count)]


def _aligned(mention: Mention, extent: tuple[int, int], start: int, aside: int, vertical: bool) -> Shape:
    """A shape given by its place along an axis and across it."""
    return _shape(mention, extent, aside, start) if vertical else _shape(mention, extent, start, aside)


def _shape(mention: Mention, extent: tuple[int, int], left: int, top: int) -> Shape:
    return Shape(mention.kind, mention.colour, left, top, *extent)
