"""The root of a drawing: only a viewBox, where that says how large it is and what it shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from captioners.svg_text.numbers import exact
from renderers.size import view_box_size

if TYPE_CHECKING:
    from captioners.svg_text.document import Node

_SAME = 1e-3
"""Relative difference up to which two shapes of a canvas count as the same: half a pixel of 512."""


def normalise_canvas(root: Node, own: tuple[float, float] | None) -> None:
    """Give the root a viewBox, and take its width and height where they say no more than that.

    They say more where their ratio is another one: the drawing is then centred or stretched in them.

    Args:
        root: the drawing.
        own: its width and height in px; None where they cannot be known, so that it is left as it is.
    """
    attributes = root.attributes
    attributes.pop("x", "")
    attributes.pop("y", "")
    if own is None:
        return
    width, height = own
    box = view_box_size(attributes.get("viewBox", ""))
    if box is None:
        attributes["viewBox"] = f"0 0 {exact(width)} {exact(height)}"
        box = own
    if abs(width * box[1] / (height * box[0]) - 1) <= _SAME:
        for name in ("width", "height", "preserveAspectRatio"):
            attributes.pop(name, "")
        return
    attributes["width"], attributes["height"] = exact(width), exact(height)
