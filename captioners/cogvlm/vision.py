"""The vision tower (EVA2-CLIP-E without its last layer) and the adapter to the language model.

The names of the parameters are those of the published checkpoints. Those of the norms mislead: both normalise what
their block has computed, before it is added.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from captioners.cogvlm.config import CogVLMConfig, VisionConfig

_ADAPTER_EPS = 1e-5  # that of torch, which the original relies on


class VisionModel(nn.Module):
    """Pictures to what the language model reads in their place."""

    def __init__(self, config: CogVLMConfig) -> None:
        super().__init__()
        self.patch_embedding = PatchEmbedding(config.vision)
        layers = [Layer(config.vision) for _ in range(config.vision.num_hidden_layers)]
        self.transformer = nn.ModuleDict({"layers": nn.ModuleList(layers)})
        self.linear_proj = Adapter(config)
        self.boi = nn.Parameter(torch.empty(1, 1, config.hidden_size))
        self.eoi = nn.Parameter(torch.empty(1, 1, config.hidden_size))

    def forward(self, images: Tensor) -> Tensor:
        """``[b, 3, s, s]`` to ``[b, n + 2, hidden]``: the n patches between what begins and what ends a picture."""
        x = self.patch_embedding(images)
        for layer in self.transformer["layers"].children():
            x = layer(x)
        patches = self.linear_proj(x[:, 1:])
        ends = (len(images), 1, -1)
        return torch.cat([self.boi.expand(ends), patches, self.eoi.expand(ends)], dim=1)


class PatchEmbedding(nn.Module):
    """Patches, row by row, behind a cls token; a table adds positions to both."""

    def __init__(self, config: VisionConfig) -> None:
        super().__init__()
        size = config.patch_size
        self.proj = nn.Conv2d(config.in_channels, config.hidden_size, kernel_size=size, stride=size)
        self.cls_embedding = nn.Parameter(torch.empty(1, config.hidden_size))
        self.position_embedding = nn.Embedding(config.num_positions, config.hidden_size)

    def forward(self, images: Tensor) -> Tensor:
        """``[b, 3, s, s]`` to ``[b, 1 + n, h]``."""
        patches = self.proj(images).flatten(2).transpose(1, 2)
        cls = self.cls_embedding.expand(len(images), 1, -1)
        return torch.cat([cls, patches], dim=1) + self.position_embedding.weight


class Layer(nn.Module):
    """x + norm(attention(x)), then the same with the perceptron."""

    def __init__(self, config: VisionConfig) -> None:
        super().__init__()
        self.input_layernorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.attention = Attention(config)
        self.mlp = Perceptron(config)
        self.post_attention_layernorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.input_layernorm(self.attention(x))
        out: Tensor = x + self.post_attention_layernorm(self.mlp(x))
        return out


class Attention(nn.Module):
    """Every token sees every token; no rotary embeddings."""

    def __init__(self, config: VisionConfig) -> None:
        super().__init__()
        self.num_heads = config.num_heads
        self.query_key_value = nn.Linear(config.hidden_size, 3 * config.hidden_size)
        self.dense = nn.Linear(config.hidden_size, config.hidden_size)

    def forward(self, x: Tensor) -> Tensor:
        query, key, value = self.query_key_value(x).unflatten(-1, (3, self.num_heads, -1)).unbind(2)
        # Heads before tokens: in the other order, attention would be among the heads of each token.
        heads = [part.transpose(1, 2) for part in (query, key, value)]
        seen = functional.scaled_dot_product_attention(*heads)
        out: Tensor = self.dense(seen.transpose(1, 2).flatten(2))
        return out


class Perceptron(nn.Module):
    """Two linear layers with the exact GELU in between."""

    def __init__(self, config: VisionConfig) -> None:
        super().__init__()
        self.fc1 = nn.Linear(config.hidden_size, config.intermediate_size)
        self.fc2 = nn.Linear(config.intermediate_size, config.hidden_size)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.fc2(functional.gelu(self.fc1(x)))
        return out


class Adapter(nn.Module):
    """A projection and a gated linear unit (Shazeer 2020) from the tower's width to the language model's."""

    def __init__(self, config: CogVLMConfig) -> None:
        super().__init__()
        wide, inner = config.hidden_size, config.intermediate_size
        self.linear_proj = nn.Linear(config.vision.hidden_size, wide, bias=False)
        self.norm1 = nn.LayerNorm(wide, eps=_ADAPTER_EPS)
        self.gate_proj = nn.Linear(wide, inner, bias=False)
        self.dense_h_to_4h = nn.Linear(wide, inner, bias=False)
        self.dense_4h_to_h = nn.Linear(inner, wide, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        x = functional.gelu(self.norm1(self.linear_proj(x)))
        out: Tensor = self.dense_4h_to_h(functional.silu(self.gate_proj(x)) * self.dense_h_to_4h(x))
        return out
