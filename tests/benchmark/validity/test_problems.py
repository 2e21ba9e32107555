from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmark.datasets.registry import DATASETS
from benchmark.metrics import validity

KITTEN = [["a black cat on the mat"]]


def found(*captions: str, references: list[list[str]] | None = None, **more: str) -> list[tuple[str, ...]]:
    no = [False] * len(captions)
    return validity.problems(captions, references or KITTEN * len(captions), failed=no, cut=no, **more)


def test_a_sound_caption_has_no_problem() -> None:
    assert found("a cat", "The image depicts a cat.") == [(), ()]


def test_one_caption_may_have_several_problems_in_the_order_of_kinds() -> None:
    caption = "448,221,448,226 L448,262 C448,267,452,271,457,271 and fill:0,0,0; and the"
    assert found(caption) == [("svg code", "path data", "colour code", "cut at end")]


def test_what_is_no_caption_is_not_looked_at_further() -> None:
    assert found("", "[GENERATION_FAILED]", "Error: the the the, of the") == [
        ("empty",),
        ("error text",),
        ("error text",),
    ]


def test_a_failed_caption_is_failed_and_nothing_else() -> None:
    assert validity.problems(["", "x,"], KITTEN * 2, failed=[True, True], cut=[False] * 2) == [("failed",)] * 2


def test_a_token_limit_that_the_captioner_tells_is_a_cut() -> None:
    assert validity.problems(["a cat", "a cat."], KITTEN * 2, failed=[False] * 2, cut=[True, False]) == [
        ("cut at end",),
        (),
    ]


def test_a_known_prompt_is_found_where_no_mark_of_a_chat_is() -> None:
    caption = "A technical writer provides a precise description of an SVG scene"
    assert found(caption) == [()]
    assert found(caption, prompt="Act as one who provides a precise description of an SVG") == [("prompt echo",)]


def test_failures_do_not_count_as_one_text_for_many() -> None:
    assert set(found(*["[GENERATION_FAILED]"] * 9)) == {("error text",)}
    assert set(found(*["a dog"] * 9)) == {("one text for many",)}


def test_counts_are_ordered_and_one_text_for_many_is_no_invalid_caption() -> None:
    some = [("empty",), ("svg code", "cut at end"), ("one text for many",), (), ("cut at end", "one text for many")]
    assert list(validity.counts(some).items()) == [
        ("empty", 1),
        ("svg code", 1),
        ("cut at end", 2),
        ("one text for many", 2),
    ]
    assert validity.invalid(some) == 3


def test_captions_of_openmoji_have_no_problems() -> None:
    samples = DATASETS["openmoji"]().samples
    captions = [(reference, list(s.references)) for s in samples for reference in s.references]
    assert validity.counts(found(*(c for c, _ in captions), references=[r for _, r in captions])) == {}


def test_of_five_thousand_human_captions_one_is_flagged_and_rightly(shared: Path) -> None:
    images = json.loads((shared / "flickr8k_subset.json").read_text())["captions"].values()
    flagged = []
    for i in range(5):
        captions = [texts[i] for texts in images]
        kinds = found(*captions, references=[texts[:i] + texts[i + 1 :] for texts in images])
        flagged += [(caption, kind) for caption, kind in zip(captions, kinds, strict=True) if kind]
    assert flagged == [("Airborne skateboarder in front of a crowd ,", ("cut at end",))]


def test_damaged_captions_of_the_field_are_found(shared: Path) -> None:
    samples = [json.loads(line) for line in (shared / "thesis_captions.jsonl").read_text().splitlines()]

    def counts(model: str) -> dict[str, int]:
        said = [(s["captions"][model], [s["reference"]]) for s in samples if s["reference"] and model in s["captions"]]
        return validity.counts(found(*(c for c, _ in said), references=[r for _, r in said]))

    assert counts("Qwen2-7B-Instruct") == {"error text": 39}
    assert counts("SPE+Qwen2 checkpoint-3500") == {"empty": 6, "cut in front": 21, "cut at end": 1}
    assert counts("google/gemma-2-9b-it checkpoint-19500") == {"cut at end": 41, "other language": 50}
    assert counts("Florence-2") == counts("BLIP-2") == {}


@pytest.mark.parametrize("unit", ["a", "<", "1,2 ", "user\n", "abc. ", "</s>", "M1 2 ", " ", '"', "describe the "])
def test_a_hostile_caption_is_judged(unit: str) -> None:
    """Long enough to hang a check that is not linear; how long a megabyte takes is measured in tests/performance."""
    (kinds,) = found(unit * (100_000 // len(unit)))
    assert kinds or unit == "</s>"
