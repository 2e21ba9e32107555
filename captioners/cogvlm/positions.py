"""Where tokens stand: position ids, in which the patches of a picture share one, and rotary embeddings.

Rotary embeddings are those of Su et al. 2021, "RoFormer", in the form that turns the two halves of a head.
"""

from __future__ import annotations

import torch
from torch import Tensor

from captioners.cogvlm.token_types import IMAGE, TEXT

_PADDING = -1

_BASE = 10000.0


def position_ids(token_type_ids: Tensor, attention_mask: Tensor) -> Tensor:
    """The positions ``[b, t]`` that rotary embeddings see.

    What begins and ends a picture counts as text: an image token beside a text token, or at either end of the row.
    From 0 on, every token that counts as text goes one further, and so does the first patch of a picture; further
    patches, and padding, stay where the token before them is.

    Args:
        token_type_ids: ``[b, t]``, 0 for text, 1 for pictures.
        attention_mask: ``[b, t]``, 0 for padding.
    """
    types = token_type_ids.masked_fill(attention_mask == 0, _PADDING)
    # A column of text before and behind the row: an image token there has no neighbour, and counts as text too.
    padded = torch.nn.functional.pad(types, (1, 1), value=TEXT)
    beside_text = (padded[:, :-2] == TEXT) | (padded[:, 2:] == TEXT)
    like_text = (types == TEXT) | ((types == IMAGE) & beside_text)
    first_patch = (types == IMAGE) & ~like_text & like_text.roll(1, dims=1)
    further = (like_text | first_patch).long()
    further[:, 0] = 0
    return further.cumsum(dim=1)


def rotation(positions: Tensor, head_dim: int, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    """Cosines and sines ``[b, 1, t, head_dim / 2]`` for positions ``[b, t]``, computed in float32.

    Angles computed in bfloat16, as the original does after a cast of the model, tell positions above 256 apart no more.
    """
    exponents = torch.arange(0, head_dim, 2, device=positions.device, dtype=torch.float32) / head_dim
    angles = positions[:, None, :, None].float() * _BASE**-exponents
    return angles.cos().to(dtype), angles.sin().to(dtype)


def rotate(heads: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Turn queries or keys ``[b, heads, t, d]``: component i with component i + d/2."""
    first, second = heads.chunk(2, dim=-1)
    return torch.cat([first * cos - second * sin, second * cos + first * sin], dim=-1)
