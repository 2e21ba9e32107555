"""Fonts that are installed stand in for those that resvg looks for, weight and slant included."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFont

from renderers.font_aliases import KNOWN_FAMILIES, aliased_faces, family_files
from renderers.fonts import Fonts


@pytest.fixture
def aileron() -> bytes:
    """The font that Pillow carries."""
    font = ImageFont.load_default(10)
    assert isinstance(font, ImageFont.FreeTypeFont)
    assert isinstance(font.font_bytes, bytes)
    return font.font_bytes


@pytest.fixture
def suite_fonts(shared: Path) -> Fonts:
    """Noto Sans (regular, bold, italic and others), Noto Serif, Noto Mono, Yellowtail, ..."""
    return Fonts(shared / "resvg-suite" / "fonts")


def ink(fonts: Fonts, attributes: str) -> np.ndarray:
    """Coverage, 0 to 255, of a word that resvg sets with the aliases and the installed fonts."""
    resvg = pytest.importorskip("resvg")
    options = resvg.usvg.Options.default()
    for path in fonts.files():
        options.load_font_file(str(path))
    for face in aliased_faces(fonts):
        options.load_font_data(face)
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="300" height="60">'
        f'<text x="5" y="40" font-size="40" {attributes}>Hamburg</text></svg>'
    )
    png = resvg.render(resvg.usvg.Tree.from_str(svg, options), (1.0, 0.0, 0.0, 0.0, 1.0, 0.0))
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGBA"))[..., 3].astype(int)


def families(font: bytes) -> set[str]:
    """Typographic family names of a font, as fontTools reads them."""
    ttlib = pytest.importorskip("fontTools.ttLib")
    return {str(record) for record in ttlib.TTFont(io.BytesIO(font))["name"].names if record.nameID == 16}


@pytest.mark.parametrize(
    ("asked", "set_in"),
    [
        ('font-family="sans-serif"', "Noto Sans"),
        ('font-family="Arial"', "Noto Sans"),
        ('font-family="Nonesuch, Helvetica"', "Noto Sans"),
        ('font-family="serif"', "Noto Serif"),
        ('font-family="Nonesuch"', "Noto Serif"),
        ("", "Noto Serif"),
        ('font-family="monospace"', "Noto Mono"),
        ('font-family="cursive"', "Yellowtail"),
        ('font-family="fantasy"', "Sedgwick Ave Display"),
    ],
)
def test_text_of_every_family_is_set_in_an_installed_font(suite_fonts: Fonts, asked: str, set_in: str) -> None:
    drawn = ink(suite_fonts, asked)
    assert drawn.sum() > 100_000
    assert np.array_equal(drawn, ink(suite_fonts, f'font-family="{set_in}"'))


@pytest.mark.parametrize("style", ['font-weight="bold"', 'font-style="italic"'])
def test_bold_and_italic_text_gets_the_bold_and_italic_face(suite_fonts: Fonts, style: str) -> None:
    drawn = ink(suite_fonts, f'font-family="sans-serif" {style}')
    assert not np.array_equal(drawn, ink(suite_fonts, 'font-family="sans-serif"'))
    assert np.array_equal(drawn, ink(suite_fonts, f'font-family="Noto Sans" {style}'))


def test_a_family_that_is_installed_needs_no_alias(tmp_path: Path, aileron: bytes) -> None:
    (tmp_path / "first.ttf").write_bytes(aileron)
    (stand_in,) = aliased_faces(Fonts(tmp_path))
    assert {"Times New Roman", "Arial", "Impact"} <= families(stand_in)

    installed = tmp_path / "installed"
    installed.mkdir()
    (installed / "second.ttf").write_bytes(stand_in)  # goes by all of these names
    assert aliased_faces(Fonts(installed)) == []


def test_a_collection_gives_its_faces_and_broken_fonts_are_passed_over(tmp_path: Path, aileron: bytes) -> None:
    header = struct.pack(">4sLLL", b"ttcf", 0x00010000, 1, 16)
    count = struct.unpack_from(">H", aileron, 4)[0]
    directory = aileron[:12]
    for index in range(count):
        tag, checksum, offset, length = struct.unpack_from(">4sLLL", aileron, 12 + 16 * index)
        directory += struct.pack(">4sLLL", tag, checksum, offset + 16, length)
    (tmp_path / "all.ttc").write_bytes(header + directory + aileron[len(directory) :])
    (tmp_path / "cut.ttf").write_bytes(aileron[:40])
    (tmp_path / "empty.otf").write_bytes(b"")
    (tmp_path / "endless.ttc").write_bytes(b"ttcf" + b"\xff" * 20)
    (tmp_path / "noise.ttf").write_bytes(bytes(range(256)) * 4)
    assert set(family_files(Fonts(tmp_path))) >= {"Aileron", "serif", "Arial"}
    (face,) = aliased_faces(Fonts(tmp_path))
    assert families(face) == {name for names in KNOWN_FAMILIES.values() for name in names}
    assert ImageFont.truetype(io.BytesIO(face), 40).getlength("Hamburg") == pytest.approx(
        ImageFont.truetype(io.BytesIO(aileron), 40).getlength("Hamburg")
    )


def test_without_fonts_there_are_no_aliases(tmp_path: Path) -> None:
    assert aliased_faces(Fonts(tmp_path)) == []
    assert family_files(Fonts(tmp_path)) == {}


def test_a_family_is_represented_by_its_plainest_face(suite_fonts: Fonts) -> None:
    files = family_files(suite_fonts)
    assert next(iter(files)) == "serif"
    assert files["Noto Sans"].name == files["sans-serif"].name == "NotoSans-Regular.ttf"
    assert files["Courier New"].name == "NotoMono-Regular.ttf"
