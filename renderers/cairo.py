"""CairoSVG: the fallback for what resvg refuses."""

from __future__ import annotations

import re
from types import SimpleNamespace

from PIL import Image

from renderers import fontconfig
from renderers.base import RENDERERS, Canvas
from renderers.canvas import centred, fitted
from renderers.registry import AVAILABLE, Availability
from renderers.viewport import sized

CSS_DPI = 96
DEFAULT_FONT_SIZE = 12.0  # what resvg takes for "em" and "ex" in the size of the root element

# CairoSVG encodes the text as UTF-8 and then believes the declaration.
_DECLARATION = re.compile(r"\A\ufeff?<\?xml\b.*?\?>", re.DOTALL)


@RENDERERS.register("cairosvg")
class CairoSvg:
    """Draws with CairoSVG on libcairo."""

    name = "cairosvg"

    def availability(self) -> Availability:
        try:
            import cairosvg  # noqa: F401
        except ImportError as error:
            return Availability(f"CairoSVG cannot be imported ({error})", "pip install cairosvg")
        except OSError as error:
            reason = str(error).partition("\n")[0]
            return Availability(
                f"libcairo cannot be loaded ({reason})", "apt install libcairo2 (macOS: brew install cairo)"
            )
        return AVAILABLE

    def version(self) -> str:
        import cairosvg

        return f"{cairosvg.__version__} (cairo {cairosvg.surface.cairo.cairo_version_string()})"

    def draw(self, svg: str, canvas: Canvas) -> Image.Image:
        from cairosvg.helpers import node_format
        from cairosvg.parser import Tree
        from cairosvg.surface import PNGSurface

        fontconfig.use(canvas.fonts)
        tree = Tree(bytestring=_DECLARATION.sub("", sized(svg, canvas)).encode())
        # Given a canvas of another shape, CairoSVG distorts what has preserveAspectRatio="none".
        outside = SimpleNamespace(dpi=CSS_DPI, font_size=DEFAULT_FONT_SIZE, context_width=0, context_height=0)
        own_width, own_height, _ = node_format(outside, tree)
        width, height = fitted(own_width, own_height, canvas)
        cairo = PNGSurface(tree, None, CSS_DPI, output_width=width, output_height=height).cairo
        cairo.flush()
        size = cairo.get_width(), cairo.get_height()
        # Premultiplied, and on little-endian machines in the order blue, green, red, alpha.
        pixels = Image.frombytes("RGBa", size, bytes(cairo.get_data()), "raw", "BGRa", cairo.get_stride())
        return centred(pixels.convert("RGBA"), canvas)
