"""Why nothing can be seen in a picture: what the pixels say, what the document says, and what a renderer answers.

A picture of one colour is blank when an empty canvas would look the same. That includes a document that fills the
canvas with the background's own colour: no captioner and no metric can tell it from an empty one. Any other
single colour is a drawing (a flag, a swatch), since only the document can have put it there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from PIL import Image, ImageColor

from renderers.blank.empty import Blank, nothing_drawn
from renderers.blank.paint import ROUNDING
from renderers.canvas import on_background

if TYPE_CHECKING:
    from collections.abc import Callable

    from renderers.base import Canvas

__all__ = ["Blank", "explain", "uniform"]

Colour = tuple[int, int, int]

_GRID = (16, 16)  # pixels that are looked at first


def uniform(image: Image.Image) -> bool:
    """Whether an RGB or RGBA picture is of one colour, but for the rounding of compositing; or wholly transparent.

    A few pixels are looked at first, so that a picture with something in it costs next to nothing.
    """
    return _of_one_colour(image.resize(_GRID, Image.Resampling.NEAREST)) and _of_one_colour(image)


def _of_one_colour(image: Image.Image) -> bool:
    if image.mode == "RGBA" and cast("tuple[int, int]", image.getchannel("A").getextrema())[1] <= ROUNDING:
        return True
    extremes = cast("tuple[tuple[int, int], ...]", image.getextrema())
    return all(highest - lowest <= 2 * ROUNDING for lowest, highest in extremes)


def explain(svg: str, drawn: Image.Image, canvas: Canvas, draw: Callable[[str], Image.Image]) -> Blank | None:
    """Why nothing can be seen in a picture of one colour; None when something can.

    Args:
        svg: the secured document.
        drawn: what the renderer made of it, RGBA on a transparent ground.
        canvas: its background, against which something is seen or not; its fonts and its size.
        draw: draws another SVG with the same renderer, RGBA on a transparent ground of the same size. It is
            called at most six times, mostly not at all or twice, and may raise anything.
    """
    if cast("tuple[int, int]", drawn.getchannel("A").getextrema())[1] <= ROUNDING:
        return nothing_drawn(svg, canvas, draw)
    if canvas.colour is None or _differs(drawn, canvas.colour):
        return None
    return Blank(_unseen_on(drawn, canvas.colour), explained=True)


def _differs(drawn: Image.Image, background: Colour) -> bool:
    """Whether the drawing can be told from its background."""
    extremes = cast("tuple[tuple[int, int], ...]", on_background(drawn, background).getextrema())
    return any(
        level - lowest > ROUNDING or highest - level > ROUNDING
        for (lowest, highest), level in zip(extremes, background, strict=True)
    )


def _unseen_on(drawn: Image.Image, background: Colour) -> str:
    lowest, highest = cast("tuple[int, int]", drawn.getchannel("A").getextrema())
    colours = cast("list[tuple[int, tuple[int, ...]]]", drawn.getcolors(drawn.width * drawn.height))
    # Where the drawing is most opaque, and of those pixels what most of them are.
    _, colour = max(colours, key=lambda counted: (counted[1][3], counted[0]))
    colour = cast("Colour", colour[:3])
    other = contrasting(colour)
    named, on = _name(colour), _name(background)
    if not _differs(drawn, other):
        return f"too faint to be seen: at most {highest / 255:.1%} opaque"
    if lowest == 255:
        return f"{named} on {on}: the canvas is filled with the background's colour; visible on {_name(other)}"
    return f"{named} on {on}: drawn in the background's colour; visible on {_name(other)}"


def contrasting(colour: Colour) -> Colour:
    """Black or white, whichever has the greater contrast ratio to an sRGB colour: at least 4.5 (WCAG 2.2, 1.4.3)."""
    red, green, blue = (
        level / 255 / 12.92 if level <= 10 else ((level / 255 + 0.055) / 1.055) ** 2.4 for level in colour
    )
    luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return (0, 0, 0) if (luminance + 0.05) / 0.05 >= 1.05 / (luminance + 0.05) else (255, 255, 255)


def _name(colour: Colour) -> str:
    named = (name for name in ImageColor.colormap if ImageColor.getrgb(name) == colour)
    return next(named, "#{:02x}{:02x}{:02x}".format(*colour))
