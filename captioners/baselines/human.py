"""The ceiling: what one human reference scores against the others."""

from __future__ import annotations

from collections.abc import Sequence

from captioners.base import CAPTIONERS, Answer, Baseline, CaptionerError, Drawing


@CAPTIONERS.register("human")
class Human(Baseline):
    """The last reference of each sample, held out and scored against the rest.

    The last one, because sources list their own name of a thing first and rarer ones after it: holding out the most
    usual name would make the ceiling too low for captioners that say it. Other captioners are scored against one
    reference more, which the signature of the row shows.
    """

    name = "human"
    summary = "one reference, held out and scored against the others: the ceiling"
    reads = "references"

    def caption(self, drawings: Sequence[Drawing]) -> list[Answer]:
        return [self._hold_out(drawing) for drawing in drawings]

    def _hold_out(self, drawing: Drawing) -> Answer:
        if len(drawing.captions) < 2:
            raise CaptionerError(f"sample {drawing.id!r} has one reference; holding it out leaves none to score by")
        held_out = len(drawing.captions) - 1
        return Answer(drawing.captions[held_out], held_out=held_out)
