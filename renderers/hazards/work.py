"""The work that drawing a part of an SVG takes, as amounts that add up."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Work:
    """What drawing an element with all below it takes.

    Attributes:
        elements: drawn, each as often as it is.
        filters: milliseconds of filters, see :mod:`renderers.hazards.filter_cost`.
        pixels: of embedded raster pictures.
        shapes: that are filled and stroked.
        vertices: of shapes, where markers may stand.
    """

    elements: int = 0
    filters: int = 0
    pixels: int = 0
    shapes: int = 0
    vertices: int = 0

    def __add__(self, other: Work) -> Work:
        return Work(
            self.elements + other.elements,
            self.filters + other.filters,
            self.pixels + other.pixels,
            self.shapes + other.shapes,
            self.vertices + other.vertices,
        )

    def times(self, count: int) -> Work:
        """The work of something that is drawn ``count`` times for others, which neither fill nor mark it."""
        return Work(self.elements * count, self.filters * count, self.pixels * count)
