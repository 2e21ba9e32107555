"""Samples on which two sets of captions differ: how often, and where most."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmark.metrics.base import Array
from benchmark.metrics.evaluation import Evaluation

# Sample scores this near are equal: the last bits depend on how a score was rounded.
TIE = 1e-9


@dataclass(frozen=True, slots=True)
class Outcomes:
    """On how many samples the second caption scores higher, equally, lower than the first."""

    wins: int
    ties: int
    losses: int

    @classmethod
    def of(cls, differences: Array) -> Outcomes:
        """Of differences ``[n]``, second minus first."""
        wins, losses = int((differences > TIE).sum()), int((differences < -TIE).sum())
        return cls(wins, len(differences) - wins - losses, losses)


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One sample on which two captions score differently.

    Attributes:
        captions, scores: of the first and of the second.
    """

    id: str
    references: tuple[str, ...]
    captions: tuple[str, str]
    scores: tuple[float, float]

    @property
    def difference(self) -> float:
        """Second minus first."""
        return self.scores[1] - self.scores[0]


def sample_scores(evaluation: Evaluation, column: str) -> Array:
    """The scores of single samples in a column, ``[n]``."""
    return np.asarray(evaluation.per_sample[column], dtype=np.float64)


def largest(
    ids: Sequence[str],
    scores: tuple[Array, Array],
    captions: tuple[Mapping[str, str], Mapping[str, str]],
    references: Mapping[str, Sequence[str]],
    count: int,
) -> tuple[Disagreement, ...]:
    """The ``count`` samples whose scores ``[n]`` differ most, largest first, equals in their order; ties are none."""
    first, second = scores
    distance = np.abs(second - first)
    order = np.argsort(-np.rint(distance / TIE), kind="stable")[:count]
    return tuple(
        Disagreement(
            ids[i],
            tuple(references[ids[i]]),
            (captions[0].get(ids[i], ""), captions[1].get(ids[i], "")),
            (float(first[i]), float(second[i])),
        )
        for i in order.tolist()
        if distance[i] > TIE
    )
