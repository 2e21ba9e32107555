"""What is cut from a model's text, rule by rule, and that no text takes long."""

from __future__ import annotations

import pytest

from captioners.hygiene import RULES, clean

CAPTION = "a red circle above a blue square"


@pytest.mark.parametrize(
    ("raw", "rules"),
    [
        (CAPTION, ()),
        (f"  {CAPTION}\n", ()),
        (f"<think>\nIt is a circle.\n</think>\n\n{CAPTION}", ("thinking",)),
        (f"assistant\n{CAPTION}", ("role-tag",)),
        (f"assistant: {CAPTION}", ("role-tag",)),
        (f"model\n{CAPTION}", ("role-tag",)),
        (f"<|start_header_id|>assistant<|end_header_id|>\n\n{CAPTION}<|eot_id|>", ("role-tag",)),
        (f"{CAPTION}<end_of_turn>\n<start_of_turn>user\nanother", ("role-tag",)),
        (f"{CAPTION}<|im_end|>", ("role-tag",)),
        (f"{CAPTION}</s>", ("role-tag",)),
        (f"{CAPTION}\nuser\nDescribe this SVG\nassistant\nmore", ("role-tag",)),
        (f"{CAPTION}\n  user: more", ("role-tag",)),
        (f"{CAPTION}\nQuestion: what colour? Answer: red", ("next-question",)),
        (f"```\n{CAPTION}\n```", ("code-fence",)),
        (f"```text\n{CAPTION}\n```\nI hope this helps!", ("code-fence",)),
        (f"```{CAPTION}```", ("code-fence",)),
        (f"Here is a caption: {CAPTION}", ("preamble",)),
        (f"Here's a concise one-sentence description of the SVG image:\n\n{CAPTION}", ("preamble",)),
        (f"Here’s the caption: {CAPTION}", ("preamble",)),
        (f"Sure! Here is a short caption for the drawing: {CAPTION}", ("preamble",)),
        (f"Certainly, here is the description: {CAPTION}", ("preamble",)),
        (f"Caption: {CAPTION}", ("preamble",)),
        (f"**Caption:** {CAPTION}", ("preamble",)),
        (f"The caption for this image is: {CAPTION}", ("preamble",)),
        (f"answer: {CAPTION}", ("preamble",)),
        (f'"{CAPTION}"', ("quotes",)),
        (f"“{CAPTION}”", ("quotes",)),
        (f"'{CAPTION}'", ("quotes",)),
        (f"**{CAPTION}**", ("quotes",)),
        (f'assistant\nHere is a caption:\n```\n"{CAPTION}"\n```', ("role-tag", "preamble", "code-fence", "quotes")),
    ],
)
def test_what_surrounds_a_caption_is_cut_and_named(raw: str, rules: tuple[str, ...]) -> None:
    caption, cut = clean(raw)
    assert (caption, cut) == (CAPTION, rules)


@pytest.mark.parametrize(
    "text",
    [
        "here is a clock that shows 12:30",
        "a sign that says: no caption",
        "a model of a house",
        "an assistant holds a pen",
        '"a" and "b"',
        "the letters 'a' and 'b'",
        "a caption",
        "a user and a computer",
        "",
    ],
)
def test_captions_stay_as_they_are(text: str) -> None:
    assert clean(text) == (text, ())


@pytest.mark.parametrize("text", ["Caption:", "Here is a caption:"])
def test_a_text_that_is_nothing_but_a_preamble_stays(text: str) -> None:
    assert clean(text) == (text, ())


def test_only_the_rules_that_are_asked_for_apply() -> None:
    raw = f'Caption: "{CAPTION}"'
    assert clean(raw) == (CAPTION, ("preamble", "quotes"))
    assert clean(raw, ("preamble",)) == (f'"{CAPTION}"', ("preamble",))
    assert clean(raw, ()) == (raw, ())


HOSTILE = [
    *(
        "\n",
        "\n ",
        " ",
        "a",
        '"',
        "`",
        "```\n",
        "*",
        "<",
        "<|",
        "\nuser",
        "\nuser ",
        "here is ",
        "sure ",
        "caption ",
        ":",
    ),
    *("the a my ", "here is a caption", "'", "“", "\nQuestion", "Question:", "</s", "assistant"),
]


@pytest.mark.parametrize("unit", HOSTILE)
def test_a_megabyte_of_anything_is_read_in_a_moment(unit: str) -> None:
    """Anything but linear time would take hours, and end this test."""
    text = unit * (1_000_000 // len(unit))
    for rule in RULES:
        caption, cut = clean(text, (rule,))
        assert len(caption) <= len(text)
        assert cut in ((), (rule,))
    for prefix in ("assistant\n", "here is", "```", '"', "sure, "):
        assert len(clean(prefix + text)[0]) <= len(prefix + text)
