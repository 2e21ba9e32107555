"""What a folder of safetensors holds, read from names and headers alone: files, hashes, numbers, memory."""

from __future__ import annotations

import functools
import hashlib
import json
import math
import re
from pathlib import Path
from typing import Any

from captioners.base import CaptionerError

_SINGLE = ("model.safetensors", "adapter_model.safetensors")
_INDEX = "model.safetensors.index.json"
_LONGEST_HEADER = 100_000_000  # the format's own bound
# bitsandbytes: four bits a number, 8 bits for the scale of 64 numbers, 32 bits for the scale of 256 scales.
_NF4_BYTES = 0.5 + (1 + 4 / 256) / 64
# What quantization leaves as it is: vectors, embeddings and the head.
_KEPT = re.compile(r"embed|lm_head|wte|wpe")


def weight_files(folder: Path) -> list[Path]:
    """The safetensors of a model or adapter, whether they exist or not; empty where nothing names any.

    Raises CaptionerError for an index that is none, or that names files elsewhere.
    """
    for name in _SINGLE:
        if (folder / name).is_file():
            return [folder / name]
    index = folder / _INDEX
    if not index.is_file():
        return []
    try:
        names = sorted(set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values()))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise CaptionerError(f"{index} is damaged: {error}") from error
    if wrong := [name for name in names if Path(name).name != name or not name.endswith(".safetensors")]:
        raise CaptionerError(f"{index} names {wrong[0]!r}, which is no safetensors file beside it")
    return [folder / name for name in names]


def shapes(path: Path) -> dict[str, tuple[int, ...]]:
    """Name -> shape of every tensor in a folder, or in one file. Raises CaptionerError for a damaged file."""
    found: dict[str, tuple[int, ...]] = {}
    for file in [path] if path.is_file() else weight_files(path):
        for name, entry in _header(file).items():
            if name == "__metadata__":
                continue
            try:
                found[name] = tuple(int(size) for size in entry["shape"])
            except (KeyError, TypeError, ValueError) as error:
                raise CaptionerError(f"{file} is no safetensors file: {name!r} has no shape") from error
    return found


def memory(folder: Path, dtype: str, quantization: str) -> int:
    """Bytes that the weights take once loaded.

    Args:
        folder: of safetensors.
        dtype: ``float32``, ``bfloat16`` or ``float16``.
        quantization: ``nf4`` for matrices in four bits (embeddings and head are not), or ``none``.
    """
    width = 4 if dtype == "float32" else 2
    return sum(
        int(math.prod(shape) * (_NF4_BYTES if quantization == "nf4" and _is_quantized(name, shape) else width))
        for name, shape in shapes(folder).items()
    )


def digest(path: Path) -> str:
    """SHA-256 (hex) over the weights of a folder, or of one file.

    The cache of the hub calls its large files by their SHA-256, which saves reading them.
    """
    if path.is_file():
        return _sha256_of(path)
    files = weight_files(path)
    if len(files) == 1:
        return _sha256_of(files[0])
    return hashlib.sha256("".join(f"{file.name} {_sha256_of(file)}\n" for file in files).encode()).hexdigest()


def _is_quantized(name: str, shape: tuple[int, ...]) -> bool:
    return len(shape) == 2 and not _KEPT.search(name)


def _header(file: Path) -> dict[str, Any]:
    """The JSON that a safetensors file begins with, after its length in eight bytes."""
    try:
        with file.open("rb") as opened:
            length = int.from_bytes(opened.read(8), "little")
            if length > min(_LONGEST_HEADER, file.stat().st_size):
                raise ValueError("its header is longer than the file")
            header = json.loads(opened.read(length))
            if not isinstance(header, dict):
                raise ValueError("its header is no JSON object")
            return header
    except (OSError, ValueError) as error:
        raise CaptionerError(f"{file} is no safetensors file: {error}") from error


def _sha256_of(file: Path) -> str:
    real = file.resolve()
    if re.fullmatch(r"[0-9a-f]{64}", real.name):
        return real.name
    state = real.stat()
    return _sha256(real, (state.st_size, state.st_mtime_ns))


@functools.lru_cache(maxsize=64)
def _sha256(path: Path, state: tuple[int, int]) -> str:  # noqa: ARG001 - a file that has changed is read again
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
