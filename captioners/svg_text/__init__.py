"""SVG for a language model: the same picture in fewer tokens, and in a form that is the same for all drawings.

``simplify`` rewrites a prepared drawing; ``fit`` leaves out whole elements until it fits a model's context. Neither
draws anything: the result is the same on every machine.
"""

from __future__ import annotations

from captioners.svg_text.fitting import fit
from captioners.svg_text.simplification import SvgText, SvgTextOptions, simplify

__all__ = ["SvgText", "SvgTextOptions", "fit", "simplify"]
