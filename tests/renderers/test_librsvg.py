"""librsvg keeps the contract of the backends, with the fonts of the system or of a folder."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from renderers.base import RENDERERS, Canvas, RenderError
from renderers.fonts import Fonts

SVG = 'xmlns="http://www.w3.org/2000/svg"'


def pixels(svg: str, width: int = 40, height: int = 40) -> np.ndarray:
    """Rows of red, green, blue and alpha."""
    renderer = RENDERERS["librsvg"]()
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
    with pytest.raises(Exception, match="svgload_buffer"):
        pixels(f'<svg {SVG} width="4" height="4"><rect ')


def test_a_document_without_a_size_is_refused() -> None:
    with pytest.raises(RenderError, match="neither a size nor a viewBox"):
        pixels(f'<svg {SVG}><rect x="100" width="20" height="10"/></svg>')


@pytest.mark.parametrize("family", ["sans-serif", "serif", "monospace", "Arial", "Nonesuch"])
def test_text_is_drawn_in_every_family(family: str) -> None:
    if not Fonts().files():
        pytest.skip("no font is installed")
    drawn = pixels(
        f'<svg {SVG} width="40" height="40"><text y="35" font-size="40" font-family="{family}">M</text></svg>'
    )
    assert np.count_nonzero(drawn[..., 3] > 127) > 100


def test_the_english_branch_of_a_switch_is_drawn() -> None:
    branches = "".join(
        f'<rect width="40" height="40" systemLanguage="{language}" fill="{colour}"/>'
        for language, colour in (("de", "red"), ("en", "lime"), ("fr", "blue"))
    )
    drawn = pixels(f'<svg {SVG} width="40" height="40"><switch>{branches}</switch></svg>')
    assert drawn[20, 20].tolist() == [0, 255, 0, 255]


# In a process of its own, as fontconfig reads its configuration once per process.
IN_A_FOLDER = """
import sys
from pathlib import Path
from renderers.base import RENDERERS, Canvas, RenderError
from renderers.fonts import Fonts

def word(family, fonts):
    text = f'<text y="40" font-size="40" {family}>Hamburg</text>'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 50">{text}</svg>'
    return RENDERERS["librsvg"]().draw(svg, Canvas(200, 50, fonts=fonts)).tobytes()

fonts = Fonts(Path(sys.argv[1]))
assert word('font-family="sans-serif"', fonts) == word('font-family="Noto Sans"', fonts)
assert word('font-family="fantasy"', fonts) == word('font-family="Sedgwick Ave Display"', fonts)
assert word('font-family="serif"', fonts) != word('font-family="Noto Sans"', fonts)
try:
    word("", Fonts())
except RenderError as error:
    print(error)
"""


def test_text_is_set_in_the_fonts_of_a_folder_and_of_no_other_in_the_same_process(shared: Path) -> None:
    pixels(f'<svg {SVG} width="1" height="1"/>')  # skips where librsvg is absent
    command = [sys.executable, "-c", IN_A_FOLDER, str(shared / "resvg-suite" / "fonts")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "cannot change to the fonts of the system" in done.stdout
