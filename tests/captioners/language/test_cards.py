from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from captioners import CaptionerError
from captioners.language import cards
from captioners.language.cards import AdapterCard

CARD = AdapterCard("meta-llama/x", "c0ffee", "aa" * 32, "0123", "nf4", "bfloat16", {"version": 1, "size": 512})


def test_a_card_is_read_as_it_was_written(tmp_path: Path) -> None:
    assert cards.read(tmp_path) is None
    (tmp_path / "adapter_card.json").write_text(CARD.text())
    assert cards.read(tmp_path) == CARD


@pytest.mark.parametrize(
    "text", ["{}", "[]", "{", CARD.text().replace('"nf4"', "4"), CARD.text().replace("svg_text", "s")]
)
def test_a_damaged_card_is_said(tmp_path: Path, text: str) -> None:
    (tmp_path / "adapter_card.json").write_text(text)
    with pytest.raises(CaptionerError, match=r"adapter_card\.json is damaged"):
        cards.read(tmp_path)


def test_differences_are_spelled_out() -> None:
    assert CARD.differences(CARD) == []
    assert CARD.differences(replace(CARD, dtype="float32")) == []
    here = replace(CARD, weights="bb" * 32, prompt_hash="4567", quantization="none", svg_text={"version": 2})
    assert CARD.differences(here) == [
        "base: trained on meta-llama/x@c0ffee (weights aaaaaaaaaaaa), here meta-llama/x@c0ffee (weights bbbbbbbbbbbb)",
        "prompt: trained with 0123, here 4567",
        'SVG text: trained with {"size": 512, "version": 1}, here {"version": 2}',
        "quantization: trained with nf4, here none",
    ]


def test_weights_say_what_the_base_is_where_both_are_known() -> None:
    assert CARD.differences(replace(CARD, base="a copy", revision="")) == []
    assert CARD.differences(replace(CARD, weights="")) == []
    assert CARD.differences(replace(CARD, weights="", revision="decaf")) == [
        "base: trained on meta-llama/x@c0ffee (weights aaaaaaaaaaaa), here meta-llama/x@decaf"
    ]
