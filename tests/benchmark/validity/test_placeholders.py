from __future__ import annotations

import pytest

from benchmark.metrics.validity.placeholders import empty, error_text, refusal


@pytest.mark.parametrize("caption", ["", " \n\t", "…", "-------", " . ", "\u200b\ufeff", "\x00", "**"])
def test_what_holds_nothing_to_read_is_empty(caption: str) -> None:
    assert empty(caption)


@pytest.mark.parametrize("caption", ["a", "7", "❤", "图", "…a…", "صورة"])
def test_a_letter_a_digit_or_a_pictograph_is_not_empty(caption: str) -> None:
    assert not empty(caption)


@pytest.mark.parametrize(
    "caption",
    [
        "[GENERATION_FAILED]",
        "<NO CAPTION>",
        "MODEL_ERROR",
        "N/A",
        "None.",
        "nan",
        "caption not available",
        "Caption is not available.",
        "No description available",
        "The caption could not be generated.",
        "Generation failed",
        "Failed to generate caption for wd_1.svg",
        "Error: cublasLt ran into an error!\n\tshapeA=torch.Size([3584, 3584])",
        "RuntimeError: CUDA error: device-side assert triggered",
        "torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 2 GiB",
        "ERROR: 500",
        "Error 404: not found",
        "Traceback (most recent call last):\n  File …",
    ],
)
def test_error_messages_and_placeholders_are_found(caption: str) -> None:
    assert error_text(caption)


@pytest.mark.parametrize(
    "caption",
    [
        'a window that says "error"',
        "an exclamation mark for an error",
        "error sign",
        "a sign that says N/A",
        "no entry",
        "no smoking",
        "OK button",
        "USB",
        "CD_ROM",
        "[A] button",
        "none of the circles touch",
        "a caption below a picture",
        "memory card",
        "a failed exam",
        "undefined shapes on white",
    ],
)
def test_drawings_of_errors_are_captions(caption: str) -> None:
    assert not error_text(caption)


@pytest.mark.parametrize(
    "caption",
    [
        "I'm sorry, but I can't describe this image.",
        "I’m sorry, I cannot see any SVG.",
        "As an AI language model, I cannot view images.",
        "Please provide the SVG code you would like me to describe.",
        "I am unable to render the drawing",
    ],
)
def test_refusals_are_found(caption: str) -> None:
    assert refusal(caption)


@pytest.mark.parametrize(
    "caption", ["a card that says I'm sorry", "sorry face", "I love you gesture", "a person who can't walk", "I beam"]
)
def test_an_apology_in_a_drawing_is_no_refusal(caption: str) -> None:
    assert not refusal(caption)
