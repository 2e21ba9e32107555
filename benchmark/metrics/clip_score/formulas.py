"""CLIP Score from cosines: Hessel et al. 2021, "CLIPScore: A Reference-free Evaluation Metric for Image Captioning"."""

from __future__ import annotations

import numpy as np

from benchmark.metrics.base import Array

PROMPT = "A photo depicts "
"""What Hessel et al. put before captions and references: their section 3, and their code."""
WEIGHT = 2.5
"""Their w, which stretches cosines over about 0 to 1."""


def percent(cosines: Array) -> Array:
    """``100 · max(cos, 0)``: 0 to 100."""
    return 100 * np.maximum(cosines, 0)


def clip_s(cosines: Array) -> Array:
    """CLIP-S, section 3: ``w · max(cos(caption, image), 0)``, w = 2.5: 0 to 2.5."""
    return WEIGHT * np.maximum(cosines, 0)


def ref_clip_s(cosines: Array, to_references: Array) -> Array:
    """RefCLIP-S, section 3: the harmonic mean of CLIP-S and ``max(max over references of cos(caption, reference), 0)``.

    Args:
        cosines: of caption and image, ``[n]``.
        to_references: of caption and the nearest reference, ``[n]``.

    Returns:
        0 to 10/7; 0 where either part is 0.
    """
    seen, said = clip_s(cosines), np.maximum(to_references, 0)
    total = seen + said
    return np.divide(2 * seen * said, total, out=np.zeros_like(total), where=total > 0)
