"""Skia keeps the contract of the backends, and refuses what it would leave out."""

from __future__ import annotations

import numpy as np
import pytest

from renderers.base import RENDERERS, Canvas, RenderError

SVG = 'xmlns="http://www.w3.org/2000/svg"'


def pixels(svg: str, width: int = 40, height: int = 40) -> np.ndarray:
    """Rows of red, green, blue and alpha."""
    renderer = RENDERERS["skia"]()
    if not (available := renderer.availability()):
        pytest.skip(str(available))
    image = renderer.draw(svg, Canvas(width, height))
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
    with pytest.raises(Exception, match="could not read"):
        pixels(f'<svg {SVG} width="4" height="4"><rect ')


def test_a_document_without_a_size_is_refused() -> None:
    with pytest.raises(RenderError, match="neither a size nor a viewBox"):
        pixels(f'<svg {SVG}><rect width="20" height="10"/></svg>')


@pytest.mark.parametrize("text", ["<text>A</text>", '<text\nx="5">A</text>', "<svg:text>A</svg:text>"])
def test_text_is_refused_rather_than_lost(text: str) -> None:
    with pytest.raises(RenderError, match="draws no text"):
        pixels(f'<svg {SVG} xmlns:svg="http://www.w3.org/2000/svg" width="4" height="4">{text}</svg>')


@pytest.mark.parametrize("other", ["<text/>", '<text x="5" />', "<textPath/>", "<title>text</title>"])
def test_what_shows_no_text_is_drawn(other: str) -> None:
    drawn = pixels(f'<svg {SVG} width="4" height="4">{other}<rect width="4" height="4"/></svg>')
    assert bounds(drawn) == (0, 0, 40, 40)


@pytest.mark.parametrize("colour", ["Red", "RED", "RGB(255,0,0)", "#F00"])
def test_colours_have_no_case(colour: str) -> None:
    drawn = pixels(f'<svg {SVG} width="4" height="4"><rect width="4" height="4" fill="{colour}"/></svg>')
    assert drawn[20, 20].tolist() == [255, 0, 0, 255]
