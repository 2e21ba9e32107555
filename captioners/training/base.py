"""The base of a training: a causal language model that stays as it is, and what has to be known of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from captioners.base import CaptionerError
from captioners.checkpoints import Checkpoint, at, fetched
from captioners.options import ModelOptions
from captioners.training.config import Model

# What --base takes beside places: the two published bases.
NAMED = {"llama-3.1-8b": "meta-llama/Llama-3.1-8B-Instruct", "gemma-2-9b": "google/gemma-2-9b-it"}


@dataclass(frozen=True, slots=True)
class Base:
    """A loaded base.

    Attributes:
        model: of transformers, on its device, its parameters frozen.
        tokenizer: that belongs to it.
        name: id on the hub, or the place of a local one.
        revision: its commit on the hub, "" for a local one.
        weights: hash of a local one's weights, "" for one of the hub, whose revision says it.
        ends: the tokens that end a turn.
        pad: the token to pad with.
    """

    model: Any
    tokenizer: Any
    name: str
    revision: str
    weights: str
    ends: frozenset[int]
    pad: int


def place(name: str) -> Checkpoint:
    """The checkpoint that ``--base`` names: a published one, a hub id, a folder, or a GGUF file."""
    return at(NAMED.get(name, name))


def load(name: str, asked: Model, *, allow_download: bool = False) -> Base:
    """Load a base as a preset asks. Raises CaptionerError where it is not here or cannot be loaded.

    Llama computes with torch's fused attention, Gemma 2 with the plain one: its soft-cap needs the scores.
    """
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig

    from captioners.offline import offline
    from captioners.torchvision_operators import declare_missing

    declare_missing()
    checkpoint = place(name)
    found = fetched(checkpoint, ModelOptions(allow_download=allow_download), name)
    file = {"gguf_file": found.name} if found.is_file() else {}
    folder = found.parent if found.is_file() else found
    dtype = getattr(torch, asked.dtype)
    packed: Any = BitsAndBytesConfig(  # type: ignore[no-untyped-call]
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=asked.double_quantization,
        bnb_4bit_compute_dtype=dtype,
    )
    device = f"cuda:{torch.cuda.current_device()}" if torch.cuda.is_available() else "cpu"
    try:
        with offline():
            config = AutoConfig.from_pretrained(folder, **file)
            model: Any = AutoModelForCausalLM.from_pretrained(
                folder,
                **file,
                dtype=dtype,
                attn_implementation="eager" if config.model_type == "gemma2" else "sdpa",
                quantization_config=packed if asked.quantization == "nf4" else None,
                device_map={"": device},
                use_safetensors=None if file else True,
            )
            tokenizer: Any = AutoTokenizer.from_pretrained(folder, **file)
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        reason = " ".join(str(error).split())[:300]
        raise CaptionerError(f"the base {name!r} cannot be loaded from {found}: {reason}") from error
    ends = model.generation_config.eos_token_id
    known = set(ends if isinstance(ends, list) else [ends]) | {tokenizer.eos_token_id}
    pad = tokenizer.pad_token_id if tokenizer.pad_token_id is not None else tokenizer.eos_token_id
    return Base(
        model,
        tokenizer,
        name=checkpoint.repository,
        revision="" if checkpoint.local else found.name,
        weights=weights_hash(found) if checkpoint.local else "",
        ends=frozenset(known - {None}),
        pad=pad,
    )


def weights_hash(place: Path) -> str:
    """SHA-256 (hex) over the weights of a folder or GGUF file, in the order of their names."""
    from captioners.safetensors_files import weight_files

    total = hashlib.sha256()
    for file in [place] if place.is_file() else sorted(weight_files(place)):
        with file.open("rb") as opened:
            total.update(hashlib.file_digest(opened, "sha256").digest())
    return total.hexdigest()
