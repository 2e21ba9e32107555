"""CogVLM as its specification words it: one picture, one row, one token, one head at a time, in float64."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


class Reference:
    """The model of a configuration and of weights by name."""

    def __init__(self, config: dict[str, Any], weights: dict[str, Any]) -> None:
        self.config = config
        self.weights = {name: np.asarray(value, dtype=np.float64) for name, value in weights.items()}

    def logits(
        self, ids: Sequence[int], types: Sequence[int], mask: Sequence[int], image: Array | None
    ) -> list[Array | None]:
        """What follows each token of a row, ``[vocabulary]``; None for padding."""
        x = self.embedded(ids, types, image)
        positions = position_ids(types, mask)
        experts = ["vision" if vision else "language" for vision in vision_rows(types)]
        for n in range(self.config["num_hidden_layers"]):
            x = self.layer(f"model.layers.{n}", x, positions, experts, mask)
        head, norm = self.weights["lm_head.weight"], self.weights["model.norm.weight"]
        return [head @ self.rms(token, norm) if seen else None for token, seen in zip(x, mask, strict=True)]

    def embedded(self, ids: Sequence[int], types: Sequence[int], image: Array | None) -> list[Array]:
        features = [] if image is None else list(self.image_features(image))
        table = self.weights["model.embed_tokens.weight"]
        return [features.pop(0) if type == 1 else table[id] for id, type in zip(ids, types, strict=True)]

    def layer(
        self, name: str, x: list[Array], positions: Sequence[int], experts: list[str], mask: Sequence[int]
    ) -> list[Array]:
        heads = self.config["num_attention_heads"]
        size = self.config["hidden_size"]
        d = size // heads
        queries, keys, values = [], [], []
        for token, expert, position in zip(x, experts, positions, strict=True):
            normed = self.rms(token, self.weights[f"{name}.input_layernorm.weight"])
            projected = self.weights[f"{name}.self_attn.{expert}_expert_query_key_value.weight"] @ normed
            query, key, value = projected[:size], projected[size : 2 * size], projected[2 * size :]
            queries.append([turned(query[k * d : (k + 1) * d], position) for k in range(heads)])
            keys.append([turned(key[k * d : (k + 1) * d], position) for k in range(heads)])
            values.append([value[k * d : (k + 1) * d] for k in range(heads)])
        out = []
        for i, token in enumerate(x):
            seen = [j for j in range(i + 1) if mask[j]]
            if not mask[i]:
                out.append(token)
                continue
            joined = np.concatenate([
                attention(queries[i][k], [keys[j][k] for j in seen], [values[j][k] for j in seen]) for k in range(heads)
            ])  # fmt: skip
            y = token + self.weights[f"{name}.self_attn.{experts[i]}_expert_dense.weight"] @ joined
            normed = self.rms(y, self.weights[f"{name}.post_attention_layernorm.weight"])
            mlp = f"{name}.mlp.{experts[i]}_mlp"
            gate, up, down = (self.weights[f"{mlp}.{part}_proj.weight"] for part in ("gate", "up", "down"))
            out.append(y + down @ (silu(gate @ normed) * (up @ normed)))
        return out

    def rms(self, x: Array, weight: Array) -> Array:
        return weight * x / math.sqrt(np.mean(x**2) + self.config["rms_norm_eps"])

    def image_features(self, image: Array) -> Array:
        """``[n + 2, hidden]`` of a picture ``[3, s, s]``."""
        w, prefix = self.weights, "model.vision"
        x = self.patches(image)
        for m in range(self.config["vision_config"]["num_hidden_layers"]):
            x = self.vision_layer(f"{prefix}.transformer.layers.{m}", x)
        out = [w[f"{prefix}.boi"][0, 0]]
        for token in x[1:]:
            u = w[f"{prefix}.linear_proj.linear_proj.weight"] @ token
            norm = (w[f"{prefix}.linear_proj.norm1.{part}"] for part in ("weight", "bias"))
            u = gelu(layer_norm(u, *norm, eps=1e-5))
            gate = silu(w[f"{prefix}.linear_proj.gate_proj.weight"] @ u)
            inner = gate * (w[f"{prefix}.linear_proj.dense_h_to_4h.weight"] @ u)
            out.append(w[f"{prefix}.linear_proj.dense_4h_to_h.weight"] @ inner)
        return np.stack([*out, w[f"{prefix}.eoi"][0, 0]])

    def patches(self, image: Array) -> list[Array]:
        prefix = "model.vision.patch_embedding"
        p = self.config["vision_config"]["patch_size"]
        table = self.weights[f"{prefix}.position_embedding.weight"]
        kernel, bias = self.weights[f"{prefix}.proj.weight"], self.weights[f"{prefix}.proj.bias"]
        x = [self.weights[f"{prefix}.cls_embedding"][0] + table[0]]
        for top in range(0, image.shape[1], p):
            for left in range(0, image.shape[2], p):
                patch = image[:, top : top + p, left : left + p]
                x.append(np.array([np.sum(one * patch) for one in kernel]) + bias + table[len(x)])
        return x

    def vision_layer(self, name: str, x: list[Array]) -> list[Array]:
        vision = self.config["vision_config"]
        heads, size = vision["num_heads"], vision["hidden_size"]
        d = size // heads
        projected = [self.linear(f"{name}.attention.query_key_value", token) for token in x]
        out = []
        for token, own in zip(x, projected, strict=True):
            parts = []
            for k in range(heads):
                of = slice(k * d, (k + 1) * d)
                keys = [other[size : 2 * size][of] for other in projected]
                values = [other[2 * size :][of] for other in projected]
                parts.append(attention(own[:size][of], keys, values))
            attended = self.linear(f"{name}.attention.dense", np.concatenate(parts))
            y = token + self.norm(f"{name}.input_layernorm", attended)
            inner = self.linear(f"{name}.mlp.fc2", gelu(self.linear(f"{name}.mlp.fc1", y)))
            out.append(y + self.norm(f"{name}.post_attention_layernorm", inner))
        return out

    def linear(self, name: str, x: Array) -> Array:
        return self.weights[f"{name}.weight"] @ x + self.weights[f"{name}.bias"]

    def norm(self, name: str, x: Array) -> Array:
        eps = self.config["vision_config"]["layer_norm_eps"]
        return layer_norm(x, self.weights[f"{name}.weight"], self.weights[f"{name}.bias"], eps=eps)


def position_ids(types: Sequence[int], mask: Sequence[int]) -> list[int]:
    """Token by token: who counts as text, then who goes one further."""
    types = [type if seen else -1 for type, seen in zip(types, mask, strict=True)]
    last = len(types) - 1
    like_text = []
    for p, type in enumerate(types):
        at_end = p in (0, last)
        beside_text = (p > 0 and types[p - 1] == 0) or (p < last and types[p + 1] == 0)
        like_text.append(type == 0 or (type == 1 and (at_end or beside_text)))
    positions = [0]
    for p in range(1, len(types)):
        first_patch = types[p] == 1 and not like_text[p] and like_text[p - 1]
        positions.append(positions[-1] + (1 if like_text[p] or first_patch else 0))
    return positions


def vision_rows(types: Sequence[int]) -> list[bool]:
    return [type == 1 and next == 1 for type, next in zip(types, [*types[1:], 0], strict=True)]


def turned(x: Array, position: int) -> Array:
    """Component j and component j + d/2 turn by position * 10000^(-2j/d)."""
    d, out = len(x), x.copy()
    for j in range(d // 2):
        angle = position * 10000.0 ** (-2 * j / d)
        out[j] = x[j] * math.cos(angle) - x[j + d // 2] * math.sin(angle)
        out[j + d // 2] = x[j + d // 2] * math.cos(angle) + x[j] * math.sin(angle)
    return out


def attention(query: Array, keys: Sequence[Array], values: Sequence[Array]) -> Array:
    scores = np.array([query @ key for key in keys]) / math.sqrt(len(query))
    weights = np.exp(scores - scores.max())
    return np.asarray((weights / weights.sum()) @ np.stack(values))


def layer_norm(x: Array, weight: Array, bias: Array, eps: float) -> Array:
    return (x - x.mean()) / math.sqrt(x.var() + eps) * weight + bias


def gelu(x: Array) -> Array:
    return np.array([value / 2 * (1 + math.erf(value / math.sqrt(2))) for value in x])


def silu(x: Array) -> Array:
    return x / (1 + np.exp(-x))
