"""resvg, the most conformant backend, and so the first one.

Several packages on PyPI bind it. This is `svg2png-py`, the only one that hands over the pixels: `resvg` and
`resvg_py` encode a PNG that would only be decoded again, which takes longer than the drawing. It raises an
exception where `resvg` panics, and units of length mean what they should, which they do not in `resvg_py` by
default. It has no option for generic font families, so fonts are loaded under the names that it looks for
(:mod:`renderers.font_aliases`), nor one for the size of the picture, which the root is given instead. It binds resvg
0.47, whose gaps are closed beforehand (:mod:`renderers.resvg_gaps`).
"""

from __future__ import annotations

from contextlib import suppress
from importlib.metadata import version
from typing import TYPE_CHECKING

from PIL import Image

from renderers.base import RENDERERS, Canvas
from renderers.canvas import centred
from renderers.font_aliases import aliased_faces
from renderers.kept_files import kept_file, kept_folder
from renderers.registry import AVAILABLE, Availability
from renderers.resvg_gaps import without_gaps
from renderers.size import disabling_side, root_attributes, stated_size
from renderers.viewport import sized

if TYPE_CHECKING:
    from svg2png_py import FontDatabase

    from renderers.fonts import Fonts


@RENDERERS.register("resvg")
class Resvg:
    """Draws with resvg."""

    name = "resvg"

    def __init__(self) -> None:
        self._databases: dict[Fonts | None, FontDatabase] = {}

    def availability(self) -> Availability:
        try:
            import svg2png_py  # noqa: F401
        except ImportError as error:
            return Availability(f"svg2png_py cannot be imported ({error})", "pip install svg2png-py")
        return AVAILABLE

    def version(self) -> str:
        return f"svg2png-py {version('svg2png-py')}"

    def draw(self, svg: str, canvas: Canvas) -> Image.Image:
        from svg2png_py import svg_intrinsic_size, svg_to_rgba

        root = root_attributes(svg) or {}
        if disabling_side(root):  # resvg refuses it
            return Image.new("RGBA", canvas.size)
        svg = without_gaps(svg)
        fonts = self._database(canvas.fonts if "text" in svg else None)
        own = stated_size(root) or svg_intrinsic_size(svg, fonts)  # of what is drawn, where nothing is stated
        ground = None if canvas.colour is None else (*canvas.colour, 255)
        pixels, width, height = svg_to_rgba(sized(svg, canvas, own), fonts, bg_color=ground)
        if ground is None:  # premultiplied
            drawn = Image.frombytes("RGBa", (width, height), pixels).convert("RGBA")
        else:
            drawn = Image.frombytes("RGB", (width, height), pixels, "raw", "RGBX")
        return centred(drawn, canvas)

    def _database(self, fonts: Fonts | None) -> FontDatabase:
        """The fonts; none for a document without text, as loading them takes long."""
        from svg2png_py import FontDatabase

        if fonts not in self._databases:
            database = FontDatabase()
            if fonts is not None:
                # Not load_system_fonts(), which also takes generic families from a configuration that cannot be seen.
                files = list(fonts.files())
                if faces := aliased_faces(fonts):
                    folder = kept_folder("fonts")
                    files += [kept_file(face, folder, ".ttf") for face in faces]
                for path in files:
                    with suppress(RuntimeError, OSError):  # no font, or gone since
                        database.load_font_file(str(path))
            self._databases[fonts] = database
        return self._databases[fonts]
