"""A rendering on which nothing can be seen says why; one that shows a single colour need not be blank."""

from __future__ import annotations

import pytest

from renderers import render


def drawn(body: str, background: str = "white") -> str:
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10">{body}</svg>'
    return render(svg, width=20, background=background).blank


@pytest.mark.parametrize(
    "body", ["", '<rect x="50" width="9" height="9"/>', '<rect width="10" height="10" fill="none"/>']
)
def test_an_untouched_canvas_is_blank(body: str) -> None:
    assert drawn(body) == "nothing drawn"


@pytest.mark.parametrize(
    "body",
    [
        '<circle cx="5" cy="5" r="4" fill="white"/>',
        '<circle cx="5" cy="5" r="4" fill="white" opacity="0.3"/>',
        '<rect width="10" height="10" fill="white"/>',
    ],
)
def test_white_on_white_is_blank_and_names_the_background(body: str) -> None:
    assert drawn(body) == "invisible on the background (white)"
    assert drawn(body, background="#808080") == ""


def test_one_colour_all_over_is_a_drawing() -> None:
    assert drawn('<rect width="10" height="10" fill="red"/>') == ""
    assert drawn('<rect width="10" height="10" opacity="0.5"/>') == ""


def test_a_single_visible_speck_is_a_drawing() -> None:
    assert drawn('<rect width="0.5" height="0.5" fill="#ccc"/>') == ""
