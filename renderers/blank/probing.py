"""Questions about a document that only a renderer can answer: does it leave a mark here, or elsewhere?

The document is drawn again in other versions: its visible parts in plain black, without what could take them
away again; and so in a region that is many times as wide as the canvas.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from lxml import etree

from renderers.blank.paint import ROUNDING
from renderers.blank.parts import REPLACED, SHAPES, TEXTS
from renderers.size import intrinsic_size, view_box_size

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PIL import Image

    from renderers.base import Canvas
    from renderers.blank.parts import Visible

WIDENINGS = (3.0, 24.0, 200.0, 2_000.0, 20_000.0)
"""How many times as wide and high as the canvas the regions are that are searched, one after the other."""

_THICK = 2.0  # pixels, so that a part leaves a mark however much smaller than a pixel it is
_HALF = 128  # an edge lies where alpha is half
_NO_EFFECTS = "opacity:1;clip-path:none;mask:none;filter:none"


class Box(NamedTuple):
    """Edges in user units of the root element."""

    left: float
    top: float
    right: float
    bottom: float


class Found(NamedTuple):
    """Where the visible parts are.

    Attributes:
        box: around all of them, as far as was searched.
        window: what the canvas shows.
        inside: whether any is on the canvas, and not just at its edge.
    """

    box: Box
    window: Box
    inside: bool


class Probe:
    """One document, and a renderer to ask about it.

    Args:
        svg: the document.
        root: the same, parsed; it is changed.
        visible: the parts to look for.
        canvas: gives the size in pixels.
        draw: draws an SVG on a transparent canvas; None where that fails.

    Attributes:
        cuts: whether the canvas shows less than the viewBox (``preserveAspectRatio="… slice"``).
    """

    def __init__(
        self,
        svg: str,
        root: etree._Element,
        visible: Sequence[Visible],
        canvas: Canvas,
        draw: Callable[[str], Image.Image | None],
    ) -> None:
        self._window = _window(svg, root)
        self.cuts = "slice" in root.get("preserveAspectRatio", "")
        self._root = root
        self._canvas = canvas
        self._draw = draw
        self._as_found = [(element, element.tag, element.get("style", "")) for element in root.iter(etree.Element)]
        self._fills = {part.element for part in visible if part.fill}
        self._strokes = {part.element for part in visible if part.stroke}

    def drawn_in_black(self) -> bool | None:
        """Whether the visible parts leave a mark once they are black, and opacity, clip paths and the like are off.

        None where the renderer fails.
        """
        self._blacken()
        return self._leaves_a_mark()

    def drawn_without_effects(self) -> bool | None:
        """Whether the document leaves a mark once opacity, clip paths, masks and filters are off; None as before."""
        for element, tag, style in self._as_found:
            element.tag = tag
            element.set("style", f"{_begun(style)}{_NO_EFFECTS}")
        return self._leaves_a_mark()

    def found(self) -> Found | None:
        """Where the visible parts are, searched ever further from the canvas; None when nowhere.

        They are thickened lest they be missed, so that they can turn out to be on the canvas after all, only too
        small.
        """
        if self._window is None:
            return None
        for attribute in ("width", "height", "preserveAspectRatio"):
            self._root.attrib.pop(attribute, "")
        for times in WIDENINGS:
            region = _widened(self._window, times, self._canvas)
            width, height = region.right - region.left, region.bottom - region.top
            scale = self._canvas.width / width  # pixels per unit
            self._root.set("viewBox", f"{region.left:.9g} {region.top:.9g} {width:.9g} {height:.9g}")
            self._blacken(f"stroke:black;stroke-width:{_THICK / scale:.9g}")
            drawn = self._draw(etree.tostring(self._root, encoding="unicode"))
            if drawn and (marked := _ink(drawn, _HALF).getbbox() or _ink(drawn).getbbox()):
                left, top = ((edge + _THICK / 2) / scale for edge in marked[:2])
                right, bottom = ((edge - _THICK / 2) / scale for edge in marked[2:])
                box = Box(region.left + left, region.top + top, region.left + right, region.top + bottom)
                canvas = [(edge - start) * scale for edge, start in zip(self._window, region[:2] * 2, strict=True)]
                core = canvas[0] + _THICK, canvas[1] + _THICK, canvas[2] - _THICK, canvas[3] - _THICK
                inside = core[0] < core[2] and core[1] < core[3] and _ink(drawn).crop(core).getbbox() is not None
                return Found(box, self._window, inside)
        return None

    def _blacken(self, stroke: str = "stroke:black") -> None:
        """Paint the visible parts black, with this stroke where they have any, and the others not at all."""
        for element, tag, style in self._as_found:
            name = etree.QName(str(tag)).localname
            fill, line = element in self._fills, element in self._strokes
            if name in REPLACED and fill and element.get("width") and element.get("height"):
                element.tag = str(tag).replace(name, "rect")  # its picture may be what cannot be drawn
            paint = ""
            if name in (*SHAPES, *TEXTS, *REPLACED):
                thick = fill and "stroke-width" in stroke
                paint = f"fill:{'black' if fill else 'none'};{stroke if line or thick else 'stroke:none'};"
                paint += "fill-opacity:1;stroke-opacity:1;"
                if name in REPLACED and not fill:
                    paint = "display:none;"
            element.set("style", f"{_begun(style)}{paint}{_NO_EFFECTS}")

    def _leaves_a_mark(self) -> bool | None:
        drawn = self._draw(etree.tostring(self._root, encoding="unicode"))
        return _ink(drawn).getbbox() is not None if drawn else None


def _begun(style: str) -> str:
    """A style to which declarations can be added; resvg reads nothing behind a semicolon too many."""
    return f"{style.rstrip().rstrip(';')};" if style.strip(" ;") else ""


def _ink(drawn: Image.Image, least: int = ROUNDING + 1) -> Image.Image:
    """White where the drawing's alpha is ``least`` or more; by default, more than rounding could make it."""
    return drawn.getchannel("A").point([0] * least + [255] * (256 - least))


def _window(svg: str, root: etree._Element) -> Box | None:
    box = root.get("viewBox", "")
    if size := view_box_size(box):
        left, top = (float(number) for number in re.split(r"[\s,]+", box.strip())[:2])
    elif size := intrinsic_size(svg):
        left = top = 0.0
    else:
        return None
    return Box(left, top, left + size[0], top + size[1])


def _widened(window: Box, times: float, canvas: Canvas) -> Box:
    """The region around the same centre, ``times`` as wide and high at least, in the shape of the canvas."""
    unit = max((window.right - window.left) / canvas.width, (window.bottom - window.top) / canvas.height) * times
    x, y = (window.left + window.right) / 2, (window.top + window.bottom) / 2
    half_width, half_height = canvas.width * unit / 2, canvas.height * unit / 2
    return Box(x - half_width, y - half_height, x + half_width, y + half_height)
