"""CogVLM (Wang et al. 2023), which looks at the rendered drawing."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from captioners.announced import AnnouncedCaptioner
from captioners.base import CAPTIONERS

if TYPE_CHECKING:
    from captioners.cogvlm.model import CogVLMForCausalLM

__all__ = ["CogVLMForCausalLM"]


@CAPTIONERS.register("cogvlm")
class CogVlm(AnnouncedCaptioner):
    name = "cogvlm"
    summary = "CogVLM chat, 17 billion parameters, looks at the picture"
    reads = "image"
    image_size = 490
    repository = "THUDM/cogvlm-chat-hf"
    size = "35 GB"
    licence = "Apache-2.0 code, CogVLM model licence"


def __getattr__(name: str) -> Any:
    if name == "CogVLMForCausalLM":  # it needs torch, and this package is imported by every command
        return importlib.import_module("captioners.cogvlm.model").CogVLMForCausalLM
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
