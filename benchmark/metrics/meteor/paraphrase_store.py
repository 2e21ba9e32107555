"""The paraphrase index on disk: built once, then mapped into memory.

It lies in the cache folder, named by what determines its content. It is written under another name and then renamed,
so that a reader sees all of it or nothing; what a killed build left behind is removed by the next one. One process
builds while the others wait for it; where the file system knows no locks, each builds for itself.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import mmap
import os
import uuid
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout

from benchmark.metrics.meteor.paraphrase_index import ParaphraseIndex, build
from benchmark.progress import Watcher
from renderers.kept_files import cache_folder, unwritable

_FORMAT = 1
_HEADER = 256  # bytes: sizes and checksum, as JSON and blanks
_ARRAYS = {"edges": np.uint64, "starts": np.uint32, "targets": np.uint32}
_BLOCK = 1 << 20
_PATIENCE = 600.0  # seconds; a lock ends with the process that holds it, so this is a stopped one


def open_index(table: Path, watcher: Watcher) -> ParaphraseIndex:
    """The index of a paraphrase table: from the cache, or built now and cached where that is possible.

    Raises OSError, EOFError or ValueError when the table cannot be read.
    """
    try:
        folder = cache_folder("meteor")
    except RuntimeError as error:
        return _built(table, watcher, str(error))
    path = folder / f"paraphrases-{_digest(table)}"
    index = load(path)
    if index is not None:
        return index
    if reason := unwritable(folder):
        return _built(table, watcher, reason)
    with _locked(folder / "paraphrases.lock"):
        index = load(path)
        if index is not None:
            return index
        for left_behind in folder.glob(".paraphrases-*.part"):
            left_behind.unlink(missing_ok=True)
        index = build(table, watcher)
        try:
            store(path, index)
        except OSError as error:
            watcher.note(_not_kept(str(error)))
            return index
    return load(path) or index


def load(path: Path) -> ParaphraseIndex | None:
    """The index in a file; None when there is none, or it is cut or spoiled."""
    try:
        with path.open("rb") as file:
            header = json.loads(file.read(_HEADER))
            checksum = 0
            while block := file.read(_BLOCK):
                checksum = zlib.crc32(block, checksum)
            if checksum != header["checksum"]:
                return None
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        arrays, at = {}, _HEADER
        for name, kind in _ARRAYS.items():
            arrays[name] = np.frombuffer(mapped, dtype=kind, count=header[name], offset=at)
            at += arrays[name].nbytes
        words = {word: number for number, word in enumerate(mapped[at:].decode("utf-8").split(" "))}
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return ParaphraseIndex(words=words, **arrays)


def store(path: Path, index: ParaphraseIndex) -> None:
    """Write an index, in place of any that is there. Raises OSError."""
    parts = [getattr(index, name).data for name in _ARRAYS]
    parts.append(memoryview(" ".join(index.words).encode()))
    checksum = 0
    for part in parts:
        checksum = zlib.crc32(part, checksum)
    header = {name: len(getattr(index, name)) for name in _ARRAYS} | {"checksum": checksum}
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}.part")
    try:
        with temporary.open("wb") as file:
            file.write(json.dumps(header).encode().ljust(_HEADER))
            for part in parts:
                file.write(part)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _digest(table: Path) -> str:
    """Changes with the table's content: a gzip file ends with the checksum and the length of what is packed in it."""
    with table.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(size - 8, 0))
        return hashlib.sha256(f"{_FORMAT} {size} {file.read().hex()}".encode()).hexdigest()[:16]


def _built(table: Path, watcher: Watcher, reason: str) -> ParaphraseIndex:
    watcher.note(_not_kept(reason))
    return build(table, watcher)


def _not_kept(reason: str) -> str:
    return f"METEOR: the index of paraphrases cannot be kept, each run builds it again: {reason}"


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    lock = FileLock(path, timeout=_PATIENCE)
    try:
        lock.acquire()
    except (OSError, NotImplementedError, Timeout):  # two builds at once cost time, nothing else
        yield
        return
    try:
        yield
    finally:
        lock.release()
