"""Renderings on disk, found by what determines their pixels.

One PNG file per rendering, in folders named by the first two digits of its key. A file is written under
another name and then renamed, so that a reader sees all of it or nothing, whatever is killed and however many
runs share the folder. What a rendering is beside its pixels stands in the PNG's text chunks.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image
from PIL.PngImagePlugin import PngImageFile, PngInfo

from renderers.base import Rendering

if TYPE_CHECKING:
    from renderers.base import RenderOptions

ENVIRONMENT = "SVG_CAPTION_BENCH_CACHE"
"""Environment variable that names another base directory than the user's cache directory."""

_FASTEST = 1  # zlib level: a quarter faster than the default, and drawings grow by a tenth


def cache_folder() -> Path:
    """The folder of renderings: in ``$SVG_CAPTION_BENCH_CACHE``, or else in the user's cache directory.

    Raises RuntimeError for a user without a home directory, as in some containers.
    """
    from platformdirs import user_cache_path

    base = os.environ.get(ENVIRONMENT)
    return (Path(base) if base else user_cache_path("svg-caption-bench")) / "renders"


def unwritable(folder: Path) -> str:
    """Why nothing can be written to ``folder``, which is made if need be; "" when it can."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return ""
    except OSError as error:
        return str(error)


def entry_path(folder: Path, svg: str, drawn_by: str, options: RenderOptions) -> Path:
    """The file of one rendering.

    Args:
        folder: of all renderings.
        svg: the secured document.
        drawn_by: names and versions of the renderers that may draw it, in order.
        options: size and background.
    """
    described = "\0".join((drawn_by, repr(options.size()), repr(options.colour()), svg))
    key = hashlib.sha256(described.encode()).hexdigest()
    return folder / key[:2] / f"{key}.png"


def load(path: Path, options: RenderOptions) -> Rendering | None:
    """The rendering in a file, without its repairs; None when there is none, or it is spoiled."""
    start = time.perf_counter()
    try:
        with Image.open(path, formats=("PNG",)) as image:
            image.load()
            if not isinstance(image, PngImageFile) or image.mode != "RGB" or image.size != options.size():
                return None
            backend, blank = image.text["backend"], image.text["blank"]
            return Rendering(image.copy(), backend, (), blank, time.perf_counter() - start)
    except Exception:  # Pillow has many for files that are cut or spoiled
        return None


def store(path: Path, rendering: Rendering) -> None:
    """Write a rendering, in place of any that is there. Raises OSError when the file cannot be written."""
    about = PngInfo()
    about.add_itxt("backend", rendering.backend)
    about.add_itxt("blank", rendering.blank)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{uuid.uuid4().hex}.part")
    try:
        rendering.image.save(part, "PNG", pnginfo=about, compress_level=_FASTEST)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
