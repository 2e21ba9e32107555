"""resvg through the package resvg_py: the most conformant backend, and so the first one."""

from __future__ import annotations

import io

from PIL import Image

from renderers.base import RENDERERS
from renderers.canvas import centred
from renderers.fonts import fonts_digest, generic_families
from renderers.registry import AVAILABLE, Availability

CSS_DPI = 96.0  # the package's default of 0 refuses every size in mm, cm, in, pt or pc
DEFAULT_FONT_SIZE = 12.0  # that of resvg itself; the package's is 16


@RENDERERS.register("resvg")
class Resvg:
    """Draws with resvg. On a machine without any font, text is left out without an error."""

    name = "resvg"

    def availability(self) -> Availability:
        try:
            import resvg_py  # noqa: F401
        except ImportError as error:
            return Availability(f"resvg_py cannot be imported ({error})", "pip install resvg_py")
        return AVAILABLE

    def version(self) -> str:
        import resvg_py

        return f"{resvg_py.__version__} (resvg {resvg_py.__resvg_version__}, fonts {fonts_digest()})"

    def draw(self, svg: str, width: int, height: int) -> Image.Image:
        import resvg_py

        families = generic_families()
        serif, sans, mono = (families.get(generic) for generic in ("serif", "sans", "mono"))
        png = resvg_py.svg_to_bytes(
            svg_string=svg,
            width=width,
            height=height,
            dpi=CSS_DPI,
            font_size=DEFAULT_FONT_SIZE,
            languages=["en"],
            # Unmapped, a generic family, or one that is not installed, draws nothing at all, silently.
            font_family=serif,
            serif_family=serif,
            sans_serif_family=sans,
            monospace_family=mono,
            cursive_family=sans,
            fantasy_family=sans,
        )
        return centred(Image.open(io.BytesIO(png)).convert("RGBA"), width, height)
