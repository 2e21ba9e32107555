"""Capitals in colours are valid and repair leaves them; a backend that needs small letters has a helper."""

from __future__ import annotations

import pytest

from renderers.dialects.colour_names import lower_case_colours
from renderers.repair import repair


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('<g fill="Gainsboro" stroke="RGB(1, 2, 3)"/>', '<g fill="gainsboro" stroke="rgb(1, 2, 3)"/>'),
        ('<g style="fill: Blue !important;x:Red"/>', '<g style="fill: blue !important;x:Red"/>'),
        ("<style>.A{stop-color:HSL(1,2%,3%)}/* fill:Red; */</style>", None),
    ],
)
def test_capitals_in_colours_become_small_letters(text: str, expected: str | None) -> None:
    lowered = lower_case_colours(text)
    assert lowered == (expected or "<style>.A{stop-color:hsl(1,2%,3%)}/* fill:Red; */</style>")


@pytest.mark.parametrize(
    "text",
    [
        '<g fill="currentColor" stroke="url(#Red)" style="fill:url(#A)" id="Red" class="Blue"/>',
        '<text fill="red">fill="Red"</text>',
        '<g fill="#FFA500" stroke="none"/>',
    ],
)
def test_what_is_no_colour_name_keeps_its_capitals(text: str) -> None:
    assert lower_case_colours(text) == text


def test_repair_leaves_valid_capitals_alone() -> None:
    text = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><g fill="Gainsboro"/></svg>'
    assert repair(text).svg is text


def test_skia_draws_the_colour_once_it_is_in_small_letters() -> None:
    skia = pytest.importorskip("skia")
    text = '<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"><rect fill="Lime" width="4" height="4"/></svg>'
    surface = skia.Surface(4, 4)
    drawing = skia.SVGDOM.MakeFromStream(skia.MemoryStream(lower_case_colours(text).encode()))
    drawing.render(surface.getCanvas())
    assert surface.toarray(colorType=skia.kRGBA_8888_ColorType)[2, 2].tolist() == [0, 255, 0, 255]
