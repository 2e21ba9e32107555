"""Samples become the prompts of captioning with their whole captions, or are left out by name."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from transformers import PreTrainedTokenizerFast

from benchmark.datasets.shapes import generate
from benchmark.samples import Sample
from captioners import CaptionerError, Drawing, ModelOptions, prompts, svg_text
from captioners.language.captioner import MAX_NEW_TOKENS
from captioners.registry import captioner
from captioners.training.config import load
from captioners.training.data import examples
from renderers import prepare
from renderers.limits import Limits
from tests.captioners.language import tiny_models
from tests.captioners.language.tiny_tokenizers import gemma_tokenizer, llama_tokenizer

SCENES = generate(size=12, seed=3).samples
CONFIG = load("test3")


@pytest.fixture(scope="module")
def tokenizer() -> PreTrainedTokenizerFast:
    return llama_tokenizer()


@pytest.mark.parametrize("make", [llama_tokenizer, gemma_tokenizer])
def test_an_example_is_the_prompt_of_captioning_and_the_whole_caption(make: type) -> None:
    tokenizer = make()
    prepared = examples(SCENES, tokenizer, CONFIG)
    assert [example.id for example in prepared.examples] == [scene.id for scene in SCENES]
    assert not prepared.left_out
    assert not prepared.shortened
    for scene, example in zip(SCENES, prepared.examples, strict=True):
        text = svg_text.simplify(prepare(scene.svg).svg).text
        assert list(example.tokens[: example.prompt]) == prompts.prompt(tokenizer, text)
        *caption, end = example.tokens[example.prompt :]
        assert tokenizer.decode(caption) == scene.references[0]
        assert end == prompts.end_of_turn(tokenizer)


def test_a_long_drawing_loses_the_elements_that_it_loses_in_captioning(tmp_path: Path) -> None:
    folder = tiny_models.llama(tmp_path / "m")
    long = max(SCENES, key=lambda scene: len(scene.svg))
    whole = examples([long], llama_tokenizer(), CONFIG).examples[0].prompt
    context = whole + MAX_NEW_TOKENS - 40
    prepared = examples([long], llama_tokenizer(), load("test3", [f"model.context={context}"]))
    (example,) = prepared.examples
    assert prepared.shortened == {long.id: example.dropped}
    assert example.dropped > 0
    asked = captioner(f"hf:{folder}", ModelOptions(context=context, device="cpu"))
    asked.fit([])
    details = asked.caption([Drawing("x", svg=long.svg)])[0].details or {}
    assert (details["prompt_tokens"], details["dropped"]) == (example.prompt, example.dropped)


@pytest.mark.parametrize("context", [200, 280, 900])
def test_a_caption_is_never_cut(tokenizer: PreTrainedTokenizerFast, context: int) -> None:
    caption = "a red square beside a black cat " * 8
    samples = [replace(scene, references=(caption,)) for scene in SCENES]
    prepared = examples(samples, tokenizer, load("test3", [f"model.context={context}"]))
    assert {e.id for e in prepared.examples} | set(prepared.left_out) == {s.id for s in samples}
    assert (bool(prepared.examples), bool(prepared.shortened)) == (context > 200, context == 280)
    for example in prepared.examples:
        assert len(example.tokens) <= context
        assert tokenizer.decode(example.tokens[example.prompt : -1]) == caption.strip()


def test_what_cannot_be_learnt_from_is_left_out_by_name(tokenizer: PreTrainedTokenizerFast) -> None:
    good = SCENES[0]
    cut = replace(good, id="cut", svg=good.svg[: len(good.svg) // 2])
    samples = [
        replace(good, id="none", references=()),
        replace(good, id="blank", references=(" ",)),
        replace(good, id="text", svg="no drawing"),
        cut,
        replace(good, id="long", references=("a cat " * 2000,)),
        good,
    ]
    prepared = examples(samples, tokenizer, load("test3", ["model.context=2000"]))
    assert [example.id for example in prepared.examples] == [good.id]
    assert list(prepared.left_out) == ["none", "blank", "text", "cut", "long"]
    reasons = dict(zip(prepared.left_out, ["no caption", "blank", "no <svg>", "end", "does not fit"], strict=True))
    for id, part in reasons.items():
        assert part in prepared.left_out[id]
    assert "at most" in examples([good], tokenizer, CONFIG, limits=Limits(elements=1)).left_out[good.id]


def test_repairs_are_counted_and_can_be_switched_off(tokenizer: PreTrainedTokenizerFast) -> None:
    bare = Sample("bare", '<svg viewBox="0 0 9 9"><rect width="9" height="9" fill="210,0,0"/></svg>', ("a red square",))
    assert sum(examples([bare, bare], tokenizer, CONFIG).repairs.values()) >= 2
    assert not examples([bare], tokenizer, CONFIG, repair=False).repairs


def test_each_reference_is_an_example_where_that_is_asked_for(tokenizer: PreTrainedTokenizerFast) -> None:
    several, one = SCENES[0], replace(SCENES[1], references=("a cat",))
    prepared = examples([several, one], tokenizer, CONFIG, all_references=True)
    ids = [f"{several.id}#{place}" for place in range(1, len(several.references) + 1)]
    assert [example.id for example in prepared.examples] == [*ids, one.id]
    captions = [tokenizer.decode(example.tokens[example.prompt : -1]) for example in prepared.examples]
    assert captions == [*several.references, "a cat"]
    assert len({example.tokens[: example.prompt] for example in prepared.examples}) == 2
    blank = examples([replace(several, references=("a", " "))], tokenizer, CONFIG, all_references=True)
    assert blank.left_out == {f"{several.id}#2": "its caption is blank"}
    assert [example.id for example in blank.examples] == [f"{several.id}#1"]


def test_the_number_of_processes_changes_nothing(tokenizer: PreTrainedTokenizerFast) -> None:
    done: list[int] = []
    alone = examples(SCENES, tokenizer, CONFIG, workers=1)
    together = examples(SCENES, tokenizer, CONFIG, workers=2, advance=done.append)
    assert together == alone
    assert sum(done) == len(SCENES)


def test_a_window_is_a_context(tokenizer: PreTrainedTokenizerFast) -> None:
    narrow = load("test3", ["model.context=300"])
    assert examples(SCENES, tokenizer, CONFIG, window=300) == examples(SCENES, tokenizer, narrow)


def test_a_context_without_room_is_an_error(tokenizer: PreTrainedTokenizerFast) -> None:
    with pytest.raises(CaptionerError, match="no room for a drawing"):
        examples(SCENES, tokenizer, load("test3", [f"model.context={MAX_NEW_TOKENS}"]))


def test_a_template_that_cannot_be_learnt_from_is_an_error_and_no_list_of_samples() -> None:
    endless = llama_tokenizer("{{ messages[0]['content'] }}{% if not add_generation_prompt %}a{% endif %}")
    with pytest.raises(CaptionerError, match="no control token"):
        examples(SCENES, endless, CONFIG)
