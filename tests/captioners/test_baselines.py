from __future__ import annotations

import random

import numpy as np
import pytest
from PIL import Image, ImageDraw
from pycocoevalcap.cider.cider import Cider

from captioners import CAPTIONERS, CaptionerError, Drawing
from captioners.baselines.consensus import ConsensusScorer
from captioners.baselines.constant import Constant
from captioners.baselines.human import Human
from captioners.baselines.nearest_neighbour import NearestNeighbour, image_features
from captioners.baselines.svg_metadata import metadata_caption

WORDS = ["red", "blue", "star", "circle", "square", "above", "a", "the", "two", "small"]


def training(count: int, seed: int) -> list[tuple[str, ...]]:
    draw = random.Random(seed)
    return [
        tuple(" ".join(draw.choices(WORDS, k=draw.randint(1, 7))) for _ in range(draw.randint(1, 3)))
        for _ in range(count)
    ]


def official_cider(hypothesis: str, samples: list[tuple[str, ...]]) -> float:
    references = {i: list(captions) for i, captions in enumerate(samples)}
    return float(Cider().compute_score(references, {i: [hypothesis] for i in references})[0])


def test_consensus_scores_equal_the_cider_of_the_reference_implementation() -> None:
    samples = training(25, seed=3)
    candidates = [caption for captions in samples[:8] for caption in captions] + ["an unseen word"]
    expected = [official_cider(candidate, samples) for candidate in candidates]
    assert ConsensusScorer(samples).mean_scores(candidates) == pytest.approx(expected, abs=1e-9)


def test_constant_is_the_training_caption_with_the_highest_cider() -> None:
    samples = training(25, seed=4)
    constant = Constant()
    constant.fit(Drawing(str(i), captions=captions) for i, captions in enumerate(samples))
    (first, second) = constant.caption([Drawing("x"), Drawing("y")])
    assert first == second
    best = max(official_cider(caption, samples) for captions in samples for caption in captions)
    assert official_cider(first.caption, samples) == pytest.approx(best, abs=1e-9)


def test_learners_without_training_drawings_say_so() -> None:
    with pytest.raises(CaptionerError, match="no training captions"):
        Constant().fit([])
    with pytest.raises(CaptionerError, match="no training drawing that could be rendered"):
        NearestNeighbour().fit([Drawing("a", captions=("x",))])


def picture(shape: str, colour: str, at: int = 20) -> Image.Image:
    image = Image.new("RGB", (64, 64), "white")
    draw = ImageDraw.Draw(image)
    box = (at, at, at + 24, at + 24)
    if shape == "circle":
        draw.ellipse(box, fill=colour)
    else:
        draw.rectangle(box, fill=colour)
    return image


def test_the_nearest_neighbour_of_a_training_drawing_is_itself() -> None:
    pictures = [picture(shape, colour) for shape in ("circle", "square") for colour in ("red", "blue", "green")]
    features = np.stack([image_features(np.asarray(image)) for image in pictures])
    assert np.linalg.norm(features, axis=1) == pytest.approx(1)
    assert (features @ features.T).argmax(axis=1).tolist() == list(range(6))


def test_nearest_neighbour_answers_with_the_consensus_of_the_most_similar() -> None:
    captioner = NearestNeighbour()
    captioner.fit(
        [
            Drawing("1", image=picture("circle", "red"), captions=("a red circle", "a ruby")),
            Drawing("2", image=picture("circle", "red", at=21), captions=("one red circle", "a red circle")),
            Drawing("3", image=picture("circle", "red", at=19), captions=("the red circle", "a red circle")),
            Drawing("4", image=picture("square", "blue"), captions=("a blue square", "a blue square")),
            Drawing("5", image=picture("square", "blue", at=2), captions=("a blue square",)),
        ]
    )
    (answer,) = captioner.caption([Drawing("x", image=picture("circle", "red", at=20))])
    assert answer.caption == "a red circle"


def test_a_blank_picture_has_features_and_gets_a_caption() -> None:
    features = image_features(np.full((64, 64, 3), 255, dtype=np.uint8))
    assert np.isfinite(features).all()


def test_human_holds_out_its_last_reference() -> None:
    (answer,) = Human().caption([Drawing("a", captions=("one", "two", "three"))])
    assert (answer.caption, answer.held_out) == ("three", 2)
    with pytest.raises(CaptionerError, match="'b' has one reference"):
        Human().caption([Drawing("b", captions=("one",))])


@pytest.mark.parametrize(
    ("svg", "caption"),
    [
        ('<svg aria-label="label"><desc>d</desc><title> A  red\n car </title><g id="wheel"/></svg>', "A red car"),
        ('<svg aria-label="label"><desc>described</desc><title> </title></svg>', "described"),
        ('<svg><g aria-label="a label" id="wheel"/></svg>', "a label"),
        ('<svg id="svg1"><g id="layer1"/><g id="redCar_front-2"/><path id="path-14"/></svg>', "red car front"),
        ('<svg xmlns="http://www.w3.org/2000/svg"><title>name<tspan>spaced</tspan></title></svg>', "namespaced"),
        ('<svg id="emoji"><g id="color"/><g id="line"/></svg>', ""),
        ("not an svg", ""),
        ("", ""),
        ('<!DOCTYPE svg [<!ENTITY a "x">]><svg><title>&a;</title></svg>', ""),
        ('<?xml version="1.0" encoding="UTF-16"?><svg><title>café</title></svg>', "café"),
        ('<?xml version="1.0" encoding="ISO-8859-1"?><svg><title>café</title></svg>', "café"),
    ],
)  # fmt: skip
def test_metadata_is_title_then_desc_then_label_then_ids(svg: str, caption: str) -> None:
    assert metadata_caption(svg) == caption


@pytest.mark.parametrize("name", CAPTIONERS.names())
def test_every_captioner_keeps_the_protocol(name: str) -> None:
    captioner = CAPTIONERS[name]()
    assert captioner.name == name
    assert captioner.summary
    assert captioner.reads in ("svg", "image", "references")
    assert captioner.reads != "image" or captioner.image_size > 0
    if captioner.availability():  # weights that are not here have no hash
        assert captioner.fingerprint() == CAPTIONERS[name]().fingerprint()
