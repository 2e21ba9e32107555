"""Whether anything can be seen in a rendering."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from PIL import Image

    from renderers.base import RenderOptions

ROUNDING = 1
"""Levels (of 255) by which compositing alone can move a pixel off the background."""


def blank_reason(drawn: Image.Image, shown: Image.Image, options: RenderOptions) -> str:
    """Why nothing can be seen, or "" when something can.

    One colour all over is a drawing (a flag of one colour, a full-canvas background) as long as it is not the
    background's own: only the document can have put it there.

    Args:
        drawn: what the backend drew, RGBA.
        shown: the same over the background, RGB.
        options: name the background.
    """
    alpha = cast("tuple[int, int]", drawn.getchannel("A").getextrema())
    if alpha[1] == 0:
        return "nothing drawn"
    extremes = cast("tuple[tuple[int, int], ...]", shown.getextrema())
    if all(
        level - low <= ROUNDING and high - level <= ROUNDING
        for (low, high), level in zip(extremes, options.colour(), strict=True)
    ):
        return f"invisible on the background ({options.background})"
    return ""
