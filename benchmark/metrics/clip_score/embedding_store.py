"""Embeddings on disk, so that no picture and no caption is encoded twice by the same model.

A folder per model; in it every writer leaves files of its own, each written whole under another name first, so
that any number of processes may share the folder without a lock. A file is a NumPy array without pickles, one
record per embedding, each with a checksum: what is spoiled is computed anew.
"""

from __future__ import annotations

import hashlib
import io
import warnings
import zlib
from pathlib import Path

import numpy as np
import numpy.typing as npt

from renderers.kept_files import ENVIRONMENT, cache_folder, kept_file, unwritable

Vector = npt.NDArray[np.float32]

_AT_ONCE = 4096  # embeddings in a file at most: what a killed process loses, and a run of more has several files


def key_of(kind: str, content: bytes) -> bytes:
    """What an embedding is found by: a hash of what it is of, 32 bytes."""
    return hashlib.sha256(kind.encode() + b"\0" + content).digest()


class EmbeddingStore:
    """The embeddings of one model on disk. Use it in a ``with`` statement: what is new is written at its end.

    Args:
        model: fingerprint of the model, hexadecimal.
    """

    def __init__(self, model: str) -> None:
        self._folder: Path | None = None
        self._kept: dict[bytes, np.void] = {}
        self._fresh: dict[bytes, Vector] = {}
        try:
            folder = cache_folder("clip") / model[:32]
            reason = unwritable(folder)
        except RuntimeError as error:  # no home directory
            reason = str(error)
        if reason:
            self._do_without(reason)
            return
        self._folder = folder
        for file in sorted(folder.glob("*.npy")):
            self._kept |= _records(file)

    def __enter__(self) -> EmbeddingStore:
        return self

    def __exit__(self, *_: object) -> None:
        self._flush()

    def get(self, key: bytes) -> Vector | None:
        """The embedding ``[d]`` of a :func:`key_of`; None when there is none, or it is spoiled."""
        record = self._kept.get(key)
        if record is not None and record["checksum"] == _checksum(key, record["embedding"]):
            return np.array(record["embedding"], dtype=np.float32)
        return self._fresh.get(key)

    def add(self, key: bytes, embedding: Vector) -> None:
        """Keep an embedding ``[d]``."""
        self._fresh[key] = embedding
        if len(self._fresh) >= _AT_ONCE:
            self._flush()

    def _flush(self) -> None:
        if self._folder is None or not self._fresh:
            self._fresh.clear()
            return
        records = _array(self._fresh)
        content = io.BytesIO()
        np.save(content, records, allow_pickle=False)
        try:
            kept_file(content.getvalue(), self._folder, ".npy")
        except OSError as error:
            self._do_without(str(error))
        self._fresh.clear()

    def _do_without(self, reason: str) -> None:
        warnings.warn(
            f"embeddings are not kept: {reason}. Set {ENVIRONMENT} to a folder that can be written to.",
            RuntimeWarning,
            stacklevel=3,
        )
        self._folder = None


def _array(embeddings: dict[bytes, Vector]) -> npt.NDArray[np.void]:
    dimension = len(next(iter(embeddings.values())))
    records = np.zeros(len(embeddings), dtype=[("key", "u1", 32), ("checksum", "<u4"), ("embedding", "<f4", dimension)])
    records["key"] = [np.frombuffer(key, dtype=np.uint8) for key in embeddings]
    records["embedding"] = list(embeddings.values())
    records["checksum"] = [_checksum(key, embedding) for key, embedding in embeddings.items()]
    return records


def _checksum(key: bytes, embedding: npt.NDArray[np.float32]) -> int:
    return zlib.crc32(key + np.ascontiguousarray(embedding, dtype="<f4").tobytes())


def _records(file: Path) -> dict[bytes, np.void]:
    """The records of a file, which stay on disk until they are read; none of a spoiled one."""
    try:
        records = np.load(file, mmap_mode="r", allow_pickle=False)
        return {key.tobytes(): record for key, record in zip(records["key"], records, strict=True)}
    except (OSError, ValueError, EOFError, IndexError, KeyError):
        return {}
