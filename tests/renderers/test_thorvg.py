"""ThorVG keeps the contract of the backends, draws plain text, and refuses what ends its process."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from renderers.base import RENDERERS, Canvas, RenderError
from renderers.fonts import Fonts

SVG = 'xmlns="http://www.w3.org/2000/svg"'


def pixels(svg: str, width: int = 40, height: int = 40, fonts: Fonts | None = None) -> np.ndarray:
    """Rows of red, green, blue and alpha."""
    renderer = RENDERERS["thorvg"]()
    if not (available := renderer.availability()):
        pytest.skip(str(available))
    image = renderer.draw(svg, Canvas(width, height, fonts=fonts or Fonts()))
    assert (image.mode, image.size) == ("RGBA", (width, height))
    return np.asarray(image)


def bounds(drawn: np.ndarray) -> tuple[int, int, int, int]:
    """Left, top, right and bottom edge of what is more than half covered."""
    rows, columns = (np.flatnonzero((drawn[..., 3] > 127).any(axis)) for axis in (1, 0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


@pytest.mark.parametrize(
    ("root", "expected"),
    [
        ('width="20" height="10"', (0, 10, 40, 30)),
        ('viewBox="0 0 20 10"', (0, 10, 40, 30)),
        ('viewBox="0 0 20 10" preserveAspectRatio="none"', (0, 10, 40, 30)),
        ('width="10mm" height="20mm" viewBox="0 0 10 20"', (10, 0, 30, 40)),
        ('width="50%" height="100%" viewBox="0 0 20 10"', (0, 0, 40, 40)),
        ('width="1in" height="96"', (0, 0, 40, 40)),
    ],
)
def test_a_drawing_is_as_large_as_fits_in_its_own_shape_and_centred(
    root: str, expected: tuple[int, int, int, int]
) -> None:
    drawn = pixels(f'<svg {SVG} {root}><rect x="-500" y="-500" width="1000" height="1000"/></svg>')
    assert bounds(drawn) == expected
    left, top, right, bottom = expected
    outside = drawn.copy()
    outside[top:bottom, left:right] = 0
    assert not outside.any()


def test_alpha_is_straight() -> None:
    drawn = pixels(
        f'<svg {SVG} width="4" height="4"><rect width="4" height="2" fill="#ff8000" fill-opacity="0.5"/></svg>'
    )
    red, green, blue, alpha = (int(level) for level in drawn[5, 20])
    assert (red, blue) == (255, 0)
    assert abs(green - 128) <= 1
    assert abs(alpha - 128) <= 1
    assert not drawn[30].any()


@pytest.mark.parametrize(("length", "edge"), [("25.4mm", 48), ("1in", 48), ("36pt", 24), ("48px", 24), ("3pc", 24)])
def test_lengths_within_the_drawing_are_96_to_the_inch(length: str, edge: int) -> None:
    drawn = pixels(f'<svg {SVG} width="192" height="192"><rect width="{length}" height="192"/></svg>', 96, 96)
    assert bounds(drawn) == (0, 0, edge, 96)


def test_what_is_no_svg_is_an_error() -> None:
    with pytest.raises(RenderError, match="could not read"):  # what is cut off ends the process: see safety
        pixels("no drawing")


def test_a_document_without_a_size_is_as_large_as_what_it_shows() -> None:
    drawn = pixels(f'<svg {SVG}><rect width="20" height="10" fill="lime"/></svg>')
    assert bounds(drawn) == (0, 10, 40, 30)
    assert drawn[20, 20].tolist() == [0, 255, 0, 255]


@pytest.mark.parametrize(
    ("asked", "set_in"),
    [("sans-serif", "Noto Sans"), ("Helvetica", "Noto Sans"), ("serif", "Noto Serif"), ("Nonesuch", "Noto Serif")],
)
def test_text_is_set_in_a_font_of_the_folder(shared: Path, asked: str, set_in: str) -> None:
    fonts = Fonts(shared / "resvg-suite" / "fonts")
    words = []
    for family in (asked, set_in):
        text = f'<text y="40" font-size="40" font-family="{family}">Hamburg</text>'
        words.append(pixels(f'<svg {SVG} width="200" height="50">{text}</svg>', 200, 50, fonts))
    assert np.count_nonzero(words[0][..., 3] > 127) > 1000
    assert np.array_equal(words[0], words[1])


def test_other_fonts_take_the_place_of_those_before(shared: Path, tmp_path: Path) -> None:
    renderer = RENDERERS["thorvg"]()
    if not (available := renderer.availability()):
        pytest.skip(str(available))
    suite = shared / "resvg-suite" / "fonts"
    shutil.copy(suite / "Yellowtail-Regular.ttf", tmp_path)
    svg = f'<svg {SVG} width="200" height="50"><text y="40" font-size="40" font-family="serif">Hamburg</text></svg>'
    first, other, again = (
        renderer.draw(svg, Canvas(200, 50, fonts=Fonts(folder))).tobytes() for folder in (suite, tmp_path, suite)
    )
    assert first == again
    assert first != other
    assert any(other)


@pytest.mark.parametrize("source", ["src:none", "src:local(Arial)", "src:url(#a)"])
def test_a_font_face_rule_that_would_end_the_process_is_refused(source: str) -> None:
    style = f"<style>@Font-Face{{font-family:x;{source}}}</style>"
    with pytest.raises(RenderError, match="font-face"):
        pixels(f'<svg {SVG} width="4" height="4">{style}<rect width="4" height="4"/></svg>')
