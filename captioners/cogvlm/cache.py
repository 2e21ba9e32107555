"""Keys and values of the tokens that a model has read, so that each is computed once."""

from __future__ import annotations

import torch
from torch import Tensor

from captioners.cogvlm.config import CogVLMConfig


class KeyValueCache:
    """Room for all tokens of a prompt and of its answer, taken once.

    How long an answer gets is bounded from the start, so nothing need grow: growing by concatenation copies the whole
    prompt, with its picture, in every layer for every new token.

    Attributes:
        length: tokens in it, padding included.
        positions: position id ``[b]`` of the last token of each row.
    """

    def __init__(
        self, config: CogVLMConfig, *, rows: int, capacity: int, dtype: torch.dtype, device: torch.device
    ) -> None:
        shape = (2, rows, config.num_attention_heads, capacity, config.head_dim)
        self._layers = [torch.empty(shape, dtype=dtype, device=device) for _ in range(config.num_hidden_layers)]
        self.length = 0
        self.positions = torch.zeros(rows, dtype=torch.long, device=device)

    def extend(self, layer: int, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """Keep keys and values ``[b, heads, new, d]`` of one layer; all so far, ``[b, heads, length + new, d]``."""
        end = self.length + keys.shape[2]
        kept = self._layers[layer]
        kept[0, :, :, self.length : end] = keys
        kept[1, :, :, self.length : end] = values
        return kept[0, :, :, :end], kept[1, :, :, :end]

    def advance(self, position_ids: Tensor) -> None:
        """What all layers have kept now counts; ``position_ids [b, new]`` are those of its tokens."""
        self.length += position_ids.shape[1]
        self.positions = position_ids[:, -1]
