"""One SVG through the backends, in this process."""

from __future__ import annotations

import functools
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from renderers.base import RENDERERS, TRANSPARENT, Renderer, RenderError, RendererUnavailable, Rendering, RenderOptions
from renderers.canvas import on_background
from renderers.limits import Limits

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PIL import Image

    from renderers.base import Canvas
    from renderers.blank import Blank
    from renderers.preparation import Prepared

AUTO = ("resvg", "librsvg", "cairosvg")
"""What "auto" tries, the most conformant first; none of them starts a process of its own."""

NO_FONT = "text-without-font"
"""The flag of a drawing with text where no font is installed: none of its text is drawn."""


def render(  # noqa: PLR0917 - the options of every drawing by position, the rarer ones by name
    svg: str | bytes,
    width: int | None = 224,
    height: int | None = None,
    background: str = "white",
    backend: str = "auto",
    repair: bool = True,
    *,
    font_dir: Path | None = None,
    limits: Limits = Limits(),
) -> Rendering:
    """Draw one SVG in this process: without a limit on time or memory, and without the cache.

    Args:
        svg: the document; bytes are decoded by their byte order mark or XML declaration, and unpacked (.svgz).
        width: of the image in pixels; None for that of ``height``.
        height: of the image in pixels; None for that of ``width``.
        background: an opaque CSS colour, or "transparent" for an RGBA image.
        backend: name of a renderer, or "auto": resvg, then librsvg, then CairoSVG, where the one before fails
            or draws nothing without a reason in the document.
        repair: mend what can be mended in the SVG first.
        font_dir: folder of the only fonts to use.
        limits: what the SVG may hold.

    Raises:
        RenderError: the SVG is invalid, unsafe or refused by the backend, or the backend cannot work here.
        UnknownName: there is no such backend.
        ValueError: a size or colour that no rendering can have.
    """
    from renderers.preparation import prepare

    options = RenderOptions(width, height, background, backend, repair, font_dir, limits)
    names = usable_backends(options.backend)
    return draw(prepare(svg, repair=repair, limits=limits), options.canvas(), names)


def usable_backends(backend: str) -> tuple[str, ...]:
    """Names of the renderers to try for ``backend``, a name or "auto", in order.

    Raises:
        RendererUnavailable: none of them can work here.
        UnknownName: there is no such renderer.
    """
    names = AUTO if backend == "auto" else (backend,)
    availability = {name: RENDERERS[name]().availability() for name in names}
    usable = tuple(name for name in names if availability[name])
    if not usable:
        reasons = "; ".join(f"{name}: {availability[name]}" for name in names)
        raise RendererUnavailable(f"no renderer can draw here: {reasons}")
    return usable


def fingerprint(options: RenderOptions) -> dict[str, Any]:
    """What determines the pixels, for JSON: renderers with versions in order, fonts, size, background, repair.

    Raises RendererUnavailable and UnknownName as :func:`usable_backends`.
    """
    canvas = options.canvas()
    names = usable_backends(options.backend)
    return {
        "backends": [f"{name} {RENDERERS[name]().version()}" for name in names],
        "fonts": canvas.fonts.digest(),
        "width": canvas.width,
        "height": canvas.height,
        "background": TRANSPARENT if canvas.colour is None else "#{:02x}{:02x}{:02x}".format(*canvas.colour),
        "repair": options.repair,
    }


def draw(
    prepared: Prepared, canvas: Canvas, names: Sequence[str], begin: Callable[[str], None] = lambda name: None
) -> Rendering:
    """Draw a prepared SVG with the first of the named renderers that can.

    A blank picture that the document does not account for is a failure too, unless no renderer does better.

    Args:
        prepared: the SVG.
        canvas: what to draw on.
        names: renderers to try, in order.
        begin: told each name before its turn, since a renderer may end the process.

    Raises RenderError when no renderer can draw it.
    """
    from renderers.blank import uniform

    start = time.perf_counter()
    failures: dict[str, str] = {}
    found: tuple[str, Image.Image, str] | None = None
    for name in names:
        begin(name)
        try:
            drawn = drawn_by(name, prepared.svg, canvas)
            shown = on_background(drawn, canvas.colour) if canvas.colour and drawn.mode == "RGBA" else drawn
            blank = _blank(name, prepared.svg, drawn, canvas) if uniform(shown) else None
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # a panic in Rust is no Exception
            failures[name] = ": ".join(filter(None, (type(error).__name__, str(error))))
            continue
        if blank is None or blank.explained:
            found = name, shown, blank.reason if blank else ""
            break
        failures[name] = f"blank: {blank.reason}"
        found = found or (name, shown, blank.reason)
    fallbacks = tuple(f"{name}: {failure}" for name, failure in failures.items())
    if found is None:
        raise RenderError(f"no renderer could draw the SVG: {'; '.join(fallbacks)}")
    name, shown, reason = found
    flags = prepared.flags
    if "<text" in prepared.svg and not canvas.fonts.files():
        flags += (NO_FONT,)
    return Rendering(shown, name, prepared.repairs, reason, time.perf_counter() - start, flags, fallbacks)


def drawn_by(name: str, svg: str, canvas: Canvas) -> Image.Image:
    """The picture that one renderer draws: RGBA, or RGB over the canvas's colour. Raises what it raises."""
    drawn = _instance(RENDERERS[name]).draw(svg, canvas)
    if drawn.size != canvas.size or drawn.mode not in (("RGBA",) if canvas.colour is None else ("RGBA", "RGB")):
        raise ValueError(f"it drew {drawn.mode} in {drawn.size} pixels, not RGBA in {canvas.size}")
    return drawn


def _blank(name: str, svg: str, drawn: Image.Image, canvas: Canvas) -> Blank | None:
    """Why nothing can be seen in a picture of one colour; None when that colour is the drawing."""
    from renderers.blank import explain

    clear = replace(canvas, colour=None)
    if drawn.mode != "RGBA":
        drawn = drawn_by(name, svg, clear)
    return explain(svg, drawn, canvas, lambda other: drawn_by(name, other, clear))


@functools.cache
def _instance(renderer: type[Renderer]) -> Renderer:
    """One of each for this process: what it has loaded, or a browser that it started, is used again."""
    return renderer()
