"""Greedy decoding of a batch of prompts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from captioners.cogvlm.cache import KeyValueCache
from captioners.cogvlm.model import CogVLMForCausalLM
from captioners.cogvlm.prompt import Prompt, padded


@dataclass(frozen=True, slots=True)
class Generated:
    """Attributes:
    ids: what follows the prompt, without what ends it.
    cut: whether the limit ended it.
    """

    ids: tuple[int, ...]
    cut: bool


@torch.inference_mode()
def generate(
    model: CogVLMForCausalLM, prompts: Sequence[Prompt], images: Tensor | None, max_new_tokens: int
) -> list[Generated]:
    """The likeliest token after each prompt, and so on until the model ends its text or the limit does.

    The answer to a prompt does not depend on the others of its batch (but for rounding). Pictures pass through the
    vision tower once.

    Args:
        model: of which ``config.eos_token_id`` is the only token that ends a text.
        prompts: one per row.
        images: as in :meth:`CogVLMForCausalLM.forward`.
        max_new_tokens: the limit, at least 1.
    """
    config, device = model.config, model.device
    ids, types, mask = (part.to(device) for part in padded(prompts, config.pad_token_id))
    images = images.to(device) if images is not None else None
    rows, length = ids.shape
    cache = KeyValueCache(config, rows=rows, capacity=length + max_new_tokens, dtype=model.dtype, device=device)
    chosen = model.next_logits(ids, types, images, mask, cache).argmax(dim=-1)
    steps = [chosen]
    ended = chosen == config.eos_token_id
    while len(steps) < max_new_tokens and not bool(ended.all()):
        mask = torch.cat([mask, mask.new_ones(rows, 1)], dim=1)
        chosen = model.next_logits(chosen[:, None], attention_mask=mask, cache=cache).argmax(dim=-1)
        steps.append(chosen)
        ended |= chosen == config.eos_token_id
    return [_until(row, config.eos_token_id) for row in torch.stack(steps, dim=1).tolist()]


def _until(ids: list[int], end: int) -> Generated:
    if end in ids:
        return Generated(tuple(ids[: ids.index(end)]), cut=False)
    return Generated(tuple(ids), cut=True)
