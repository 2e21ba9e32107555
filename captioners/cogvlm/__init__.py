"""CogVLM (Wang et al. 2023), which looks at the rendered drawing: a native implementation, and its captioners."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from captioners.cogvlm.captioner import CogVlmBase224, CogVlmBase490, CogVlmChat

if TYPE_CHECKING:
    from captioners.cogvlm.model import CogVLMForCausalLM

__all__ = ["CogVLMForCausalLM", "CogVlmBase224", "CogVlmBase490", "CogVlmChat"]


def __getattr__(name: str) -> Any:
    if name == "CogVLMForCausalLM":  # it needs torch, and this package is imported by every command
        return importlib.import_module("captioners.cogvlm.model").CogVLMForCausalLM
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
