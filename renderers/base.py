"""What a renderer is, what it is asked for and what comes back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from PIL import ImageColor

from renderers.registry import Registry

if TYPE_CHECKING:
    from PIL import Image

    from renderers.registry import Availability

MAX_SIDE = 4096
"""Largest width and height of a rendering, in pixels."""


class RenderError(Exception):
    """An SVG that could not be drawn, or a renderer that cannot work here. The message says why."""


class InvalidSvg(RenderError):
    """The text is no well-formed SVG document."""


class UnsafeSvg(RenderError):
    """The document exceeds a bound or declares entities; no backend was shown it."""


class RendererUnavailable(RenderError):
    """The renderer that was asked for cannot work here; the message ends with the remedy."""


class RenderTimeout(RenderError):
    """The drawing took longer than the limit and was ended."""


class RenderCrash(RenderError):
    """The process that drew ended before it had an answer: a crash of the backend, or its memory limit."""


@dataclass(frozen=True, slots=True)
class RenderOptions:
    """What to draw on and with. Raises ValueError for values that no rendering can have.

    Attributes:
        width: of the canvas in pixels, 1 to 4096.
        height: of the canvas in pixels, 1 to 4096; None for a square one.
        background: an opaque CSS colour that shows where the drawing is transparent.
        backend: name of a renderer, or "auto" for the first one that can draw the SVG.
    """

    width: int = 224
    height: int | None = None
    background: str = "white"
    backend: str = "auto"

    def __post_init__(self) -> None:
        for name, side in zip(("width", "height"), self.size(), strict=True):
            if not isinstance(side, int) or not 1 <= side <= MAX_SIDE:
                raise ValueError(f"{name} is {side!r}; it must be a whole number from 1 to {MAX_SIDE}.")
        try:
            channels = ImageColor.getrgb(self.background)
        except ValueError as error:
            raise ValueError(
                f"background is {self.background!r}; it must be a CSS colour such as 'white' or '#f0f0f0'."
            ) from error
        if channels[3:] not in ((), (255,)):
            raise ValueError(f"background is {self.background!r}; it must be opaque, as a rendering has no alpha.")

    def size(self) -> tuple[int, int]:
        """Width and height of the canvas in pixels."""
        return self.width, self.width if self.height is None else self.height

    def colour(self) -> tuple[int, int, int]:
        """The background's red, green and blue, 0 to 255."""
        red, green, blue = ImageColor.getrgb(self.background)[:3]
        return red, green, blue


@dataclass(frozen=True, slots=True)
class Rendering:
    """One drawn SVG.

    Attributes:
        image: RGB, of exactly the size that was asked for.
        backend: name of the renderer that drew it.
        repairs: names of what was changed in the SVG before it was drawn.
        blank: why nothing can be seen, "" when something can.
        seconds: wall time of the drawing, or of the look-up when it came from the cache.
    """

    image: Image.Image
    backend: str
    repairs: tuple[str, ...]
    blank: str
    seconds: float


class Renderer(Protocol):
    """A backend. The registry holds the class; it is built without arguments."""

    name: str

    def availability(self) -> Availability:
        """Whether the backend can draw here; if not, why, and what to install."""

    def version(self) -> str:
        """Versions of everything that determines the pixels. Asked only where the backend is available."""

    def draw(self, svg: str, width: int, height: int) -> Image.Image:
        """The drawing as an RGBA image (straight alpha) of exactly width x height pixels.

        The aspect ratio is kept: the drawing is as large as fits and centred on a transparent canvas. ``svg``
        has been through :func:`renderers.safety.secure`. Any exception means that this SVG cannot be drawn.
        """


RENDERERS: Registry[type[Renderer]] = Registry(
    "renderer", modules=("renderers.resvg", "renderers.cairo"), group="svg_caption_bench.renderers"
)
