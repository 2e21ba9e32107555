"""ThorVG through thorvg_python: the fastest backend, and the least conformant.

It draws plain text: one face per family, neither bold nor italic, and what names no family that it was given is
set in the first one. A style sheet with ``@font-face`` ends the process, so that such a document is refused.
"""

from __future__ import annotations

import ctypes
import functools
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from PIL import Image

from renderers.base import RENDERERS, RenderError
from renderers.canvas import centred, fitted
from renderers.font_aliases import family_files
from renderers.registry import AVAILABLE, Availability
from renderers.viewport import sized

if TYPE_CHECKING:
    from pathlib import Path

    from renderers.base import Canvas
    from renderers.fonts import Fonts


@RENDERERS.register("thorvg")
class ThorVg:
    """Draws with ThorVG."""

    name = "thorvg"

    def availability(self) -> Availability:
        try:
            _engine()
        except (ImportError, OSError) as error:
            return Availability(f"ThorVG cannot be loaded ({error})", "pip install 'svg-caption-bench[thorvg]'")
        return AVAILABLE

    def version(self) -> str:
        return f"thorvg-python {version('thorvg-python')} (ThorVG {_engine().version()[-1]})"

    def draw(self, svg: str, canvas: Canvas) -> Image.Image:
        from thorvg_python.base import Colorspace
        from thorvg_python.canvas.sw import SwCanvas
        from thorvg_python.paint.picture import Picture

        if "@font-face" in svg.lower():
            raise RenderError("ThorVG crashes on @font-face, and the SVG has one")
        if "<text" in svg:
            _FONTS.provide(svg, canvas.fonts)
        picture, target = Picture(_engine()), SwCanvas(_engine())
        try:
            _check(target.add(picture), "take a drawing")  # and owns it from here on
            _check(picture.load_data(sized(svg, canvas).encode(), "svg", None, True), "read the SVG")
            _, own_width, own_height = picture.get_size()  # of a document without a size, that of what it shows
            width, height = fitted(own_width, own_height, canvas)
            _check(picture.set_size(width, height), "scale the drawing")
            target.set_target(width, height, width, Colorspace.ABGR8888S)  # S: straight alpha
            _check(target.draw(True), "draw")
            _check(target.sync(), "finish the drawing")
            pixels = bytes(target.buffer_arr or b"")
        finally:
            target.destroy()
        return centred(Image.frombytes("RGBA", (width, height), pixels), canvas)


class _FontBook:
    """The fonts that ThorVG holds in this process, by family."""

    def __init__(self) -> None:
        self._fonts: Fonts | None = None
        self._files: dict[str, Path] = {}
        self._held: set[str] = set()

    def provide(self, svg: str, fonts: Fonts) -> None:
        """Give ThorVG the fonts of those families that the document names, and before them the serif one."""
        load = _engine().thorvg_lib.tvg_font_load_data  # the package's own method calls another function
        load.argtypes = [ctypes.c_char_p, ctypes.c_char_p, ctypes.c_uint32, ctypes.c_char_p, ctypes.c_bool]
        load.restype = ctypes.c_int
        if fonts != self._fonts:
            _engine().term()  # the one way to make it forget a font
            _engine().init(threads=0)
            self._fonts, self._files, self._held = fonts, family_files(fonts), set()
        for family, path in self._files.items():
            if family not in self._held and (not self._held or family in svg):
                data = path.read_bytes()
                if load(family.encode(), data, len(data), b"ttf", True) == 0:
                    self._held.add(family)


_FONTS = _FontBook()


def _check(result: int, what: str) -> None:
    if result:
        raise RenderError(f"ThorVG could not {what} ({result!r})")


@functools.cache
def _engine() -> Any:
    """ThorVG, drawing in the thread that asks. Raises ImportError and OSError."""
    from thorvg_python.engine import Engine

    return Engine(threads=0)
