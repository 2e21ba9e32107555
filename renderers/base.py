"""What a renderer is, what it is asked for and what comes back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from PIL import ImageColor

from renderers.fonts import Fonts
from renderers.limits import Limits
from renderers.registry import Registry

if TYPE_CHECKING:
    from PIL import Image

    from renderers.registry import Availability

TRANSPARENT = "transparent"
"""The background of renderings that keep their alpha channel."""


class RenderError(Exception):
    """An SVG that could not be drawn, or a renderer that cannot work here. The message says why."""


class InvalidSvg(RenderError):
    """The text is no well-formed SVG document."""


class TruncatedSvg(InvalidSvg):
    """The end of the document is missing; what was cut off cannot be known, and is not invented."""


class UnsafeSvg(RenderError):
    """The document exceeds a bound or declares entities; no backend was shown it."""


class RendererUnavailable(RenderError):
    """The renderer that was asked for cannot work here; the message ends with the remedy."""


class RenderTimeout(RenderError):
    """The drawing took longer than the limit and was ended."""


class RenderCrash(RenderError):
    """The process that drew ended before it had an answer: a crash of the backend, or its memory limit."""


@dataclass(frozen=True, slots=True)
class Canvas:
    """What a backend draws on and with.

    Attributes:
        width: in pixels.
        height: in pixels.
        colour: red, green and blue of the background, 0 to 255; None for a transparent one.
        fonts: what text is set in.
    """

    width: int
    height: int
    colour: tuple[int, int, int] | None = None
    fonts: Fonts = Fonts()

    @property
    def size(self) -> tuple[int, int]:
        return self.width, self.height


@dataclass(frozen=True, slots=True)
class RenderOptions:
    """What to draw on and with. Raises ValueError for values that no rendering can have.

    Attributes:
        width: of the canvas in pixels, 1 to ``limits.side``; None for that of ``height``.
        height: of the canvas in pixels, 1 to ``limits.side``; None for that of ``width``.
        background: an opaque CSS colour that shows where the drawing is transparent, or "transparent".
        backend: name of a renderer, or "auto" for the most conformant one that draws the SVG.
        repair: mend what can be mended in the SVG first.
        font_dir: folder of the only fonts to use; None for those of the system.
        limits: what an SVG may hold.
    """

    width: int | None = 224
    height: int | None = None
    background: str = "white"
    backend: str = "auto"
    repair: bool = True
    font_dir: Path | None = None
    limits: Limits = Limits()

    def __post_init__(self) -> None:
        for name, side in zip(("width", "height"), self.size(), strict=True):
            if not isinstance(side, int) or not 1 <= side <= self.limits.side:
                raise ValueError(f"{name} is {side!r}; it must be a whole number from 1 to {self.limits.side}.")
        if self.background == TRANSPARENT:
            return
        try:
            channels = ImageColor.getrgb(self.background)
        except ValueError as error:
            raise ValueError(
                f"background is {self.background!r}; it must be a CSS colour such as 'white' or '#f0f0f0', "
                f"or {TRANSPARENT!r}."
            ) from error
        if channels[3:] not in ((), (255,)):
            raise ValueError(f"background is {self.background!r}; it must be opaque, or {TRANSPARENT!r}.")

    def size(self) -> tuple[int, int]:
        """Width and height of the canvas in pixels."""
        width = self.height if self.width is None else self.width
        height = self.width if self.height is None else self.height
        return width, height  # type: ignore[return-value]  # checked when the options were made

    def colour(self) -> tuple[int, int, int] | None:
        """The background's red, green and blue, 0 to 255; None for a transparent one."""
        if self.background == TRANSPARENT:
            return None
        red, green, blue = ImageColor.getrgb(self.background)[:3]
        return red, green, blue

    def canvas(self) -> Canvas:
        """The canvas for a backend."""
        return Canvas(*self.size(), self.colour(), Fonts(self.font_dir))


@dataclass(frozen=True, slots=True)
class Rendering:
    """One drawn SVG.

    Attributes:
        image: RGB, or RGBA with straight alpha on a transparent background, of exactly the size asked for.
        backend: name of the renderer that drew it.
        repairs: names of what was changed in the SVG before it was drawn.
        blank: why nothing can be seen, "" when something can.
        seconds: wall time of the drawing, or of the look-up when it came from the cache.
        flags: what is doubtful about the SVG and was left as it is.
        fallbacks: what the renderers before ``backend`` met, "NAME: reason" each.
    """

    image: Image.Image
    backend: str
    repairs: tuple[str, ...]
    blank: str
    seconds: float
    flags: tuple[str, ...] = ()
    fallbacks: tuple[str, ...] = ()


class Renderer(Protocol):
    """A backend. The registry holds the class; it is built without arguments, once per process.

    A backend that draws in processes of its own (a browser, a command) says so with ``own_processes = True``:
    the memory limit of a worker process does not suit those.
    """

    name: str

    def availability(self) -> Availability:
        """Whether the backend can draw here; if not, why, and what to install."""

    def version(self) -> str:
        """Versions of everything but the fonts that determines the pixels. Asked only where it is available."""

    def draw(self, svg: str, canvas: Canvas) -> Image.Image:
        """The drawing on the canvas, of exactly its size: RGBA (straight alpha) on a transparent ground.

        The aspect ratio is kept: the drawing is as large as fits, and centred. A backend that composites
        natively may return RGB over ``canvas.colour`` where that is given. ``svg`` has been through
        :func:`renderers.safety.secure`. Any exception means that this SVG cannot be drawn.
        """


RENDERERS: Registry[type[Renderer]] = Registry(
    "renderer",
    modules=(
        "renderers.resvg",
        "renderers.librsvg",
        "renderers.cairo",
        "renderers.skia",
        "renderers.thorvg",
        "renderers.chromium",
        "renderers.inkscape",
    ),
    group="svg_caption_bench.renderers",
)
