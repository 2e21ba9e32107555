"""The colours of captioners, told apart by people with any kind of colour vision.

They are those of Okabe and Ito (Color Universal Design, 2008) without the yellow, which white paper swallows, and
with a grey in the place of black, which a dark screen swallows. Where captioners are more than colours, the dashes of
lines differ.
"""

from __future__ import annotations

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#767676")
DASHES = ((), (6, 3), (2, 2))


def colour(position: int) -> int:
    """Which of :data:`COLOURS` the captioner has that stands in this place, from 0 on."""
    return position % len(COLOURS)


def dashes(position: int) -> tuple[int, ...]:
    """Lengths of line and gap, in points; () for a line without gaps."""
    return DASHES[position // len(COLOURS) % len(DASHES)]
