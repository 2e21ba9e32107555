"""Captioners: SVG or image in, caption out."""

from captioners.base import CAPTIONERS, Answer, Captioner, CaptionerError, Drawing

__all__ = ["CAPTIONERS", "Answer", "Captioner", "CaptionerError", "Drawing"]
