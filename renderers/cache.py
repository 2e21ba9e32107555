"""Renderings on disk, found again by what determines their pixels.

Those that differ by the SVG alone share a folder, which is named after all else: renderers, size, background, and
the code of this package. In it every pool that draws something new appends to two files of its own, so that any
number of runs may share the folder without a lock: first the rendering to NAME.renderings, then its place to
NAME.index. Whatever is killed leaves at worst a rendering without a place, or half a place, and neither is read.

A file per rendering would be simpler, but making one takes longer than drawing does (0.7 ms on ext4, where a
drawing takes 0.4 and appending to a file 0.003), and clusters count files. Pixels are kept as they are,
compressed with Zstandard, which gives them back several times faster than a PNG would.
"""

from __future__ import annotations

import functools
import hashlib
import json
import struct
import sys
import time
import uuid
import zlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, NamedTuple

from PIL import Image

from renderers.base import Rendering
from renderers.kept_files import cache_folder

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_COMPRESSION: Mapping[int, int] = {
    zstd.CompressionParameter.compression_level: 1,
    zstd.CompressionParameter.checksum_flag: 1,
}
_RENDERINGS, _INDEX = ".renderings", ".index"
_ENTRY = struct.Struct("<32sQLL")  # key; offset and length of the rendering; CRC-32 of what stands before it


class _Place(NamedTuple):
    """Where a rendering stands: file, offset and length in bytes."""

    file: Path
    offset: int
    length: int


class RenderCache:
    """The renderings of one kind on disk.

    Args:
        folder: of this kind, see :func:`kind_folder`; made if need be.

    Raises:
        OSError: the folder cannot be read.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._writer: _Writer | None = None
        indices = [(index.stat().st_mtime_ns, index) for index in folder.glob(f"*{_INDEX}")]
        # The latest counts: what stands in its place was not there, or spoiled, when it was drawn.
        self._places = {key: place for _, index in sorted(indices) for key, place in _places(index)}

    def load(self, key: bytes) -> Rendering | None:
        """The rendering of a :func:`document_key`; None when there is none, or it is spoiled."""
        place = self._places.get(key)
        if place is None:
            return None
        start = time.perf_counter()
        try:
            with place.file.open("rb", buffering=0) as file:
                file.seek(place.offset)
                rendering = unpack(file.read(place.length))
        except Exception:  # whatever a cut or spoiled file leads to
            return None
        return replace(rendering, seconds=time.perf_counter() - start)

    def store(self, key: bytes, packed: bytes) -> None:
        """Keep a packed rendering. Raises OSError when it cannot be written."""
        self._writer = self._writer or _Writer(self._folder)
        try:
            self._places[key] = self._writer.append(key, packed)
        except OSError:
            self.close()  # where the half of something may stand, nothing is added
            raise

    def close(self) -> None:
        """Close what was written to; another rendering would go to new files."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None


class _Writer:
    """A pair of files that nobody else writes to. Raises OSError when they cannot be made."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / f"{uuid.uuid4().hex}{_RENDERINGS}"
        self._renderings: BinaryIO = self._path.open("xb")
        self._index: BinaryIO = self._path.with_suffix(_INDEX).open("xb")

    def append(self, key: bytes, packed: bytes) -> _Place:
        """Write a rendering, and then, when it is whole, its place. Raises OSError."""
        place = _Place(self._path, self._renderings.tell(), len(packed))
        self._renderings.write(packed)
        self._renderings.flush()
        entry = _ENTRY.pack(key, place.offset, place.length, 0)[:-4]
        self._index.write(entry + struct.pack("<L", zlib.crc32(entry)))
        self._index.flush()
        return place

    def close(self) -> None:
        for file in (self._renderings, self._index):
            with suppress(OSError):  # what could not be written before
                file.close()


def _places(index: Path) -> Iterator[tuple[bytes, _Place]]:
    """The whole entries of an index, each a key and its place."""
    try:
        data = index.read_bytes()
    except OSError:  # of another user, or gone since
        return
    file = index.with_suffix(_RENDERINGS)
    for start in range(0, len(data) - _ENTRY.size + 1, _ENTRY.size):
        entry = data[start : start + _ENTRY.size]
        key, offset, length, checksum = _ENTRY.unpack(entry)
        if zlib.crc32(entry[:-4]) == checksum:
            yield key, _Place(file, offset, length)


def kind_folder(described: str) -> Path:
    """The folder of renderings that are described alike: renderers with versions and order, size, background…

    Raises RuntimeError for a user without a home directory, as in some containers.
    """
    return cache_folder("renders") / hashlib.sha256(rules_digest() + described.encode()).hexdigest()[:32]


def document_key(svg: str | bytes) -> bytes:
    """What a rendering is found by in its folder: a hash of the document as it came, 32 bytes."""
    data = svg if isinstance(svg, bytes) else svg.encode("utf-8", "surrogatepass")
    return hashlib.sha256(type(svg).__name__.encode() + b"\0" + data).digest()


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
