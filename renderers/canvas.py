"""From what a backend drew to a canvas of the size and background that was asked for."""

from __future__ import annotations

from PIL import Image


def centred(drawn: Image.Image, width: int, height: int) -> Image.Image:
    """``drawn`` (RGBA) in the middle of a transparent canvas of width x height pixels."""
    if drawn.size == (width, height):
        return drawn
    canvas = Image.new("RGBA", (width, height))
    canvas.paste(drawn, ((width - drawn.width) // 2, (height - drawn.height) // 2))
    return canvas


def on_background(drawn: Image.Image, colour: tuple[int, int, int]) -> Image.Image:
    """``drawn`` (RGBA, straight alpha) over an opaque colour, as RGB."""
    canvas = Image.new("RGB", drawn.size, colour)
    canvas.paste(drawn, mask=drawn)
    return canvas
