from __future__ import annotations

import pytest

from benchmark.metrics.validity.echo import KnownPrompt, prompt_echo


@pytest.mark.parametrize(
    "caption",
    [
        "user\n\nDescribe this SVG\n\nassistant\n\nThe image depicts a cat.",
        "system\nCutting Knowledge Date: December 2023\nuser\nassistant\nA cat.",
        "user Describe this SVG drawing in one sentence. assistant The image depicts a cat.",
        "…</svg>assistant\n\nThe image depicts a cat.",
        "Assistant: a cat",
        "Describe this SVG",
        "Please describe the following image in detail.",
        "Write a caption for the drawing: a cat",
        "What does this image show?",
        "You are a helpful assistant. A cat.",
        "A graph of x.\n\nYou are a user researcher and have conducted a study",
        "a cat <|eot_id|>",
        "<start_of_turn>model\na cat",
        "[INST] a cat [/INST]",
        "### Response:\na cat",
        "Caption: a cat",
        "**Description:** a cat",
    ],
)
def test_parts_of_a_chat_or_an_instruction_are_found(caption: str) -> None:
    assert prompt_echo(caption)


@pytest.mark.parametrize(
    "caption",
    [
        "user",
        "a user with a key",
        "user icon next to an assistant icon",
        "fashion model\n",
        "assistant referee with a flag",
        "human figure in a circle",
        "system administrator at a desk",
        "The SVG describes a star",
        "The SVG code describes intricate geometric shapes with precise dimensions.",
        "a sign that says what is this",
        "a caption below a picture",
        "write",
        "a man writing a letter",
        "model train",
        "The image is a diagram. The model: a house",
    ],
)
def test_drawings_of_users_and_models_are_no_echo(caption: str) -> None:
    assert not prompt_echo(caption)


PROMPT = "Look at the code of the drawing below and say in one plain sentence what one sees."


def test_six_words_of_a_known_prompt_are_an_echo_whatever_case_and_punctuation() -> None:
    known = KnownPrompt(PROMPT)
    assert known.is_echoed("A cat. SAY IN ONE, PLAIN sentence: what one sees")
    assert known.is_echoed(PROMPT)
    assert not known.is_echoed("Look at the code of a cat below the drawing")
    assert not known.is_echoed("")


def test_a_short_prompt_must_be_repeated_whole_and_two_words_are_none() -> None:
    assert KnownPrompt("Caption this drawing.").is_echoed("caption this drawing a cat")
    assert not KnownPrompt("Caption this drawing.").is_echoed("this drawing of a cat")
    assert not KnownPrompt("a picture").is_echoed("a picture of a cat")
    assert not KnownPrompt("").is_echoed("a cat")
