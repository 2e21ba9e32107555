"""A table of small pictures with labels, to look at drawings side by side."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw, ImageFont

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SIDE = 160
"""Width and height that a picture has on the sheet at most, in pixels."""

_GAP = 8
_LABEL = 200
_HEADER = 28
_FONT_SIZE = 12
_CHARACTER = 6.5  # mean width in pixels at that size
_CHECKS = 8


@dataclass(frozen=True, slots=True)
class Cell:
    """A picture, reduced by :func:`cell`, with a note below it; only a note where there is no picture."""

    picture: Image.Image | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One drawing: its label, and cells by column."""

    label: str
    cells: Mapping[str, Cell]


def cell(picture: Image.Image, note: str = "") -> Cell:
    """A cell with the picture (RGB or RGBA) as large as the sheet shows it; what is transparent shows checks."""
    small = picture.copy()
    small.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    if small.mode == "RGBA":
        ground = Image.new("RGBA", small.size, "white")
        draw = ImageDraw.Draw(ground)
        for top in range(0, small.height, _CHECKS):
            for left in range(top // _CHECKS % 2 * _CHECKS, small.width, 2 * _CHECKS):
                draw.rectangle((left, top, left + _CHECKS - 1, top + _CHECKS - 1), fill="#dddddd")
        small = Image.alpha_composite(ground, small)
    return Cell(small.convert("RGB"), note)


def contact_sheet(rows: Sequence[Row], columns: Sequence[str]) -> Image.Image:
    """The sheet: a header with the columns' names, then a row per drawing, its label at the left.

    Args:
        rows: from top to bottom; a column that a row has no cell for stays empty.
        columns: from left to right.

    Returns:
        RGB; wide and high enough for all of it.
    """
    font = ImageFont.load_default(_FONT_SIZE)  # comes with Pillow: the same on every machine
    pitch = SIDE + _GAP
    row_height = SIDE + _FONT_SIZE + 2 * _GAP
    sheet = Image.new("RGB", (_LABEL + pitch * len(columns) + _GAP, _HEADER + row_height * len(rows)), "#f4f4f4")
    draw = ImageDraw.Draw(sheet)
    for i, name in enumerate(columns):
        draw.text((_LABEL + i * pitch, _GAP), _fitted(name, SIDE, 1), fill="black", font=font)
    for j, row in enumerate(rows):
        top = _HEADER + j * row_height
        draw.text((_GAP, top), _fitted(row.label, _LABEL - 2 * _GAP, 12), fill="black", font=font)
        for i, name in enumerate(columns):
            left = _LABEL + i * pitch
            one = row.cells.get(name, Cell())
            if one.picture is None:
                draw.text((left, top), _fitted(one.note, SIDE, 12), fill="#a00000", font=font)
                continue
            sheet.paste(one.picture, (left, top))
            draw.rectangle((left - 1, top - 1, left + one.picture.width, top + one.picture.height), outline="#bbbbbb")
            draw.text((left, top + SIDE + 2), _fitted(one.note, SIDE, 1), fill="#a00000", font=font)
    return sheet


def _fitted(text: str, width: int, lines: int) -> str:
    """``text`` broken into lines of about ``width`` pixels; what goes beyond the last line is cut and marked."""
    wrapped = [
        part
        for line in text.splitlines()
        for part in textwrap.wrap(line, int(width / _CHARACTER), break_on_hyphens=False)
    ]
    if len(wrapped) > lines:
        wrapped = [*wrapped[: lines - 1], wrapped[lines - 1][:-1] + "…"]
    return "\n".join(wrapped)
