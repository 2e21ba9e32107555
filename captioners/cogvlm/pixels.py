"""Pictures as the vision tower wants them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from PIL.Image import Image
    from torch import Tensor

# Of CLIP (Radford et al. 2021), on whose pictures the tower was trained.
_MEAN = np.array([0.48145466, 0.4578275, 0.40821073], dtype=np.float32)
_DEVIATION = np.array([0.26862954, 0.26130258, 0.27577711], dtype=np.float32)


def pixels(pictures: Sequence[Image], size: int) -> Tensor:
    """RGB pictures of any size, squeezed into squares: ``[b, 3, size, size]`` in float32.

    Resized by Pillow's bicubic filter, then to a mean of 0 and a deviation of 1 over CLIP's training pictures.
    Raises ValueError for a picture that is not RGB: what lies behind transparent parts is not ours to choose.
    """
    import torch
    from PIL.Image import Resampling

    planes = []
    for picture in pictures:
        if picture.mode != "RGB":
            raise ValueError(f"a picture of mode {picture.mode} instead of RGB")
        resized = np.asarray(picture.resize((size, size), Resampling.BICUBIC), dtype=np.float32)
        planes.append(((resized / np.float32(255) - _MEAN) / _DEVIATION).transpose(2, 0, 1))
    return torch.from_numpy(np.stack(planes))
