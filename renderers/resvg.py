"""resvg, the most conformant backend, and so the first one.

Two packages on PyPI bind it. This is `resvg`, which draws in a third of the time of `resvg_py` and passes as
many files of resvg's own suite. It has no option for generic font families, so fonts are loaded under the
names that it looks for (:mod:`renderers.font_aliases`), and it panics where the other raises ValueError, which
:mod:`renderers.drawing` takes for the failure that it is. It binds resvg 0.47, whose gaps are closed beforehand
(:mod:`renderers.resvg_gaps`). Neither gives raw pixels.
"""

from __future__ import annotations

import io
from importlib.metadata import version
from typing import TYPE_CHECKING

from PIL import Image

from renderers.base import RENDERERS, Canvas
from renderers.canvas import centred, fitted
from renderers.font_aliases import aliased_faces
from renderers.registry import AVAILABLE, Availability
from renderers.resvg_gaps import without_gaps
from renderers.size import disabling_side, root_attributes, stated_size

if TYPE_CHECKING:
    from resvg import usvg

    from renderers.fonts import Fonts

CSS_DPI = 96.0


@RENDERERS.register("resvg")
class Resvg:
    """Draws with resvg."""

    name = "resvg"

    def __init__(self) -> None:
        self._options: dict[Fonts | None, usvg.Options] = {}

    def availability(self) -> Availability:
        try:
            import resvg  # noqa: F401
        except ImportError as error:
            return Availability(f"resvg cannot be imported ({error})", "pip install resvg")
        return AVAILABLE

    def version(self) -> str:
        return version("resvg")

    def draw(self, svg: str, canvas: Canvas) -> Image.Image:
        import resvg

        root = root_attributes(svg) or {}
        if disabling_side(root):  # resvg refuses it
            return Image.new("RGBA", canvas.size)
        options = self._options_for(canvas.fonts if "text" in svg else None)
        tree = resvg.usvg.Tree.from_str(without_gaps(svg), options)
        own_width, own_height = stated_size(root) or tree.int_size()
        width, height = fitted(own_width, own_height, canvas)
        # In the order of the affine matrix's rows.
        transform = (width / own_width, 0.0, 0.0, 0.0, height / own_height, 0.0)
        # Over an opaque ground resvg need not undo the multiplication by alpha, pixel by pixel.
        ground = None if canvas.colour is None else (*canvas.colour, 255)
        png = resvg.render(tree, transform, bg_size=(width, height), bg_color=ground)
        drawn = Image.open(io.BytesIO(png), formats=("PNG",))
        return centred(drawn.convert("RGBA" if ground is None else "RGB"), canvas)

    def _options_for(self, fonts: Fonts | None) -> usvg.Options:
        """Options with the fonts; without any for a document without text, as loading them takes long."""
        from resvg import usvg

        if fonts not in self._options:
            options = usvg.Options.default()
            options.dpi = CSS_DPI
            if fonts is not None:
                # Not load_system_fonts(), which also takes generic families from a configuration that cannot be seen.
                for path in fonts.files():
                    options.load_font_file(str(path))
                for face in aliased_faces(fonts):
                    options.load_font_data(face)
            self._options[fonts] = options
        return self._options[fonts]
