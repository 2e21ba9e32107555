"""The floor: one caption for every drawing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from captioners.base import CAPTIONERS, Answer, Baseline, CaptionerError, Drawing
from captioners.baselines.consensus import ConsensusScorer


@CAPTIONERS.register("constant")
class Constant(Baseline):
    """The single training caption that scores best against the training references, by CIDEr-D.

    Whoever does not beat it has learnt nothing that depends on the drawing.
    """

    name = "constant"
    summary = "the training caption that scores best (CIDEr) against all training references: the floor"
    reads = "svg"
    learns = True

    def __init__(self) -> None:
        self._caption = ""

    def fingerprint(self) -> Mapping[str, object]:
        return {"version": self.version, "criterion": "mean CIDEr-D over the training samples"}

    def fit(self, training: Iterable[Drawing]) -> None:
        samples = [drawing.captions for drawing in training]
        if not samples:
            raise CaptionerError("there are no training captions to choose from")
        candidates = list(dict.fromkeys(caption for captions in samples for caption in captions))
        scores = ConsensusScorer(samples).mean_scores(candidates)
        # Rounded, so that the last bits of a sum, which differ between machines, cannot choose another caption.
        self._caption = max(zip(scores, candidates, strict=True), key=lambda pair: round(pair[0], 9))[1]

    def caption(self, drawings: Sequence[Drawing]) -> list[Answer]:
        return [Answer(self._caption) for _ in drawings]
