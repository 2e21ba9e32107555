"""From what a backend drew to a canvas of the size and background that was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image

if TYPE_CHECKING:
    from renderers.base import Canvas


def fitted(own_width: float, own_height: float, canvas: Canvas) -> tuple[int, int]:
    """Width and height in pixels of a drawing that is as large as fits on the canvas in its own shape.

    Raises ValueError for a drawing without a size.
    """
    if not (own_width > 0 and own_height > 0):
        raise ValueError("the SVG has neither a size nor a viewBox")
    scale = min(canvas.width / own_width, canvas.height / own_height)
    return max(1, round(own_width * scale)), max(1, round(own_height * scale))


def centred(drawn: Image.Image, canvas: Canvas) -> Image.Image:
    """``drawn`` in the middle of the canvas: RGBA on a transparent ground, RGB on the canvas's colour."""
    if drawn.size == canvas.size:
        return drawn
    ground = canvas.colour if drawn.mode == "RGB" and canvas.colour else 0
    picture = Image.new(drawn.mode, canvas.size, ground)
    picture.paste(drawn, ((canvas.width - drawn.width) // 2, (canvas.height - drawn.height) // 2))
    return picture


def on_background(drawn: Image.Image, colour: tuple[int, int, int]) -> Image.Image:
    """``drawn`` (RGBA, straight alpha) over an opaque colour, as RGB."""
    picture = Image.new("RGB", drawn.size, colour)
    picture.paste(drawn, mask=drawn)
    return picture
