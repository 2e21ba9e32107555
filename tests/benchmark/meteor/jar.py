"""The oracle: METEOR by the jar of pycocoevalcap 1.2, started and driven by its own wrapper."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Official:
    """What the jar says.

    Attributes:
        rows: its 23 counts of each sample.
        scores: of each sample.
        corpus: the score of all of them together.
    """

    rows: list[list[float]]
    scores: list[float]
    corpus: float


@contextlib.contextmanager
def running() -> Iterator[Any]:
    """The wrapper with its process; the wrapper's destructor would leave pipes open."""
    from pycocoevalcap.meteor.meteor import Meteor

    class Recording(Meteor):
        rows: list[list[float]]

        def _stat(self, hypothesis: str, references: list[str]) -> str:
            line = super()._stat(hypothesis, references)
            self.rows.append([float(count) for count in line.split()])
            return line

    jar = Recording()
    try:
        yield jar
    finally:
        jar.meteor_p.stdout.close()
        jar.meteor_p.stderr.close()


def official(jar: Any, hypotheses: Sequence[str], references: Sequence[Sequence[str]]) -> Official:
    """Score captions; none of them may hold a line break, which puts the jar's replies out of step."""
    jar.rows = []
    corpus, scores = jar.compute_score(
        {i: list(captions) for i, captions in enumerate(references)}, {i: [h] for i, h in enumerate(hypotheses)}
    )
    return Official(jar.rows, scores, corpus)
