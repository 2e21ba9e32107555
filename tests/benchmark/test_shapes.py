"""The shapes dataset: what its captions say is read back from their text and measured in the picture."""

from __future__ import annotations

import itertools
import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass

import numpy as np
import pytest

from benchmark.datasets.shapes import generate
from benchmark.datasets.shapes.drawing import (
    BACKGROUNDS,
    ELEMENTS,
    NOTATIONS,
    PLACEMENTS,
    STYLINGS,
    Idiom,
    draw,
)
from benchmark.datasets.shapes.draws import Draws
from benchmark.datasets.shapes.scene import CANVAS, KINDS, Mention, Scene, Shape, compose
from benchmark.datasets.shapes.wording import write_captions
from benchmark.errors import UserError
from renderers import render as drawing_of

# Of this generator itself, as there is no other: a seed gives the same bytes on every machine and version.
GOLDEN = "f3632aff0bcc247f40767195d51141149c33d23e5f2678e482981762daaa057c"
TOPICS = {"single", "count", "relation", "two groups", "three"}
SCALE = 2  # pictures are measured at twice the size of the canvas

RGB = {
    "red": (255, 0, 0),
    "orange": (255, 165, 0),
    "yellow": (255, 255, 0),
    "green": (0, 128, 0),
    "blue": (0, 0, 255),
    "purple": (128, 0, 128),
    "pink": (255, 192, 203),
    "brown": (139, 69, 19),
    "gray": (128, 128, 128),
    "black": (0, 0, 0),
}

# Share of the bounding box that a shape covers, and its width over its height.
FORMS = {
    "circle": (np.pi / 4, 1),
    "ellipse": (np.pi / 4, 10 / 6),
    "square": (1, 1),
    "rectangle": (1, 10 / 6),
    "triangle": (0.5, 1 / 0.87),
    "diamond": (0.5, 0.7),
    "pentagon": (0.691, 1.05),
    "hexagon": (0.75, 1 / 0.87),
    "star": (0.326, 1.05),
    "cross": (5 / 9, 1),
    "heart": (0.67, 1 / 0.9),
}
SIDES = {"small": (20, 40), "medium": (50, 80), "large": (95, 120), "": (20, 180)}


@pytest.fixture(scope="module")
def dataset():
    return generate(size=1500, seed=0)


# --- reading captions back ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Thing:
    count: int
    size: str
    colour: str
    kind: str


