"""SVG for a language model: the same picture in fewer tokens, and in a form that is the same for all drawings.

``simplify`` rewrites a prepared drawing; ``fit`` leaves out whole elements until it fits a model's context. Neither
draws anything, so the text is the same on every machine. How much the picture changes is bounded by tests that draw
both: at 512 px on white by 2 of 255 on average, and by more than 16 in 5 % of the pixels
(``tests/captioners/svg_text/test_likeness.py``; ``tests/performance/svg_text.py`` measures whole collections).

What was decided:

- title, desc, labels, classes and ids go, or are named a, b, c where something refers to them: they may hold the very
  caption that is asked for, which the captioner ``svg-metadata`` reads. Text that is drawn stays.
- Coordinates of paths are whole numbers in a viewBox of 512 units, as in the dialect of the field's own drawings; basic
  shapes and small paths have a decimal, tiny ones two, where it costs little and its lack would be seen.
- The namespace is not declared, as in SVG that stands in HTML; ``renderers.prepare`` adds it.
- Of embedded pictures only the kind of data stays: no language model reads the data, and it would fill its context.
"""

from __future__ import annotations

from captioners.svg_text.fitting import fit
from captioners.svg_text.simplification import SvgText, SvgTextOptions, simplify

__all__ = ["SvgText", "SvgTextOptions", "fit", "simplify"]
