from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmark.datasets.checks import check_references, references
from benchmark.errors import UserError


def test_references_without_a_word_are_named() -> None:
    assert references.blank({"a": ["…", "a cat"], "b": ["7"], "c": [" - "]}) == ["a", "c"]


@pytest.mark.parametrize(
    "text",
    [
        "The image depicts the image contains a simple mathematical expression",
        "The image depicts the image depicts a cat",
        "a drawing of a drawing of a cat",
        "A picture shows the picture is black.",
        "it can be seen it can be seen that",
    ],
)
def test_doubled_beginnings_are_found(text: str) -> None:
    assert references.doubled_beginnings({"a": [text]}) == ["a"]


@pytest.mark.parametrize(
    "text",
    [
        "a picture of a picture frame",
        "a photo of a drawing of a cat",
        "The image depicts the number 390 is written on a white color object.",
        "The image depicts a cat. The image is black.",
        "a cat and a cat",
        "New York New York",
    ],
)
def test_what_only_looks_doubled_is_not(text: str) -> None:
    assert references.doubled_beginnings({"a": [text]}) == []


def test_a_reference_that_is_there_twice_is_found_whatever_its_case_and_punctuation() -> None:
    assert references.duplicates({"a": ["A cat.", "a cat"], "b": ["a cat", "a dog"]}) == ["a"]


def test_a_short_text_stands_for_many_from_five_samples_on_a_long_one_from_two() -> None:
    long = "a black cat that sits on a red mat and sleeps"
    texts = {str(n): ["a cat", "a cat"] if n < 5 else ["a dog"] for n in range(9)} | {"x": [long], "y": [f"{long}."]}
    assert references.shared(texts) == {"a cat": 5, long: 2}


def test_what_a_model_left_instead_of_a_reference_is_found() -> None:
    texts = {"a": ["[GENERATION_FAILED]"], "b": ["Describe this SVG"], "c": ["a cat"], "d": ["I'm sorry, but I can't."]}
    assert references.no_descriptions(texts) == ["a", "b", "d"]


def test_sound_references_say_nothing() -> None:
    assert check_references({"a": ["a cat", "a sitting cat"], "b": ["a dog"]}) == []
    assert check_references({}) == []


def test_a_finding_counts_and_shows_the_first_three() -> None:
    (finding,) = check_references({str(n): [f"{n} cats", "-"] for n in range(4)} | {"x": ["a cat"]})[:1]
    assert str(finding) == "4 of 9 references are empty or only punctuation: 0, 1, 2, …"


def test_references_without_any_word_are_an_error() -> None:
    with pytest.raises(UserError, match="not one of the references holds a word"):
        check_references({"a": ["…"], "b": ["-"]})


def test_references_of_the_field(shared: Path) -> None:
    lines = map(json.loads, (shared / "thesis_captions.jsonl").read_text().splitlines())
    texts = {line["id"]: [line["reference"]] for line in lines if line["reference"]}
    assert [(f.what, f.count) for f in check_references(texts)] == [
        ("references begin twice", 17),
        ("references lack their end", 15),
        ("references stand for several samples", 5),
    ]
    flickr = json.loads((shared / "flickr8k_subset.json").read_text())["captions"]
    assert [f.what for f in check_references({id: texts[1:] for id, texts in flickr.items()})] == [
        "samples have a reference twice"
    ]
