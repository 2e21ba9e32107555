"""Drawings as pictures in a page.

Drawings come from strangers, and a browser would run their scripts and load what they point to. So a page never holds
an SVG: renderers draw it, in processes that are bounded in time and memory, and the page holds the pixels.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmark.progress import Watcher
from renderers import Rendering, RenderOptions, RenderPool
from renderers.canvas import on_background

if TYPE_CHECKING:
    from PIL import Image

    from renderers import RenderError

SIDE = 224
"""Pixels: the usual size of what captioners see, so what was drawn for them is in the cache of renderings."""

# Flat colours take 1.4 KiB on average without any loss (400 OpenMoji drawings; PNG: 3.4). What takes more than this
# is like a photograph, and is shown with a loss that nobody sees.
_FLAT = 8_192

# A process draws these in less time than a second one takes to start.
_FEW = 100


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing as the page shows it.

    Attributes:
        source: a ``data:`` address of a WebP picture; "" for what could not be drawn.
        backend: the renderer that drew it.
        notes: kind -> details of what must be known of the drawing: "not drawn", "blank", "repaired", "doubtful".
    """

    source: str
    backend: str
    notes: dict[str, str]


def draw(svgs: Sequence[str], watcher: Watcher) -> list[Picture]:
    """Draw each SVG on white; a drawing that fails has no picture and says why. Raises RendererUnavailable."""
    with (
        RenderPool(RenderOptions(width=SIDE), workers=1 if len(svgs) <= _FEW else None) as pool,
        watcher.task("report: drawing", len(svgs)) as advance,
    ):
        return list(_pictures(pool.render_many(svgs), advance))


def _pictures(results: Iterable[Rendering | RenderError], advance: Callable[[int], None]) -> Iterator[Picture]:
    for result in results:
        yield _picture(result)
        advance(1)


def _picture(result: Rendering | RenderError) -> Picture:
    if not isinstance(result, Rendering):
        return Picture("", "", {"not drawn": " ".join(str(result).split())})
    notes = {
        "blank": result.blank,
        "repaired": ", ".join(result.repairs),
        "doubtful": ", ".join(result.flags),
    }
    return Picture(_address(result.image), result.backend, {kind: text for kind, text in notes.items() if text})


def _address(image: Image.Image) -> str:
    opaque = image if image.mode == "RGB" else on_background(image.convert("RGBA"), (255, 255, 255))
    data = _webp(opaque, lossless=True, quality=50)
    if len(data) > _FLAT:
        data = min(data, _webp(opaque, lossless=False, quality=80), key=len)
    return "data:image/webp;base64," + base64.b64encode(data).decode()


def _webp(image: Image.Image, *, lossless: bool, quality: int) -> bytes:
    content = io.BytesIO()
    image.save(content, "WEBP", lossless=lossless, quality=quality, method=4)
    return content.getvalue()
