"""resvg, the most conformant backend, and so the first one.

Several packages on PyPI bind it. This is `svg2png-py`, which hands over the pixels: `resvg` and `resvg_py` encode a
PNG that would only be decoded again, which takes longer than the drawing. It raises an exception where `resvg` panics,
and units of length mean what they should, which they do not in `resvg_py` by default. It has no option for generic font
families, so fonts are loaded under the names that it looks for (:mod:`renderers.font_aliases`), nor one for the size of
the picture, which the root is given instead. It binds resvg 0.47, whose gaps are closed beforehand
(:mod:`renderers.resvg_gaps`).
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace
from importlib.metadata import version
from typing import TYPE_CHECKING

from PIL import Image

from renderers.base import RENDERERS, Canvas, RenderError
from renderers.canvas import centred, fitted
from renderers.font_aliases import aliased_faces
from renderers.kept_files import kept_file, kept_folder
from renderers.registry import AVAILABLE, Availability
from renderers.resvg_gaps import without_gaps
from renderers.size import disabling_side, root_attributes, stated_size, view_box_size
from renderers.viewport import sized

if TYPE_CHECKING:
    from collections.abc import Mapping

    from svg2png_py import FontDatabase

    from renderers.fonts import Fonts

_PATH_DATA = re.compile(r"""\sd\s*+=\s*+(?:"[^"]*+"|'[^']*+')""")
_ASTRONOMIC = re.compile(r"\d[eE]\+?(?:[3-9]\d|\d{3})|\d{30}")
_PATTERN = re.compile(r"<pattern\b[^<>]*?\bpatternUnits\s*+=\s*+[\"']userSpaceOnUse[^<>]*+>")
_TILE_SIDE = re.compile(r"\s(?:width|height)\s*+=\s*+[\"'](\d++(?:\.\d*+)?)(?:px)?[\"']")
_TOLERATED = 0.02  # of its size, by which a tile may be off; the pictures of resvg's own suite have such tiles
_MAGNIFIED_SIDE = 2048  # pixels; beyond them an error of half a pixel in each tile is small enough


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
        if _has_endless_arc(svg):
            raise RenderError("a path with arcs has numbers of 1e30 or more, which can keep resvg busy for minutes")
        svg = without_gaps(svg)
        fonts = self._database(canvas.fonts if "text" in svg else None)
        own = stated_size(root) or svg_intrinsic_size(svg, fonts)  # of what is drawn, where nothing is stated
        ground = None if canvas.colour is None else (*canvas.colour, 255)
        times = _magnification(svg, root, own, canvas)
        magnified = replace(canvas, width=canvas.width * times, height=canvas.height * times)
        pixels, width, height = svg_to_rgba(sized(svg, magnified, own), fonts, bg_color=ground)
        if ground is None:  # premultiplied
            drawn = Image.frombytes("RGBa", (width, height), pixels).convert("RGBA")
        else:
            drawn = Image.frombytes("RGB", (width, height), pixels, "raw", "RGBX")
        drawn = centred(drawn, magnified)
        return drawn if times == 1 else drawn.reduce(times)

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


def _has_endless_arc(svg: str) -> bool:
    return bool(_ASTRONOMIC.search(svg)) and any(
        _ASTRONOMIC.search(data) and "a" in data.lower() for data in _PATH_DATA.findall(svg)
    )


def _magnification(svg: str, root: Mapping[str, str], own: tuple[float, float], canvas: Canvas) -> int:
    """How many times as large the picture is drawn at first.

    resvg repeats a pattern in whole pixels: tiles of 8.75 pixels, every 9. Where tiles in user space are far from
    whole, the error becomes a quarter of that; what transforms do to them is not looked at.
    """
    if "<pattern" not in svg:
        return 1
    user_width, user_height = view_box_size(root.get("viewBox", "")) or own
    width, height = fitted(*own, canvas)
    scale = min(width / user_width, height / user_height)
    tiles = [scale * float(side) for tag in _PATTERN.findall(svg) for side in _TILE_SIDE.findall(tag)]
    if all(abs(tile - round(tile)) <= _TOLERATED * tile for tile in tiles):
        return 1
    return max(1, min(4, _MAGNIFIED_SIDE // max(canvas.size)))
