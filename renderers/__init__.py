"""SVG in, pixels out.

``render`` draws one SVG in this process. ``RenderPool`` draws many, in processes that are bounded in time and
memory, and keeps the results on disk.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from renderers.base import (
    RENDERERS,
    InvalidSvg,
    RenderCrash,
    Renderer,
    RenderError,
    RendererUnavailable,
    Rendering,
    RenderOptions,
    RenderTimeout,
    UnsafeSvg,
)
from renderers.drawing import fingerprint, render

if TYPE_CHECKING:
    from renderers.pool import RenderPool

__all__ = [
    "RENDERERS",
    "InvalidSvg",
    "RenderCrash",
    "RenderError",
    "RenderOptions",
    "RenderPool",
    "RenderTimeout",
    "Renderer",
    "RendererUnavailable",
    "Rendering",
    "UnsafeSvg",
    "fingerprint",
    "render",
]


def __getattr__(name: str) -> Any:
    if name == "RenderPool":  # its process machinery takes longer to import than all else here
        from renderers.pool import RenderPool

        return RenderPool
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
