"""Prompts are read one at a time, without padding, and answered together.

Reading a prompt keeps a processor busy by itself: in a batch it only costs more, as shorter prompts are padded to the
longest. What is known of a prompt (keys and values of attention) also is the same numbers then, whatever its batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def read(model: Any, prompts: Sequence[Sequence[int]]) -> Any:
    """All but the last token of B prompts as the cache of a batch, each padded on the left.

    Args:
        model: of transformers.
        prompts: token ids, two or more of each.

    Returns:
        A cache that ``generate`` goes on from, of T - 1 positions where the longest prompt has T; None for a model
        that keeps something else than keys and values.
    """
    import torch
    from transformers import DynamicCache
    from transformers.cache_utils import DynamicLayer, DynamicSlidingWindowLayer

    def empty() -> Any:
        return DynamicCache(config=model.config.get_text_config(decoder=True))

    if any(type(layer) not in (DynamicLayer, DynamicSlidingWindowLayer) for layer in empty().layers):
        return None
    alone = []
    for ids in prompts:
        cache = empty()
        with torch.no_grad():
            model.base_model(input_ids=torch.tensor([ids[:-1]], device=model.device), past_key_values=cache)
        alone.append(cache)
    width = max(map(len, prompts)) - 1
    together = empty()
    for number in range(len(together.layers)):
        layers = [cache.layers[number] for cache in alone]
        keys, values = (
            torch.cat([torch.nn.functional.pad(kept, (0, 0, width - kept.shape[-2], 0)) for kept in each])
            for each in ([layer.keys for layer in layers], [layer.values for layer in layers])
        )
        together.update(keys, values, number)
    return together
