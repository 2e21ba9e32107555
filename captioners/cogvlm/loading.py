"""Strict loading of published safetensors, by their own names, with the model in memory once."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import torch
from torch import nn

from captioners.base import CaptionerError
from captioners.safetensors_files import weight_files

Quantization = Literal["nf4"]

_DTYPES = {"F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}
# The original keeps this table of rotary embeddings in its checkpoints; ours is computed.
_IGNORED = ".rotary_emb.inv_freq"
_SHOWN = 8  # names of each kind in a message


@dataclass(frozen=True, slots=True)
class Stored:
    """A tensor in a file."""

    path: Path
    shape: tuple[int, ...]
    dtype: str


def load_weights(
    model: nn.Module,
    directory: Path,
    *,
    dtype: torch.dtype | None,
    device: torch.device,
    quantization: Quantization | None,
) -> None:
    """Fill a model on the meta device. Arguments as in ``CogVLMForCausalLM.from_pretrained``. Raises CaptionerError."""
    expected = {name: tuple(parameter.shape) for name, parameter in model.named_parameters()}
    stored = {name: tensor for name, tensor in stored_tensors(directory).items() if not name.endswith(_IGNORED)}
    check(expected, stored, directory)
    dtype = dtype or _DTYPES[stored["model.embed_tokens.weight"].dtype]
    if quantization is not None:
        _prepare_quantization(model, dtype)
    for path in dict.fromkeys(tensor.path for tensor in stored.values()):
        with _opened(path) as file:
            for name in file.keys():  # noqa: SIM118 - a file, not a dict
                if name in expected:
                    _place(model, name, file.get_tensor(name), dtype, device)


def stored_tensors(directory: Path) -> dict[str, Stored]:
    """All tensors of the checkpoint by name, from the headers of its files. Raises CaptionerError."""
    stored: dict[str, Stored] = {}
    for path in weight_files(directory):
        with _opened(path) as file:
            for name in file.keys():  # noqa: SIM118 - a file, not a dict
                if name in stored:
                    raise CaptionerError(
                        f"{name} is in both {stored[name].path} and {path}. Fetch the checkpoint anew."
                    )
                tensor = file.get_slice(name)
                stored[name] = Stored(path, tuple(tensor.get_shape()), tensor.get_dtype())
    return stored


def check(expected: Mapping[str, tuple[int, ...]], stored: Mapping[str, Stored], directory: Path) -> None:
    """Raises CaptionerError, which says what is missing, what is too much, and what has another shape or type."""
    common = sorted(expected.keys() & stored.keys())
    kinds = {
        "missing": sorted(expected.keys() - stored.keys()),
        "unexpected": sorted(stored.keys() - expected.keys()),
        "of another shape": [
            f"{name} {list(stored[name].shape)} instead of {list(expected[name])}"
            for name in common
            if stored[name].shape != expected[name]
        ],
        "of another type": [f"{name} {stored[name].dtype}" for name in common if stored[name].dtype not in _DTYPES],
    }
    if problems := [f"{len(names)} {kind}: {_listed(names)}" for kind, names in kinds.items() if names]:
        raise CaptionerError(
            f"the tensors in {directory} are not those of the model that its config.json describes: "
            f"{'; '.join(problems)}. Name the checkpoint of a CogVLM of the first version, or fetch it anew."
        )


def _listed(names: list[str]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _opened(path: Path) -> Any:
    from safetensors import SafetensorError, safe_open

    try:
        return safe_open(path, framework="pt")
    except (SafetensorError, OSError) as error:
        raise CaptionerError(f"cannot read {path}: {error}. Fetch this file anew.") from error


def _prepare_quantization(model: nn.Module, dtype: torch.dtype) -> None:
    """Put 4-bit layers in the place of all linear ones but the last, as is usual for language models.

    Where a processor has AVX512-BF16, bitsandbytes computes in bfloat16 whatever it is asked for, in a format that not
    every shape fits into. It is left to do so only where it is right.
    """
    # Its functions have no types; imported in this way they need none.
    layers: Any = importlib.import_module("bitsandbytes.nn")
    for name, module in list(model.named_modules()):
        if isinstance(module, nn.Linear) and name != "lm_head":
            shape, bias = (module.in_features, module.out_features), module.bias is not None
            quantized = layers.Linear4bit(
                *shape, bias=bias, compute_dtype=dtype, compress_statistics=True, quant_type="nf4", device="meta"
            )
            fits = module.out_features % 32 == 0 and module.in_features % 64 == 0
            quantized.support_avx512bf16_for_cpu &= dtype == torch.bfloat16 and fits
            model.set_submodule(name, quantized)


def _place(model: nn.Module, name: str, tensor: torch.Tensor, dtype: torch.dtype, device: torch.device) -> None:
    """Put a tensor where it belongs; one that is mapped from a file is copied, so that the file is free again."""
    owner_name, _, leaf = name.rpartition(".")
    owner = model.get_submodule(owner_name)
    place = getattr(owner, leaf)
    if hasattr(place, "quant_type"):  # a matrix of Linear4bit, which is quantised by its move
        quantized = type(place)(
            tensor.to(dtype),
            quant_type=place.quant_type,
            compress_statistics=place.compress_statistics,
            quant_storage=place.quant_storage,
            module=owner,
        )
        owner.register_parameter(leaf, quantized.to(device))
    else:
        copied = tensor.to(device=device, dtype=dtype, copy=True)
        owner.register_parameter(leaf, nn.Parameter(copied, requires_grad=False))
