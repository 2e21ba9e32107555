"""Where a model computes, in which precision, and whether its weights fit there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from captioners import safetensors_files
from captioners.base import CaptionerError
from captioners.options import ModelOptions
from renderers.registry import AVAILABLE, Availability

# Beside the weights: activations, the cache of keys and values, what the libraries themselves take.
_MARGIN = 1 << 30


@dataclass(frozen=True, slots=True)
class Placement:
    """Where and how a model computes.

    Attributes:
        device: of torch, never ``auto``.
        dtype: ``float32``, ``bfloat16`` or ``float16``, of what is not quantized and of computing.
        quantization: ``nf4`` or ``none``.
    """

    device: str
    dtype: str
    quantization: str

    def fingerprint(self) -> Mapping[str, str]:
        """What of it captions depend on: a GPU's numbers are the same whichever of its kind it is."""
        return {"device": self.device.partition(":")[0], "dtype": self.dtype, "quantization": self.quantization}

    def torch_dtype(self) -> Any:
        """The dtype as torch's."""
        import torch

        return getattr(torch, self.dtype)


def placement(options: ModelOptions, *, quantizes: bool) -> Placement:
    """What ``auto`` means here.

    Args:
        options: what is asked for.
        quantizes: whether the captioner is quantized on CUDA unless told otherwise.

    Raises:
        CaptionerError: there is no such device.
    """
    where = device(options.device)
    on_gpu = where.startswith("cuda")
    dtype = options.dtype
    if dtype == "auto":
        dtype = "bfloat16" if on_gpu else "float32"
    quantization = options.quantization
    if quantization == "auto":
        quantization = "nf4" if on_gpu and quantizes else "none"
    return Placement(where, dtype, quantization)


def room(folder: Path, placed: Placement) -> Availability:
    """Whether the weights in a folder fit into the memory that is free."""
    if not folder.is_dir():
        return AVAILABLE  # a GGUF file: its numbers are unpacked one tensor at a time, and nothing says to how many
    needed = safetensors_files.memory(folder, placed.dtype, placed.quantization) + _MARGIN
    there = _free(placed.device)
    if needed <= there:
        return AVAILABLE
    precise = placed.dtype if placed.quantization == "none" else placed.quantization
    smaller = "" if placed.quantization == "nf4" else "; --quantization nf4 needs about a quarter of bfloat16"
    return Availability(
        f"needs {_gib(needed)} of memory on {placed.device} in {precise}, and {_gib(there)} are free",
        f"free some, or choose another --device or --dtype{smaller}",
    )


def _gib(size: int) -> str:
    return f"{size / 2**30:.1f} GiB"


def _free(device: str) -> int:
    if device.startswith("cuda"):
        import torch

        return int(torch.cuda.mem_get_info(device)[0])
    import psutil

    return int(psutil.virtual_memory().available)


def device(asked: str) -> str:
    """The device that torch computes on; ``auto`` is CUDA where it is there. Raises CaptionerError."""
    import torch

    try:
        found = ("cuda" if torch.cuda.is_available() else "cpu") if asked == "auto" else str(torch.device(asked))
        torch.zeros(1, device=found).item()  # `meta` has no numbers to give
    except (RuntimeError, AssertionError) as error:
        raise CaptionerError(f"there is no device {asked!r} here: {str(error).partition(chr(10))[0]}") from error
    return found
