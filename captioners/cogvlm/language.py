"""The layers of the language model: Llama's, with a second set of linear layers for pictures."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from captioners.cogvlm.cache import KeyValueCache
from captioners.cogvlm.config import CogVLMConfig
from captioners.cogvlm.experts import Routing
from captioners.cogvlm.positions import rotate


@dataclass(frozen=True, slots=True, eq=False)
class Visibility:
    """Which keys a query sees, in the terms of torch's attention.

    Attributes:
        mask: ``[b, 1, queries, keys]``, True for what is seen; None where padding hides nothing.
        causal: without a mask, whether a query sees only itself and what is before it.
    """

    mask: Tensor | None
    causal: bool

    @classmethod
    def of(cls, attention_mask: Tensor, queries: int) -> Visibility:
        """Of the last ``queries`` tokens of rows whose padding is 0 in ``attention_mask [b, keys]``.

        Pictures are read causally as well. Padding sees itself: a query that sees nothing has no softmax.
        """
        keys = attention_mask.shape[1]
        if bool(attention_mask.all()) and queries in (1, keys):
            return cls(None, causal=queries > 1)
        order = torch.arange(keys, device=attention_mask.device)
        query = order[keys - queries :, None]
        mask = (order <= query) & (attention_mask[:, None] != 0) | (order == query)
        return cls(mask[:, None], causal=False)


@dataclass(frozen=True, slots=True, eq=False)
class Pass:
    """What all layers share while they read some tokens.

    Attributes:
        routing: to the experts.
        cos, sin: the rotary embeddings of the tokens.
        visibility: which keys they see.
        cache: what was read before; gets what is read now.
    """

    routing: Routing
    cos: Tensor
    sin: Tensor
    visibility: Visibility
    cache: KeyValueCache | None


class RmsNorm(nn.Module):
    """Root mean square norm (Zhang and Sennrich 2019).

    Computed in float32, the weight included; Llama rounds before it multiplies by the weight.
    """

    def __init__(self, size: int, eps: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(size))
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        exact = x.float()
        normed = exact * torch.rsqrt(exact.square().mean(dim=-1, keepdim=True) + self.eps)
        return (self.weight * normed).to(x.dtype)


class Attention(nn.Module):
    """Causal attention over text and pictures; each token's projections are those of its expert."""

    def __init__(self, config: CogVLMConfig, index: int) -> None:
        super().__init__()
        size = config.hidden_size
        self.index, self.num_heads = index, config.num_attention_heads
        self.vision_expert_query_key_value = nn.Linear(size, 3 * size, bias=False)
        self.vision_expert_dense = nn.Linear(size, size, bias=False)
        self.language_expert_query_key_value = nn.Linear(size, 3 * size, bias=False)
        self.language_expert_dense = nn.Linear(size, size, bias=False)

    def forward(self, x: Tensor, during: Pass) -> Tensor:
        projected = during.routing.apply(x, self.vision_expert_query_key_value, self.language_expert_query_key_value)
        heads = (*x.shape[:2], self.num_heads, -1)
        query, key, value = (part.view(heads).transpose(1, 2) for part in projected.chunk(3, dim=-1))
        query, key = (rotate(part, during.cos, during.sin) for part in (query, key))
        if during.cache is not None:
            key, value = during.cache.extend(self.index, key, value)
        seen = functional.scaled_dot_product_attention(
            query, key, value, attn_mask=during.visibility.mask, is_causal=during.visibility.causal
        )
        joined = seen.transpose(1, 2).flatten(2)
        return during.routing.apply(joined, self.vision_expert_dense, self.language_expert_dense)


class Perceptron(nn.Module):
    """A gated linear unit with SiLU."""

    def __init__(self, config: CogVLMConfig) -> None:
        super().__init__()
        self.gate_proj = nn.Linear(config.hidden_size, config.intermediate_size, bias=False)
        self.up_proj = nn.Linear(config.hidden_size, config.intermediate_size, bias=False)
        self.down_proj = nn.Linear(config.intermediate_size, config.hidden_size, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.down_proj(functional.silu(self.gate_proj(x)) * self.up_proj(x))
        return out


class Perceptrons(nn.Module):
    """One for each kind of token."""

    def __init__(self, config: CogVLMConfig) -> None:
        super().__init__()
        self.language_mlp = Perceptron(config)
        self.vision_mlp = Perceptron(config)

    def forward(self, x: Tensor, during: Pass) -> Tensor:
        return during.routing.apply(x, self.vision_mlp, self.language_mlp)


class Layer(nn.Module):
    """x + attention(norm(x)), then the same with the perceptron."""

    def __init__(self, config: CogVLMConfig, index: int) -> None:
        super().__init__()
        self.self_attn = Attention(config, index)
        self.mlp = Perceptrons(config)
        self.input_layernorm = RmsNorm(config.hidden_size, config.rms_norm_eps)
        self.post_attention_layernorm = RmsNorm(config.hidden_size, config.rms_norm_eps)

    def forward(self, x: Tensor, during: Pass) -> Tensor:
        x = x + self.self_attn(self.input_layernorm(x), during)
        out: Tensor = x + self.mlp(self.post_attention_layernorm(x), during)
        return out
