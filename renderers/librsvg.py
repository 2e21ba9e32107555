"""librsvg through libvips: an engine of its own, and so an independent witness of what a drawing looks like.

The wheel `pyvips-binary` brings both libraries. ``svgload_buffer`` reads SVG and nothing else, where the loaders
of libvips that guess the format would take a PNG under the name of an SVG.
"""

from __future__ import annotations

import functools
import os
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from PIL import Image

from renderers import fontconfig
from renderers.base import RENDERERS, RenderError
from renderers.canvas import centred
from renderers.registry import AVAILABLE, Availability
from renderers.size import intrinsic_size
from renderers.viewport import sized

if TYPE_CHECKING:
    from renderers.base import Canvas

CSS_DPI = 96
PIXELS = 72 / CSS_DPI
"""The scale at which libvips draws 1 px as one pixel: it magnifies by dpi / 72, units and pixels alike."""


@RENDERERS.register("librsvg")
class Librsvg:
    """Draws with librsvg."""

    name = "librsvg"

    def availability(self) -> Availability:
        remedy = "pip install 'svg-caption-bench[librsvg]'"
        try:
            vips = _vips()
        except (ImportError, OSError) as error:
            return Availability(f"pyvips cannot be imported ({str(error).partition(chr(10))[0]})", remedy)
        if vips.type_find("VipsForeignLoad", "svgload_buffer") == 0:
            return Availability("this libvips was built without librsvg", remedy)
        return AVAILABLE

    def version(self) -> str:
        vips = _vips()
        libvips = ".".join(str(vips.version(part)) for part in range(3))
        try:
            bundle = f"pyvips-binary {version('pyvips-binary')}"  # decides on the version of librsvg
        except PackageNotFoundError:
            bundle = "librsvg of the system"
        return f"pyvips {vips.__version__} (libvips {libvips}, {bundle})"

    def draw(self, svg: str, canvas: Canvas) -> Image.Image:
        vips = _vips()
        fontconfig.use(canvas.fonts)
        if intrinsic_size(svg) is None:  # libvips would take the size, but not the place, of what is painted
            raise RenderError("librsvg scales nothing without a size, and the SVG has neither a size nor a viewBox")
        drawn = vips.Image.svgload_buffer(sized(svg, canvas).encode(), dpi=CSS_DPI, scale=PIXELS)
        # Four bands of eight bits, with straight alpha.
        pixels = Image.frombuffer("RGBA", (drawn.width, drawn.height), drawn.write_to_memory(), "raw", "RGBA", 0, 1)
        return centred(pixels, canvas)


@functools.cache
def _vips() -> Any:
    """pyvips, set up to draw one picture at a time and to keep none. Raises ImportError and OSError."""
    os.environ["LANGUAGE"] = "en"  # librsvg chooses by it among the languages of a <switch>
    import pyvips

    pyvips.concurrency_set(1)
    pyvips.cache_set_max(0)
    return pyvips
