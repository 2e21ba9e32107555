"""A folder of fonts is all that fontconfig finds, and generic families are set in fonts of that folder."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from renderers import fontconfig
from renderers.base import RenderError
from renderers.fonts import Fonts


@pytest.fixture(autouse=True)
def fresh_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a process in which no fonts are in use."""
    monkeypatch.setattr(fontconfig, "_used", [])
    monkeypatch.setenv(fontconfig.VARIABLE, "")
    monkeypatch.delenv(fontconfig.VARIABLE)
    fontconfig._configuration.cache_clear()


def matched(configuration: Path, pattern: str) -> str:
    """The file that fontconfig finds for a pattern."""
    if shutil.which("fc-match") is None:
        pytest.skip("fc-match is absent")
    environment = {**os.environ, fontconfig.VARIABLE: str(configuration)}
    command = ["fc-match", "--format=%{file}", pattern]
    return Path(subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout).name


@pytest.mark.parametrize(
    ("pattern", "file"),
    [
        ("sans-serif", "NotoSans-Regular.ttf"),
        ("sans-serif:bold", "NotoSans-Bold.ttf"),
        ("Arial:italic", "NotoSans-Italic.ttf"),
        ("Nonesuch,Helvetica", "NotoSans-Regular.ttf"),
        ("serif", "NotoSerif-Regular.ttf"),
        ("Nonesuch", "NotoSerif-Regular.ttf"),
        ("monospace", "NotoMono-Regular.ttf"),
        ("cursive", "Yellowtail-Regular.ttf"),
        ("Amiri", "Amiri-Regular.ttf"),
        ("DejaVu Sans", "NotoSerif-Regular.ttf"),
    ],
)
def test_every_family_is_found_in_the_folder(shared: Path, pattern: str, file: str) -> None:
    configuration = fontconfig.configuration(Fonts(shared / "resvg-suite" / "fonts"))
    assert configuration is not None
    assert matched(configuration, pattern) == file


def test_a_folder_whose_name_has_markup_in_it_is_named_rightly(tmp_path: Path) -> None:
    folder = tmp_path / "A & <B>"
    folder.mkdir()
    configuration = fontconfig.configuration(Fonts(folder))
    assert configuration is not None
    assert f"<dir>{tmp_path.resolve()}/A &amp; &lt;B&gt;</dir>" in configuration.read_text(encoding="utf-8")


def test_the_fonts_of_the_system_need_no_configuration() -> None:
    assert fontconfig.configuration(Fonts()) is None
    fontconfig.use(Fonts())
    assert fontconfig.VARIABLE not in os.environ


def test_the_users_own_configuration_stays_in_force_and_an_inherited_one_of_ours_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(fontconfig.VARIABLE, "/home/me/fonts.conf")
    fontconfig.use(Fonts())
    assert os.environ[fontconfig.VARIABLE] == "/home/me/fonts.conf"

    monkeypatch.setattr(fontconfig, "_used", [])
    monkeypatch.setenv(fontconfig.VARIABLE, str(fontconfig.configuration(Fonts(tmp_path))))
    fontconfig.use(Fonts())
    assert fontconfig.VARIABLE not in os.environ


def test_one_process_cannot_change_its_fonts(tmp_path: Path) -> None:
    first, second = Fonts(tmp_path), Fonts(tmp_path / "others")
    fontconfig.use(first)
    configuration = os.environ[fontconfig.VARIABLE]
    fontconfig.use(first)
    with pytest.raises(RenderError, match=r"draws with the fonts in .* cannot change to the fonts in .*others"):
        fontconfig.use(second)
    with pytest.raises(RenderError, match="cannot change to the fonts of the system"):
        fontconfig.use(Fonts())
    assert os.environ[fontconfig.VARIABLE] == configuration == str(fontconfig.configuration(first))


def test_where_no_cache_can_be_written_a_temporary_folder_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "file"
    file.touch()
    monkeypatch.setenv("SVG_CAPTION_BENCH_CACHE", str(file))
    configuration = fontconfig.configuration(Fonts(tmp_path))
    assert configuration is not None
    assert configuration.is_file()
    assert tmp_path not in configuration.parents
