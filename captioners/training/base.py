"""The base of a training: a causal language model that stays as it is, loaded as captioning loads it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from captioners.base import CaptionerError
from captioners.checkpoints import Checkpoint, at, fetched
from captioners.language.cards import AdapterCard
from captioners.language.published import PUBLISHED
from captioners.options import ModelOptions
from captioners.training.config import Model


@dataclass(frozen=True, slots=True)
class Base:
    """A loaded base.

    Attributes:
        model: of transformers, on its device, its parameters frozen. A training changes it in place.
        tokenizer: that belongs to it.
        name: id on the hub, or the path of a local one.
        card: what captioning compares with what it is asked to caption with.
        ends: the tokens that end a turn.
        pad: the token to pad with.
        window: positions that it knows; None where its configuration names no number.
    """

    model: Any
    tokenizer: Any
    name: str
    card: AdapterCard
    ends: frozenset[int]
    pad: int
    window: int | None = None


def place(name: str) -> Checkpoint:
    """The checkpoint that ``--base`` names: a captioner's, a hub id, a folder, or a GGUF file."""
    return PUBLISHED[name] if name in PUBLISHED else at(name)


def find(name: str, *, allow_download: bool = False) -> Path:
    """Folder or file of a base; nothing is loaded. Raises CaptionerError where it is not here."""
    return fetched(place(name), ModelOptions(allow_download=allow_download), "")


def load(name: str, asked: Model, *, allow_download: bool = False) -> Base:
    """Load a base as a preset asks. Raises CaptionerError where it is not here or cannot be loaded."""
    from captioners import devices, loaded
    from captioners.language import loading, model_folders
    from captioners.language.captioner import LanguageCaptioner

    folder = find(name, allow_download=allow_download)
    if asked.quantization == "nf4" and (method := model_folders.quantized_as_published(folder)):
        raise CaptionerError(
            f"the weights in {folder} are quantized already ({method}) and cannot be packed as nf4: "
            "--set model.quantization=none --set model.double_quantization=false"
        )
    options = ModelOptions(
        device=own_device(), quantization=asked.quantization, dtype=asked.dtype, allow_download=allow_download
    )
    base = loading.base(folder, devices.placement(options, quantizes=True))
    if folder.is_file():  # its weights are unpacked by now; the library would still refuse to train beside them
        base.model.hf_quantizer, base.model.is_quantized = None, False
    loaded.release()  # a captioner of this process must not get what a training has changed
    checkpoint = place(name)
    return Base(
        base.model,
        base.tokenizer,
        name=str(Path(checkpoint.repository).resolve()) if checkpoint.local else checkpoint.repository,
        card=LanguageCaptioner(name, "", checkpoint, options=options).card(folder),
        ends=base.ends.stops,
        pad=base.ends.pad,
        window=base.window,
    )


def own_device() -> str:
    """Where a process computes: of several that train side by side, each has the GPU of its own number."""
    import torch

    number = os.environ.get("LOCAL_RANK")
    if number is None or not torch.cuda.is_available():
        return "auto"
    torch.cuda.set_device(int(number))
    return f"cuda:{number}"
