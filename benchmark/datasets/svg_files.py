"""SVG files that records name by their path instead of holding the drawing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmark.datasets.formats.confinement import NoSuchFile, inside
from benchmark.datasets.formats.source import MAX_TEXT

if TYPE_CHECKING:
    from pathlib import Path

_LONGEST_PATH = 1024


def is_svg_path(text: str) -> bool:
    """Whether a text is the path of an ``.svg`` file rather than a drawing."""
    name = text.strip()
    is_line = len(name) <= _LONGEST_PATH and "<" not in name and "\n" not in name
    return is_line and name.lower().endswith(".svg")


def read_svg(folder: Path, name: str) -> str:
    """The text of the SVG file ``name`` in ``folder``, or else in the one folder directly below that has it.

    Raises:
        ValueError: it lies outside the folder, is in several folders or in none, is longer than
            :data:`MAX_TEXT` bytes, or is not UTF-8; the message says which.
    """
    try:
        path = inside(folder, name.strip())
    except NoSuchFile:
        path = _in_folder_below(folder, name.strip())
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_TEXT + 1)
    except OSError as error:
        raise ValueError(f"the file {name!r} cannot be read: {error.strerror or error}") from None
    if len(data) > MAX_TEXT:
        raise ValueError(f"the file {name!r} is longer than {MAX_TEXT:,} bytes")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"the file {name!r} is not UTF-8 at byte {error.start + 1}; save it as UTF-8") from None


def _in_folder_below(folder: Path, name: str) -> Path:
    folders = sorted(below.name for below in folder.iterdir() if (below / name).is_file())
    if len(folders) > 1:
        raise ValueError(f"the file {name!r} is in several folders ({', '.join(folders)}); write which")
    return inside(folder, f"{folders[0]}/{name}" if folders else name)