NUMBERS = {"a": 1, "an": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
SYNONYMS = {
    r"\bdisc": "circle",
    r"\boval": "ellipse",
    r"\bfive-pointed star": "star",
    r"\brhombus": "diamond",
    r"\bplus sign(s?)\b": lambda found: "crosses" if found[1] else "cross",
    r"\b(medium|mid)-sized": "medium",
    r"\blittle\b": "small",
    r"\bbig\b": "large",
    r"\btwice\b": "two times",
    r"\ba pair of\b": "a group of two",
}
SIZE, COLOUR, KIND = (f"({'|'.join(words)})" for words in (("small", "medium", "large"), RGB, FORMS))
NUMBER = f"({'|'.join(NUMBERS)})"
THING = re.compile(rf"\b{NUMBER} (?:{SIZE} )?{COLOUR} {KIND}(e?s)?\b")
REWORDED = (
    (rf"^a single {KIND}, {SIZE} and {COLOUR}\b", r"a \2 \3 \1"),
    (rf"^{NUMBER} {KIND}(e?s)\b(.*), (?:all|both) of them {SIZE} and {COLOUR}\b", r"\1 \5 \6 \2\3\4"),
    (rf"^the same {SIZE} {COLOUR} {KIND} drawn {NUMBER} times", r"\4 \1 \2 \3s"),
)
LINES = {
    "row": r"in a row|a row of|in a horizontal line|left to right|side by side|next to each other",
    "column": r"in a column|a column of|in a vertical line|top to bottom|above the other|stacked vertically",
}
SWAPPED = r"\b(is|are) (to the right of|on the right of|below|underneath)|, from (right|bottom)"
OUTER_FIRST = r" contains |^within | in it$"


def read(caption: str, topic: str) -> tuple[tuple[Thing, ...], str]:
    """What a caption says: the things in the order of the layout, and the layout."""
    text = caption.removesuffix(".").lower()
    for pattern, plain in (*SYNONYMS.items(), *REWORDED):
        text = re.sub(pattern, plain, text)
    things = []
    for number, size, colour, kind, plural in THING.findall(text):
        assert bool(plural) == (NUMBERS[number] > 1), caption
        things.append(Thing(NUMBERS[number], size, colour, kind))
    if topic == "single":
        down = "top" if re.search("top|upper", text) else "bottom" if re.search("bottom|lower", text) else ""
        across = "left" if "left" in text else "right" if "right" in text else ""
        assert down or across or re.search(" (center|middle)", text), caption
        return tuple(things), f"{down} {across}"
    if topic in ("count", "three"):
        if " stands between " in text:
            things[:2] = things[1::-1]
            layout = "row" if "on the left" in text else "column"
        elif topic == "three" and (" in the middle " in text or " from " in text):
            layout = "row" if "left" in text else "column"
        else:
            layout = next((name for name, signs in LINES.items() if re.search(signs, text)), "")
        return tuple(things[:: -1 if re.search(SWAPPED, text) else 1]), layout
    if re.search(OUTER_FIRST, text):
        return tuple(reversed(things)), "inside"
    if re.search("inside|surrounded by|enclosed by", text):
        return tuple(things), "inside"
    layout = "left of" if re.search("left|right", text) else "above"
    return tuple(things[:: -1 if re.search(SWAPPED, text) else 1]), layout


# --- measuring pictures ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Region:
    """A connected area of one colour, in pixels of the canvas."""

    left: float
    top: float
    right: float
    bottom: float
    area: float

    @property
    def middle(self) -> tuple[float, float]:
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    @property
    def longer_side(self) -> float:
        return max(self.right - self.left, self.bottom - self.top)


def render(svg: str, side: int) -> np.ndarray:
    """RGB pixels on white."""
    return np.asarray(drawing_of(svg, side).image).astype(int)


def regions(pixels: np.ndarray, colour: str) -> list[Region]:
    """The areas of exactly that colour, joined from the runs of each row, without their blended edges."""
    mask = (pixels[..., 0] == RGB[colour][0]) & (pixels[..., 1] == RGB[colour][1])
    mask &= pixels[..., 2] == RGB[colour][2]
    if not mask.any():
        return []
    steps = np.diff(mask.astype(np.int8), axis=1, prepend=0, append=0)
    runs, parents, above = [], [], []
    for y in range(len(steps)):
        here = []
        for start, end in zip(np.flatnonzero(steps[y] > 0), np.flatnonzero(steps[y] < 0), strict=True):
            number = len(runs)
            here.append(number)
            parents.append(number)
            runs.append((int(start), y, int(end)))
            for other in above:
                if runs[other][0] <= end and start <= runs[other][2]:
                    parents[_root(parents, other)] = number
        above = here
    found: dict[int, list[tuple[int, int, int]]] = {}
    for number, run in enumerate(runs):
        found.setdefault(_root(parents, number), []).append(run)
    return [
        Region(
            min(start for start, _, _ in part) / SCALE,
            part[0][1] / SCALE,
            max(end for _, _, end in part) / SCALE,
            (part[-1][1] + 1) / SCALE,
            sum(end - start for start, _, end in part) / SCALE**2,
        )
        for part in found.values()
        if len(part) > 4  # single blended pixels can have the colour by chance
    ]


def _root(parents: list[int], number: int) -> int:
    while parents[number] != number:
        number = parents[number]
    return number


def assert_has_form(region: Region, kind: str) -> None:
    """Widened by half a pixel of blended edge on each side, the region has the form of that kind."""
    width, height = region.right - region.left + 0.5, region.bottom - region.top + 0.5
    share, ratio = FORMS[kind]
    edge = (width + height) / (width * height) * 0.9
    assert share - edge <= region.area / (width * height) <= share + 0.03, kind
    ratios = (ratio, 1 / ratio) if kind in ("ellipse", "rectangle") else (ratio,)
    assert any(abs(width / height / r - 1) < 0.1 for r in ratios), kind


def assert_layout(groups: list[list[Region]], topic: str, layout: str) -> None:
    if topic == "single":
        (x, y), third = groups[0][0].middle, CANVAS / 3
        down, across = layout.split(" ")
        assert ("left", "", "right")[int(x // third)] == across
        assert ("top", "", "bottom")[int(y // third)] == down
    elif topic == "count" and layout:
        axis = layout == "column"
        middles = sorted((region.middle[axis], region.middle[not axis]) for region in groups[0])
        steps = np.diff([along for along, _ in middles])
        assert np.ptp([across for _, across in middles]) <= 1
        assert np.ptp(steps) <= 1
    elif layout == "inside":
        (inner,), (outer,) = groups
        assert outer.left < inner.left and inner.right < outer.right
        assert outer.top < inner.top and inner.bottom < outer.bottom
    elif layout in ("left of", "row"):
        for first, second in itertools.pairwise(groups):
            assert max(region.right for region in first) < min(region.left for region in second)
    elif layout in ("above", "column"):
        for first, second in itertools.pairwise(groups):
            assert max(region.bottom for region in first) < min(region.top for region in second)
    if layout in ("left of", "above") and topic in ("relation", "two groups"):
        axis = layout == "above"
        assert all(region.middle[axis] < CANVAS / 2 for region in groups[0])
        assert all(region.middle[axis] > CANVAS / 2 for region in groups[1])


# --- the same everywhere -----------------------------------------------------------------------------------


def test_the_same_scenes_come_out_on_every_machine():
    assert generate(size=50, seed=0).fingerprint() == GOLDEN


def test_a_larger_dataset_begins_with_a_smaller_one(dataset):
    assert dataset.samples[:400] == generate(size=400, seed=0).samples


def test_another_seed_gives_other_scenes(dataset):
    other = generate(size=200, seed=1)
    assert not {s.svg for s in other.samples} & {s.svg for s in dataset.samples}
    assert not {s.id for s in other.samples} & {s.id for s in dataset.samples}


@pytest.mark.parametrize("size", [-1, 0, 1_000_001])
def test_a_size_out_of_range_is_the_users_error(size):
    with pytest.raises(UserError, match=r"1 to 1,000,000"):
        generate(size=size)


def test_ids_groups_and_notes(dataset):
    assert dataset.name == "shapes"
    assert dataset.samples[42].id == "shapes-0-00042"
    assert len({s.id for s in dataset.samples}) == 1500
    assert {s.group for s in dataset.samples} == TOPICS
    assert dataset.notes["licence"] == "MIT"
    assert "size 1500, seed 0" in dataset.notes["source"]


# --- captions ----------------------------------------------------------------------------------------------


def test_five_different_references_that_no_other_scene_has(dataset):
    assert all(len(set(s.references)) == 5 for s in dataset.samples)
    assert len({s.references for s in dataset.samples}) == 1500


def test_references_are_sentences_with_the_right_article(dataset):
    for reference in itertools.chain.from_iterable(s.references for s in dataset.samples):
        assert re.fullmatch(r"[A-Z][a-z,: -]+\.", reference), reference
        assert "  " not in reference and " ," not in reference
        assert not re.search(r"\b(a [aeiou]|an [^aeiou])", reference, re.IGNORECASE), reference


def test_all_five_references_say_the_same(dataset):
    for sample in dataset.samples:
        said = {read(reference, sample.group) for reference in sample.references}
        assert len(said) == 1, sample.references


def test_splits_share_no_meaning_whatever_the_seed(dataset):
    homes: dict[tuple[object, ...], set[str]] = {}
    for sample in itertools.chain(dataset.samples, generate(1500, seed=1).samples, generate(1500, seed=2).samples):
        homes.setdefault((sample.group, read(sample.references[0], sample.group)), set()).add(sample.split)
    assert all(len(splits) == 1 for splits in homes.values())
    assert len(homes) < 4400  # some meanings did come up under several seeds


def test_splits_are_of_the_intended_sizes(dataset):
    sizes = {name: len(dataset.split(name).samples) for name in ("train", "validation", "test")}
    assert sizes == {"train": 1035, "validation": 163, "test": 302}  # by chance near 70, 10 and 20 percent
    for name in sizes:
        assert {s.group for s in dataset.split(name).samples} == TOPICS


def test_when_meanings_run_out_a_scene_is_let_stand(monkeypatch):
    circle = Mention("circle", "red", "small")
    scene = Scene("single", (circle,), "center", (Shape("circle", "red", 100, 100, 30, 30),))
    monkeypatch.setattr("benchmark.datasets.shapes.compose", lambda draws: scene)
    assert len(generate(size=3).samples) == 3


class PlainWords(Draws):
    """Always the first synonym."""

    def pick(self, items):
        return items[0]


RED_STAR = Mention("star", "red")
PATTERNS = {
    Scene("single", (Mention("ellipse", "orange", "medium"),), "left", ()): (
        "A medium-sized orange ellipse at the center left.",
        "There is a medium-sized orange ellipse at the center left of the picture.",
        "At the center left sits a medium-sized orange ellipse.",
        "A single ellipse, medium-sized and orange, at the center left.",
        "The picture shows nothing but a medium-sized orange ellipse at the center left.",
    ),
    Scene("count", (Mention("cross", "blue", "small", 4),), "column", ()): (
        "Four small blue crosses in a column.",
        "The picture shows four small blue crosses in a column.",
        "A column of four small blue crosses.",
        "The same small blue cross drawn four times, in a column.",
        "Four crosses in a column, all of them small and blue.",
    ),
    Scene("count", (Mention("heart", "pink", "large", 2),), "row", ()): (
        "Two large pink hearts side by side.",
        "The picture shows two large pink hearts side by side.",
        "A pair of large pink hearts, side by side.",
        "The same large pink heart drawn twice, side by side.",
        "Two hearts side by side, both of them large and pink.",
    ),
    Scene("count", (Mention("circle", "gray", "medium", 3),), "", ()): (
        "Three medium-sized gray circles.",
        "The picture shows three medium-sized gray circles.",
        "A group of three medium-sized gray circles.",
        "The same medium-sized gray circle drawn three times.",
        "Three circles, all of them medium-sized and gray.",
    ),
    Scene("relation", (Mention("star", "red", "small"), Mention("square", "green", "large")), "left of", ()): (
        "A small red star to the left of a large green square.",
        "A large green square is to the right of a small red star.",
        "On the left is a small red star, on the right a large green square.",
        "There is a small red star with a large green square to its right.",
        "Two shapes: a small red star in the left half and a large green square in the right half.",
    ),
    Scene("relation", (RED_STAR, Mention("ellipse", "orange")), "inside", ()): (
        "A red star inside an orange ellipse.",
        "An orange ellipse contains a red star.",
        "Within an orange ellipse there is a red star.",
        "The picture shows an orange ellipse with a red star in it.",
        "A red star surrounded by an orange ellipse.",
    ),
    Scene("two groups", (Mention("hexagon", "black", count=2), RED_STAR), "above", ()): (
        "Two black hexagons above a red star.",
        "A red star is below two black hexagons.",
        "At the top are two black hexagons, at the bottom a red star.",
        "There are two black hexagons with a red star below them.",
        "Three shapes: two black hexagons in the upper half and a red star in the lower half.",
    ),
    Scene("three", (RED_STAR, Mention("cross", "orange"), Mention("diamond", "blue")), "row", ()): (
        "From left to right: a red star, an orange cross and a blue diamond.",
        "A row of three shapes: first a red star, then an orange cross, then a blue diamond.",
        "An orange cross stands between a red star on the left and a blue diamond on the right.",
        "There is a red star on the left, an orange cross in the middle and a blue diamond on the right.",
        "The picture shows, from right to left, a blue diamond, an orange cross and a red star.",
    ),
}


@pytest.mark.parametrize("scene", PATTERNS, ids=lambda scene: f"{scene.topic} {scene.layout}")
def test_the_five_patterns_of_each_topic(scene):
    assert write_captions(scene, PlainWords()) == PATTERNS[scene]


@pytest.mark.parametrize("start", range(0, 200, 50))
def test_captions_are_true_in_the_picture(dataset, start):
    for sample in dataset.samples[start : start + 50]:
        pixels = render(sample.svg, SCALE * CANVAS)
        things, layout = read(sample.references[0], sample.group)
        groups = [regions(pixels, thing.colour) for thing in things]
        for thing, group in zip(things, groups, strict=True):
            assert len(group) == thing.count, sample
            for region in group:
                assert SIDES[thing.size][0] < region.longer_side < SIDES[thing.size][1], sample
                if layout != "inside" or thing is things[0]:  # the outer one has a hole
                    assert_has_form(region, thing.kind)
        assert_layout(groups, sample.group, layout)
        absent = RGB.keys() - {thing.colour for thing in things}
        assert not any(regions(pixels, colour) for colour in absent), sample


def test_shapes_keep_apart_and_within_the_canvas():
    for index in range(5000):
        scene = compose(Draws("apart", index))
        for shape in scene.shapes:
            assert shape.left >= 4 and shape.left + shape.width <= CANVAS - 4
            assert shape.top >= 4 and shape.top + shape.height <= CANVAS - 4
            assert shape.width % 2 == shape.height % 2 == 0
        if scene.layout == "inside":
            continue
        for a, b in itertools.combinations(scene.shapes, 2):
            aside = max(a.left, b.left) - min(a.left + a.width, b.left + b.width)
            below = max(a.top, b.top) - min(a.top + a.height, b.top + b.height)
            assert max(aside, below) >= 6, scene


def test_what_is_inside_touches_no_edge_of_what_is_around_it():
    scenes = (compose(Draws("nested", index)) for index in range(2000))
    for scene in (scene for scene in scenes if scene.layout == "inside"):
        outer, inner = scene.shapes
        alone = Scene(scene.topic, scene.mentions, scene.layout, (outer,))
        hull = render(draw(alone, Idiom("path", "absolute", "attribute", "hex", False, "")), CANVAS)
        box = hull[inner.top : inner.top + inner.height, inner.left : inner.left + inner.width]
        assert (box == RGB[outer.colour]).all(), scene


# --- drawings ----------------------------------------------------------------------------------------------

NUMERIC = {"x", "y", "width", "height", "cx", "cy", "r", "rx", "ry", "points", "d", "viewBox"}
FILL = r"([a-z]+|#[0-9a-f]{6}|rgb\(\d+,\d+,\d+\))"
TAGS = {"svg", "style", "rect", "circle", "ellipse", "polygon", "path", "g", "defs", "use"}


def test_nothing_in_a_drawing_gives_the_answer_away(dataset):
    for sample in dataset.samples[:500]:
        assert "<!--" not in sample.svg
        for element in ET.fromstring(sample.svg).iter():
            tag = element.tag.removeprefix("{http://www.w3.org/2000/svg}")
            assert tag in TAGS
            content = (element.text or "").strip()
            assert re.fullmatch(rf"(\.s\d\{{fill:{FILL}\}})+" if tag == "style" else "", content), sample.svg
            for name, value in element.attrib.items():
                pattern = {
                    "fill": FILL,
                    "style": f"fill:{FILL}",
                    "class": r"s\d",
                    "id": "[a-f]",
                    "href": "#[a-f]",
                    "transform": r"translate\(\d+ \d+\)",
                }.get(name, r"[\d ,MLCZahv-]+" if name in NUMERIC else "never")
                assert re.fullmatch(pattern, value), sample.svg


def test_numbers_are_whole(dataset):
    assert not any(re.search(r"\d\.\d", s.svg) for s in dataset.samples)


def test_every_idiom_and_kind_occurs_in_300_scenes(dataset):
    signs = (
        *("<rect x=", "<circle", "<ellipse", "<polygon", "<path"),
        *("translate(", "<use "),
        *(' fill="', ' style="fill:', ' class="s0"'),
        *("#ff0000", "rgb(255,0,0)", "saddlebrown"),
        *('"http://www.w3.org/2000/svg" viewBox', 'width="256" height="256" viewBox'),
        *(f'<rect width="256" height="256" fill="{name}"' for name in BACKGROUNDS if name),
    )
    drawings = "\n".join(s.svg for s in dataset.samples[:300])
    assert [sign for sign in signs if sign not in drawings] == []
    captions = "\n".join(reference for s in dataset.samples[:300] for reference in s.references)
    assert [word for word in (*KINDS, *RGB) if word not in captions] == []


def test_resvg_and_cairosvg_paint_the_same(dataset):
    for sample in dataset.samples[:80]:
        first, second = (drawing_of(sample.svg, CANVAS, backend=name).image for name in ("resvg", "cairosvg"))
        assert np.abs(np.subtract(first, second, dtype=float)).mean() < 0.5, sample.svg


@pytest.mark.parametrize("index", range(4))
def test_all_idioms_paint_the_same(index):
    scene = compose(Draws("idioms", index))
    pictures = [
        render(draw(scene, Idiom(*choices, sized=False, background="ivory")), CANVAS)
        for choices in itertools.product(ELEMENTS, PLACEMENTS, STYLINGS, NOTATIONS)
    ]
    assert max(np.abs(picture - pictures[0]).mean() for picture in pictures) < 0.1


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_its_form_and_is_symmetric(kind):
    scene = Scene("single", (Mention(kind, "red"),), "center", (Shape(kind, "red", 60, 60, 100, 100),))
    for element in ELEMENTS:
        pixels = render(draw(scene, Idiom(element, "use", "class", "rgb", True, "")), SCALE * CANVAS)
        (region,) = regions(pixels, "red")
        assert (region.left, region.top, region.right, region.bottom) == pytest.approx((60, 60, 160, 160), abs=5)
        assert region.area / 100**2 == pytest.approx(FORMS[kind][0], abs=0.02)
        box = pixels[60 * SCALE : 160 * SCALE, 60 * SCALE : 160 * SCALE]
        assert np.abs(box - box[:, ::-1]).mean() < 0.5
