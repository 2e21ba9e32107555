"""The drawings as pictures, for metrics that look at them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from renderers.canvas import on_background

if TYPE_CHECKING:
    from PIL import Image


@dataclass(frozen=True, slots=True)
class Images:
    """The drawings of a corpus as pictures.

    Attributes:
        pictures: given a size in pixels, an RGB picture for each row; None for a drawing that could not be drawn.
            What is drawn when asked for is a square of that size; what existed before has its own.
        background: what the drawings are composited on, as it stands in signatures: ``#ffffff``.
        source: what determines the pixels, for JSON; empty where that is not known.
    """

    pictures: Callable[[int], Iterable[Image.Image | None]]
    background: str
    source: Mapping[str, Any] = field(default_factory=dict)


def of_pictures(images: Mapping[str, Image.Image], ids: Iterable[str]) -> Images:
    """Pictures that exist already, by id; what is transparent in them is white."""
    rows = [images.get(id) for id in ids]
    return Images(lambda size: (None if image is None else _opaque(image) for image in rows), "#ffffff")


def _opaque(image: Image.Image) -> Image.Image:
    return image if image.mode == "RGB" else on_background(image.convert("RGBA"), (255, 255, 255))
