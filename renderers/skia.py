"""Skia, the engine below Chromium, through skia-python: fast, with few filters and no text.

The binding gives the SVG module no fonts, so that text vanishes without a word. A document with text is
therefore refused. The module takes an inch for 90 px, knows no capitals in colours, and paints beyond the edges
of the root: the first two are mended in the document, the third by the edges of the canvas.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from PIL import Image

from renderers.base import RENDERERS, RenderError
from renderers.canvas import centred, fitted
from renderers.dialects.colour_names import lower_case_colours
from renderers.registry import AVAILABLE, Availability
from renderers.size import PIXELS, intrinsic_size
from renderers.viewport import sized

if TYPE_CHECKING:
    from renderers.base import Canvas

_TEXT = re.compile(r"<(?:[^\s<>/:]++:)?text(?=[\s>])[^<>]*+(?<!/)>")
_UNIT = re.compile(r"(?:mm|cm|in|pt|pc)(?<=[\d.]..)")
_LENGTH = re.compile(r"""(?<=["'\s,:;])([-+]?(?:\d++(?:\.\d*+)?|\.\d++))(mm|cm|in|pt|pc)(?=["'\s,;])""")


@RENDERERS.register("skia")
class Skia:
    """Draws with Skia."""

    name = "skia"

    def availability(self) -> Availability:
        try:
            import skia  # noqa: F401
        except ImportError as error:  # also for want of libGL or libEGL
            return Availability(f"skia cannot be imported ({error})", "pip install 'svg-caption-bench[skia]'")
        return AVAILABLE

    def version(self) -> str:
        import skia

        return f"skia-python {skia.__version__}"  # its first number is that of Skia

    def draw(self, svg: str, canvas: Canvas) -> Image.Image:
        import skia

        if _TEXT.search(svg):
            raise RenderError("skia-python draws no text, and the SVG has some")
        own = intrinsic_size(svg)
        if own is None:
            raise RenderError("Skia draws nothing without a size, and the SVG has neither a size nor a viewBox")
        width, height = fitted(*own, canvas)
        document = _in_pixels(lower_case_colours(sized(svg, canvas)))
        drawing = skia.SVGDOM.MakeFromStream(skia.MemoryStream(document.encode(), copyData=True))
        if drawing is None:
            raise RenderError("Skia could not read the SVG")
        surface = skia.Surface(width, height)
        drawing.render(surface.getCanvas())
        pixels = surface.toarray(colorType=skia.kRGBA_8888_ColorType, alphaType=skia.kUnpremul_AlphaType)
        return centred(Image.fromarray(pixels, "RGBA"), canvas)


def _in_pixels(svg: str) -> str:
    """``svg`` with lengths in mm, cm, in, pt and pc written in px, 96 to the inch."""
    if not _UNIT.search(svg):  # ten times as fast as to look for numbers
        return svg
    return _LENGTH.sub(lambda length: f"{float(length[1]) * PIXELS[length[2]]:g}", svg)
