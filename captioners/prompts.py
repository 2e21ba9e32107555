"""What models are asked about a drawing: the one prompt that training and inference share."""

from __future__ import annotations

INSTRUCTION = "Describe this SVG drawing in one short sentence."
