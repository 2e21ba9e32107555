"""Generic families are mapped to fonts that are installed, and a change of the fonts shows."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import ImageFont

from renderers import RENDERERS, fonts


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The only folder in which fonts are looked for."""
    place = tmp_path / "fonts"
    place.mkdir()
    monkeypatch.setattr(fonts, "_FOLDERS", (str(place),))
    caches = (fonts.font_files, fonts.generic_families, fonts.fonts_digest)
    for cache in caches:
        cache.cache_clear()
    yield place
    for cache in caches:
        cache.cache_clear()


@pytest.fixture
def aileron(tmp_path: Path) -> Path:
    """The font that Pillow carries, as a file."""
    font = ImageFont.load_default(10)
    assert isinstance(font, ImageFont.FreeTypeFont)
    assert isinstance(font.font_bytes, bytes)
    ImageFont.truetype(io.BytesIO(font.font_bytes))
    path = tmp_path / "aileron.ttf"
    path.write_bytes(font.font_bytes)
    return path


def test_without_fonts_there_is_nothing_to_map(folder: Path) -> None:
    assert fonts.generic_families() == {}
    assert fonts.fonts_digest() == "none"


def test_an_unknown_font_stands_for_every_generic_family(folder: Path, aileron: Path) -> None:
    (folder / "a.ttf").write_bytes(b"no font")
    (folder / "deep").mkdir()
    shutil.copy(aileron, folder / "deep" / "b.TTF")
    assert fonts.generic_families() == dict.fromkeys(("serif", "sans", "mono"), "Aileron")


def test_a_preferred_font_comes_before_others_and_stands_in_for_the_missing(
    folder: Path, aileron: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    original = ImageFont.truetype

    def recorded(path: Path) -> ImageFont.FreeTypeFont:
        read.append(Path(path).name)
        return original(path)

    monkeypatch.setattr(ImageFont, "truetype", recorded)
    for name in ("a.ttf", "DejaVuSans.ttf", "FreeSans.ttf"):
        shutil.copy(aileron, folder / name)
    assert fonts.generic_families()["mono"] == "Aileron"
    assert read == ["DejaVuSans.ttf"]


def test_the_version_of_a_backend_changes_with_the_fonts(folder: Path, aileron: Path) -> None:
    without = RENDERERS["resvg"]().version(), RENDERERS["cairosvg"]().version()
    shutil.copy(aileron, folder)
    fonts.font_files.cache_clear()
    fonts.fonts_digest.cache_clear()
    for before, after in zip(without, (RENDERERS["resvg"]().version(), RENDERERS["cairosvg"]().version()), strict=True):
        assert "fonts none" in before
        assert before.partition("fonts")[0] == after.partition("fonts")[0]
        assert before != after
