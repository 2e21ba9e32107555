"""One SVG through the backends, in this process."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from renderers.base import RENDERERS, RenderError, RendererUnavailable, Rendering, RenderOptions
from renderers.blank import blank_reason
from renderers.canvas import on_background

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PIL import Image

AUTO = ("resvg", "cairosvg")
"""What "auto" tries, in this order."""


def render(
    svg: str | bytes,
    width: int = 224,
    height: int | None = None,
    background: str = "white",
    backend: str = "auto",
) -> Rendering:
    """Draw one SVG in this process: without a limit on time or memory, and without the cache.

    Args:
        svg: the document; bytes are decoded by their byte order mark or XML declaration.
        width: of the image in pixels, 1 to 4096.
        height: of the image in pixels; None for a square one.
        background: an opaque CSS colour.
        backend: name of a renderer, or "auto": resvg, and CairoSVG where resvg fails.

    Raises:
        RenderError: the SVG is invalid, unsafe or refused by the backend, or the backend cannot work here.
        UnknownName: there is no such backend.
        ValueError: a size or colour that no rendering can have.
    """
    from renderers.safety import decode, secure

    options = RenderOptions(width, height, background, backend)
    names = usable_backends(options.backend)
    secured, repairs = secure(svg if isinstance(svg, str) else decode(svg))
    return draw(secured, repairs, options, names)


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


def backend_versions(names: Sequence[str]) -> list[str]:
    """Name and version of each of the named renderers, which must be able to work here."""
    return [f"{name} {RENDERERS[name]().version()}" for name in names]


def fingerprint(options: RenderOptions) -> dict[str, Any]:
    """What determines the pixels, for JSON: renderers with versions in order, size, background.

    Raises RendererUnavailable and UnknownName as :func:`usable_backends`.
    """
    width, height = options.size()
    red, green, blue = options.colour()
    return {
        "backends": backend_versions(usable_backends(options.backend)),
        "width": width,
        "height": height,
        "background": f"#{red:02x}{green:02x}{blue:02x}",
    }


def draw(svg: str, repairs: tuple[str, ...], options: RenderOptions, names: Sequence[str]) -> Rendering:
    """Draw a secured SVG with the first of the named renderers that can. Raises RenderError when none can."""
    start = time.perf_counter()
    failures = []
    for name in names:
        try:
            drawn = _drawn_by(name, svg, options)
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # a panic in Rust is no Exception
            failures.append(": ".join(filter(None, (name, type(error).__name__, str(error)))))
            continue
        shown = on_background(drawn, options.colour())
        blank = blank_reason(drawn, shown, options)
        return Rendering(shown, name, repairs, blank, time.perf_counter() - start)
    raise RenderError(f"no renderer could draw the SVG: {'; '.join(failures)}")


def _drawn_by(name: str, svg: str, options: RenderOptions) -> Image.Image:
    width, height = options.size()
    drawn = RENDERERS[name]().draw(svg, width, height)
    if drawn.mode != "RGBA" or drawn.size != (width, height):
        raise ValueError(f"it drew {drawn.mode} in {drawn.size} pixels, not RGBA in {(width, height)}")
    return drawn
