"""Scores of the groups of samples: emoji groups, source files, whatever the dataset calls a group."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmark.report.content import Content

SHOWN = 40
"""Groups that a table shows at most: the largest ones."""


@dataclass(frozen=True, slots=True)
class Group:
    """A group of samples.

    Attributes:
        name: "" for the samples that have none.
        n: how many samples it has.
        scores: captioner -> column -> corpus score of the group's samples.
    """

    name: str
    n: int
    scores: Mapping[str, Mapping[str, float]]

    def best(self, column: str) -> float | None:
        """The highest score in a column; None where all are equal."""
        values = [scores[column] for scores in self.scores.values() if column in scores]
        return max(values) if len(set(values)) > 1 else None


def groups(content: Content) -> list[Group]:
    """All groups, the largest first; none where the samples are of one group only.

    A group's score is that of its samples as a corpus. What is counted over the whole corpus stays so: CIDEr weighs
    n-grams by all samples' references.
    """
    members: dict[str, list[str]] = defaultdict(list)
    for sample in content.samples:
        members[sample.group].append(sample.id)
    if len(members) < 2:
        return []
    found = [Group(name, len(ids), _scores(content, ids)) for name, ids in members.items()]
    return sorted(found, key=lambda group: (-group.n, group.name))


def _scores(content: Content, ids: Sequence[str]) -> dict[str, dict[str, float]]:
    scores = {}
    for captioner in content.captioners:
        evaluation = captioner.evaluation
        place = {id: row for row, id in enumerate(evaluation.ids)}
        sums = evaluation.stacked()[[place[id] for id in ids]].sum(axis=0)
        values = evaluation.scores_of(sums).tolist()
        scores[captioner.name] = dict(zip(evaluation.columns, values, strict=True))
    return scores
