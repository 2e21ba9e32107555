"""Pictures inside an SVG, as ``data:`` URLs: what they are is read from their content, before anything decodes them.

A kilobyte of PNG can unpack to gigabytes of pixels, and an SVG inside the SVG is as hostile as the one around
it. Readers go partly by the declared type and partly by the content (resvg and Chromium by the type for SVG,
CairoSVG by the first bytes alone), so the content decides here, whatever the URL says.
"""

from __future__ import annotations

import base64
import binascii
import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

if TYPE_CHECKING:
    from PIL import ImageFile

_SPACES = re.compile(rb"[\x00-\x20]+")
_HEADER = re.compile(r"[\x00-\x20]*data:(?P<about>[^,#]*),", re.IGNORECASE)
_BASE64 = re.compile(r";\s*base64\s*\Z", re.IGNORECASE)
_MARKUP = re.compile(rb"(?:\xef\xbb\xbf)?[\x00-\x20]*<|\xff\xfe|\xfe\xff|\x1f\x8b")
_RASTER = re.compile(
    rb"(?P<PNG>\x89PNG\r\n)|(?P<JPEG>\xff\xd8\xff)|(?P<GIF>GIF8)|(?P<WEBP>RIFF.{4}WEBP)|(?P<BMP>BM)", re.S
)


@dataclass(frozen=True, slots=True)
class Data:
    """The content of a ``data:`` URL.

    Attributes:
        type: as declared, in lower case, without parameters; "" where none is.
        content: decoded.
    """

    type: str
    content: bytes

    @property
    def may_be_svg(self) -> bool:
        """Whether a reader may take it for an SVG: by its declared type, or as it begins like markup or gzip."""
        return "svg" in self.type or _MARKUP.match(self.content) is not None

    def raster_size(self) -> tuple[int, int] | None:
        """Width and height in pixels from the header of a PNG, JPEG, GIF, WebP or BMP; None for all else.

        No pixel is decoded. Other formats are drawn by one backend at most, and some of them (PostScript) start
        programs; they count as unreadable.
        """
        found = _RASTER.match(self.content)
        if not found or not found.lastgroup:
            return None
        try:
            return _reader(found.lastgroup)(io.BytesIO(self.content)).size
        except Exception:  # Pillow has many for files that are cut or spoiled
            return None


def is_data_url(url: str) -> bool:
    """Whether a reference begins as a ``data:`` URL does, up to the comma."""
    return _HEADER.match(url) is not None


def read_data_url(url: str) -> Data | None:
    """The content of a ``data:`` URL; None when it is none, or its base64 is no base64."""
    header = _HEADER.match(url)
    if not header:
        return None
    about = header["about"]
    payload = url[header.end() :]
    content = unquote_to_bytes(payload) if "%" in payload else payload.encode()
    if _BASE64.search(about):
        compact = _SPACES.sub(b"", content).rstrip(b"=")
        try:
            content = base64.b64decode(compact + b"=" * (-len(compact) % 4), validate=True)
        except binascii.Error:
            return None
    return Data(about.partition(";")[0].strip().lower(), content)


def svg_data_url(svg: str) -> str:
    """The ``data:`` URL of an SVG document."""
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"


def _reader(name: str) -> type[ImageFile.ImageFile]:
    """Pillow's reader of a format. ``Image.open`` would warn about large pictures, which are refused anyway."""
    from PIL import BmpImagePlugin, GifImagePlugin, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

    readers: dict[str, type[ImageFile.ImageFile]] = {
        "BMP": BmpImagePlugin.BmpImageFile,
        "GIF": GifImagePlugin.GifImageFile,
        "JPEG": JpegImagePlugin.JpegImageFile,
        "PNG": PngImagePlugin.PngImageFile,
        "WEBP": WebPImagePlugin.WebPImageFile,
    }
    return readers[name]
