"""Generic families are mapped to fonts that are installed, and a change of the fonts shows."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import ImageFont

from renderers import Fonts, RenderOptions, fingerprint, fonts


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The only folder in which fonts are looked for."""
    place = tmp_path / "fonts"
    place.mkdir()
    monkeypatch.setattr(fonts, "_FOLDERS", (str(place),))
    forget()
    yield place
    forget()


def forget() -> None:
    """Let fonts be looked for again: within a process they are taken to stay."""
    fonts._font_files.cache_clear()
    fonts._generic_families.cache_clear()


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
    assert Fonts().generic_families() == {}
    assert Fonts().digest() == "none"


def test_an_unknown_font_stands_for_every_generic_family(folder: Path, aileron: Path) -> None:
    (folder / "a.ttf").write_bytes(b"no font")
    (folder / "deep").mkdir()
    shutil.copy(aileron, folder / "deep" / "b.TTF")
    assert Fonts().generic_families() == dict.fromkeys(
        ("serif", "sans-serif", "monospace", "cursive", "fantasy"), "Aileron"
    )


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
    assert Fonts().generic_families()["monospace"] == "Aileron"
    assert read == ["DejaVuSans.ttf"]


def test_a_fingerprint_changes_with_the_fonts(folder: Path, aileron: Path) -> None:
    without = fingerprint(RenderOptions())
    assert without["fonts"] == "none"
    shutil.copy(aileron, folder)
    forget()
    found = fingerprint(RenderOptions())
    assert found["fonts"] != "none"
    assert {**found, "fonts": "none"} == without


def test_a_folder_of_fonts_stands_instead_of_those_of_the_system(folder: Path, aileron: Path, tmp_path: Path) -> None:
    shutil.copy(aileron, folder)
    own = tmp_path / "own"
    own.mkdir()
    assert Fonts(own).files() == ()
    forget()
    shutil.copy(aileron, own / "c.ttf")
    assert Fonts(own).files() == (own / "c.ttf",)
    assert Fonts().files() == (folder / "aileron.ttf",)
