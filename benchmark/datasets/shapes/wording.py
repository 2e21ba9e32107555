"""Scene to captions: five sentences of different build for each topic, all stating the same facts."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmark.datasets.shapes.draws import Draws
    from benchmark.datasets.shapes.scene import Mention, Scene

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six")
_TIMES = ("never", "once", "twice", "three times", "four times", "five times", "six times")
_PICTURES = ("picture", "image", "drawing")

# What stands twice is drawn twice as often. Kinds without an entry have one name only.
_NOUNS = {
    "circle": ("circle", "circle", "disc"),
    "ellipse": ("ellipse", "oval"),
    "star": ("star", "star", "five-pointed star"),
    "diamond": ("diamond", "diamond", "rhombus"),
    "cross": ("cross", "cross", "plus sign"),
}
_SIZES = {
    "small": ("small", "small", "little"),
    "medium": ("medium-sized", "mid-sized"),
    "large": ("large", "large", "big"),
}

# Each can be followed by "of the picture".
_POSITIONS = {
    "top left": ("in the top left corner", "in the upper left corner", "at the top left"),
    "top": ("at the top center", "in the upper middle", "near the middle of the top edge"),
    "top right": ("in the top right corner", "in the upper right corner", "at the top right"),
    "left": ("at the center left", "in the middle of the left side", "near the middle of the left edge"),
    "center": ("in the center", "in the middle", "at the center"),
    "right": ("at the center right", "in the middle of the right side", "near the middle of the right edge"),
    "bottom left": ("in the bottom left corner", "in the lower left corner", "at the bottom left"),
    "bottom": ("at the bottom center", "in the lower middle", "near the middle of the bottom edge"),
    "bottom right": ("in the bottom right corner", "in the lower right corner", "at the bottom right"),
}

# How a line of things can be told of: for two things, and for more.
_ARRANGEMENTS = {
    ("row", False): ("side by side", "next to each other"),
    ("row", True): ("in a row", "in a horizontal line", "lined up from left to right"),
    ("column", False): ("one above the other", "stacked vertically"),
    ("column", True): ("in a column", "in a vertical line", "lined up from top to bottom"),
}


def write_captions(scene: Scene, draws: Draws) -> tuple[str, ...]:
    """Five different English captions. They state the scene's mentions and layout and nothing else.

    ``draws`` chooses among synonyms; the five sentence patterns are the same for all scenes of a topic.
    """
    words = _Words(draws)
    if scene.topic == "single":
        texts = _single(scene, words)
    elif scene.topic == "count":
        texts = _count(scene, words)
    elif scene.topic == "three":
        texts = _three(scene, words)
    elif scene.layout == "inside":
        texts = _inside(scene, words)
    else:
        texts = _apart(scene, words)
    return tuple(f"{text[0].upper()}{text[1:]}." for text in texts)


class _Words:
    """Phrases for what a scene holds, with synonyms drawn anew at each use."""

    def __init__(self, draws: Draws) -> None:
        self.any = draws.pick

    def noun(self, mention: Mention, count: int) -> str:
        """The kind alone: "circle", "circles"."""
        name = self.any(_NOUNS.get(mention.kind, (mention.kind,)))
        return name if count == 1 else name + ("es" if name.endswith("s") else "s")

    def described(self, mention: Mention, count: int) -> str:
        """Kind, colour and size: "small red circles"."""
        size = f"{self.any(_SIZES[mention.size])} " if mention.size else ""
        return f"{size}{mention.colour} {self.noun(mention, count)}"

    def things(self, mention: Mention) -> str:
        """The whole mention: "a small red circle", "three small red circles"."""
        phrase = self.described(mention, mention.count)
        if mention.count > 1:
            return f"{_NUMBERS[mention.count]} {phrase}"
        return f"{'an' if phrase[0] in 'aeiou' else 'a'} {phrase}"

    def picture(self) -> str:
        return self.any(_PICTURES)


def _single(scene: Scene, words: _Words) -> tuple[str, ...]:
    (it,) = scene.mentions
    places = _POSITIONS[scene.layout]
    return (
        f"{words.things(it)} {words.any(places)}",
        f"there is {words.things(it)} {words.any(places)} of the {words.picture()}",
        f"{words.any(places)} {words.any(('sits', 'is'))} {words.things(it)}",
        f"a single {words.noun(it, 1)}, {words.any(_SIZES[it.size])} and {it.colour}, {words.any(places)}",
        f"the {words.picture()} shows nothing but {words.things(it)} {words.any(places)}",
    )


def _count(scene: Scene, words: _Words) -> tuple[str, ...]:
    (them,) = scene.mentions
    many = them.count > 2
    number, all_of = _NUMBERS[them.count], "all" if many else "both"
    group = f"a {scene.layout or 'group'} of {number}" if many else "a pair of"
    lines = _ARRANGEMENTS.get((scene.layout, many), ("",))

    def lined_up(joint: str) -> str:
        return joint + words.any(lines) if scene.layout else ""

    return (
        f"{words.things(them)}{lined_up(' ')}",
        f"the {words.picture()} {words.any(('shows', 'contains'))} {words.things(them)}{lined_up(' ')}",
        f"{group} {words.described(them, them.count)}{'' if many else lined_up(', ')}",
        f"the same {words.described(them, 1)} drawn {_TIMES[them.count]}{lined_up(', ')}",
        f"{number} {words.noun(them, them.count)}{lined_up(' ')}, {all_of} of them "
        f"{words.any(_SIZES[them.size])} and {them.colour}",
    )


def _apart(scene: Scene, words: _Words) -> tuple[str, ...]:
    a, b = scene.mentions
    things = words.things
    a_is, b_is = ("is" if mention.count == 1 else "are" for mention in (a, b))
    their, them = ("its", "it") if a.count == 1 else ("their", "them")
    total = _NUMBERS[a.count + b.count]
    if scene.layout == "left of":
        return (
            f"{things(a)} {words.any(('to the left of', 'on the left of', 'left of'))} {things(b)}",
            f"{things(b)} {b_is} {words.any(('to the right of', 'on the right of'))} {things(a)}",
            f"on the left {a_is} {things(a)}, on the right {things(b)}",
            f"there {a_is} {things(a)} with {things(b)} to {their} right",
            f"{total} shapes: {things(a)} in the left half and {things(b)} in the right half",
        )
    return (
        f"{things(a)} above {things(b)}",
        f"{things(b)} {b_is} {words.any(('below', 'underneath'))} {things(a)}",
        f"at the top {a_is} {things(a)}, at the bottom {things(b)}",
        f"there {a_is} {things(a)} with {things(b)} below {them}",
        f"{total} shapes: {things(a)} in the upper half and {things(b)} in the lower half",
    )


def _inside(scene: Scene, words: _Words) -> tuple[str, ...]:
    inner, outer = scene.mentions
    things = words.things
    return (
        f"{things(inner)} inside {things(outer)}",
        f"{things(outer)} contains {things(inner)}",
        f"within {things(outer)} {words.any(('there is', 'lies'))} {things(inner)}",
        f"the {words.picture()} shows {things(outer)} with {things(inner)} in it",
        f"{things(inner)} {words.any(('surrounded', 'enclosed'))} by {things(outer)}",
    )


def _three(scene: Scene, words: _Words) -> tuple[str, ...]:
    a, b, c = scene.mentions
    things = words.things
    if scene.layout == "row":
        first, last, start, end = "left", "right", "on the left", "on the right"
    else:
        first, last, start, end = "top", "bottom", "at the top", "at the bottom"
    return (
        f"from {first} to {last}: {things(a)}, {things(b)} and {things(c)}",
        f"a {scene.layout} of three shapes: first {things(a)}, then {things(b)}, then {things(c)}",
        f"{things(b)} stands between {things(a)} {start} and {things(c)} {end}",
        f"there is {things(a)} {start}, {things(b)} in the middle and {things(c)} {end}",
        f"the {words.picture()} shows, from {last} to {first}, {things(c)}, {things(b)} and {things(a)}",
    )
