"""Captioners: SVG or image in, caption out."""

from captioners.base import CAPTIONERS, FAMILIES, Answer, Batching, Captioner, CaptionerError, Drawing
from captioners.options import ModelOptions
from captioners.registry import captioner, named

__all__ = [
    "CAPTIONERS",
    "FAMILIES",
    "Answer",
    "Batching",
    "Captioner",
    "CaptionerError",
    "Drawing",
    "ModelOptions",
    "captioner",
    "named",
]
