"""SVG in, pixels out.

``render`` draws one SVG in this process. ``RenderPool`` draws many, in processes that are bounded in time and
memory, and keeps the results on disk. ``prepare`` is what both do to an SVG before a backend sees it.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from renderers.base import (
    RENDERERS,
    Canvas,
    InvalidSvg,
    RenderCrash,
    Renderer,
    RenderError,
    RendererUnavailable,
    Rendering,
    RenderOptions,
    RenderTimeout,
    TruncatedSvg,
    UnsafeSvg,
)
from renderers.drawing import fingerprint, render
from renderers.fonts import Fonts
from renderers.limits import Limits

if TYPE_CHECKING:
    from renderers.pool import RenderPool
    from renderers.preparation import Prepared, prepare

__all__ = [
    "RENDERERS",
    "Canvas",
    "Fonts",
    "InvalidSvg",
    "Limits",
    "Prepared",
    "RenderCrash",
    "RenderError",
    "RenderOptions",
    "RenderPool",
    "RenderTimeout",
    "Renderer",
    "RendererUnavailable",
    "Rendering",
    "TruncatedSvg",
    "UnsafeSvg",
    "fingerprint",
    "prepare",
    "render",
]


# Their parsers and process machinery take longer to import than all else here.
_LATER = {"RenderPool": "pool", "Prepared": "preparation", "prepare": "preparation"}


def __getattr__(name: str) -> Any:
    if name in _LATER:
        return getattr(importlib.import_module(f"renderers.{_LATER[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
