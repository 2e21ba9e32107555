"""Renderings on disk, found by what determines their pixels.

One file per rendering, in folders named by the first two digits of its key. A file is written under another
name and then renamed, so that a reader sees all of it or nothing, whatever is killed and however many runs
share the folder. Pixels are kept as they are, compressed with Zstandard, which gives them back several times
faster than a PNG would.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
import sys
import tempfile
import time
import uuid
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from PIL import Image

from renderers.base import Rendering

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

ENVIRONMENT = "SVG_CAPTION_BENCH_CACHE"
"""Environment variable that names another base directory than the user's cache directory."""

_COMPRESSION: Mapping[int, int] = {
    zstd.CompressionParameter.compression_level: 1,
    zstd.CompressionParameter.checksum_flag: 1,
}


def cache_folder(kind: str = "renders") -> Path:
    """The folder of one kind of thing: in ``$SVG_CAPTION_BENCH_CACHE``, or else in the user's cache directory.

    Raises RuntimeError for a user without a home directory, as in some containers.
    """
    from platformdirs import user_cache_path

    base = os.environ.get(ENVIRONMENT)
    return (Path(base) if base else user_cache_path("svg-caption-bench")) / kind


def unwritable(folder: Path) -> str:
    """Why nothing can be written to ``folder``, which is made if need be; "" when it can."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return ""
    except OSError as error:
        return str(error)


def entry_path(folder: Path, svg: str | bytes, described: str) -> Path:
    """The file of one rendering.

    Args:
        folder: of all renderings.
        svg: the document as it came, before anything was done to it.
        described: all else that determines the pixels: renderers with versions and order, size, background…
    """
    data = svg if isinstance(svg, bytes) else svg.encode("utf-8", "surrogatepass")
    key = hashlib.sha256(b"\0".join((rules_digest(), type(svg).__name__.encode(), described.encode(), data)))
    name = key.hexdigest()
    return folder / name[:2] / name


@functools.cache
def rules_digest() -> bytes:
    """Changes with every change of this package: a rendering made by other rules is no longer found."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.digest()


def pack(rendering: Rendering) -> bytes:
    """A rendering as bytes: one line of JSON, then rows of pixels; compressed, with a checksum."""
    about = {
        "mode": rendering.image.mode,
        "size": rendering.image.size,
        "backend": rendering.backend,
        "repairs": rendering.repairs,
        "blank": rendering.blank,
        "flags": rendering.flags,
        "seconds": rendering.seconds,
        "fallbacks": rendering.fallbacks,
    }
    return zstd.compress(json.dumps(about).encode() + b"\n" + rendering.image.tobytes(), options=_COMPRESSION)


def unpack(packed: bytes) -> Rendering:
    """The rendering that was packed. Any exception means that the bytes are cut or spoiled."""
    unpacked = zstd.decompress(packed)
    end = unpacked.index(b"\n")
    about = json.loads(unpacked[:end])
    return Rendering(
        image=Image.frombytes(about["mode"], tuple(about["size"]), memoryview(unpacked)[end + 1 :]),
        backend=about["backend"],
        repairs=tuple(about["repairs"]),
        blank=about["blank"],
        seconds=about["seconds"],
        flags=tuple(about["flags"]),
        fallbacks=tuple(about["fallbacks"]),
    )


def load(path: Path) -> Rendering | None:
    """The rendering in a file; None when there is none, or it is spoiled."""
    start = time.perf_counter()
    try:
        rendering = unpack(path.read_bytes())
    except Exception:  # whatever a cut or spoiled file leads to
        return None
    return replace(rendering, seconds=time.perf_counter() - start)


def store(path: Path, packed: bytes) -> None:
    """Write a packed rendering, in place of any that is there. Raises OSError when it cannot be written."""
    part = path.with_name(f".{uuid.uuid4().hex}.part")
    try:
        try:
            part.write_bytes(packed)
        except FileNotFoundError:
            path.parent.mkdir(parents=True, exist_ok=True)
            part.write_bytes(packed)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
