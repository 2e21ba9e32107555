"""Tables: the rows that may stand together, with ranks that say no more than the samples do.

A row's rank is 1 + the number of captioners that are significantly better than it. Significant is a difference in the
ranking column whose p-value (approximate randomization on the same samples, corrected after Holm over all pairs of the
table) is below 0.05. Rows that nobody can tell apart therefore share a rank.

Such ties are not transitive: A may be better than C for sure while B can be told apart from neither. B then shares its
rank with A, and C has the next one. The alternatives say things that the samples do not: to join every chain of ties
into one group would call A and C equal; to cut the chain somewhere would call B better than C, or worse than A. By
counting who is better, each row's rank rests on tests of that row alone, and every rank can be checked against the
p-values that are kept with the table. A rank of 1 reads: nobody is known to be better.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from benchmark.metrics.columns import Column
from benchmark.metrics.evaluation import Evaluation
from benchmark.ranking.formula import COMPOSITE, Formula
from benchmark.ranking.reading import Entry
from benchmark.ranking.row import Row
from benchmark.statistics import CONFIDENCE, RESAMPLES, SEED, SIGNIFICANCE, Pair, all_pairs
from benchmark.store import SampleSet

RANKED_BY = "CIDEr"


@dataclass(frozen=True)
class Table:
    """Comparable rows of one sample set, best first.

    Attributes:
        sample_set: the folder that holds their runs.
        rows: ranked ones, then reported ones, then those without numbers.
        ranked_by: the column that ranks; "" when no row has a number.
        pairs: the tests behind the ranks.
        columns: what the numbers of each column are.
        subset: the part of the samples; "" for all of them.
        apart: what sets it apart from the first table of the sample set; "" for that one.
        n: samples.
    """

    sample_set: SampleSet
    rows: Sequence[Row]
    ranked_by: str
    pairs: Sequence[Pair]
    columns: Mapping[str, Column]
    subset: str
    apart: str
    n: int


def with_composite(entries: Sequence[Entry], formula: Formula) -> list[Entry]:
    """The entries with one more column, in those that have all of its parts."""
    able = {entry.row.captioner: evaluation for entry in entries if (evaluation := _having(entry, formula.weights))}
    estimates = all_pairs(able, formula.weights)[0] if able else {}
    signature = formula.signature()
    found = []
    for entry in entries:
        row = entry.row
        if not row.scores:
            found.append(entry)
            continue
        score: dict[str, float | str] = {"signature": signature}
        if row.captioner in estimates:
            one = estimates[row.captioner]
            how = f"{signature}|ci:{CONFIDENCE:.0%}|bs:{RESAMPLES}|seed:{SEED}"
            score = {"score": one.score, "low": one.low, "high": one.high, "signature": how}
        else:
            lacking = ", ".join(column for column in formula.weights if row.score(column) is None)
            score["unavailable"] = f"needs {lacking or 'statistics'}"
        found.append(replace(entry, row=replace(row, scores={**row.scores, COMPOSITE: score})))
    return found


def ranked(entries: Sequence[Entry], column: str, formula: Formula | None) -> tuple[list[Row], list[Pair]]:
    """The rows of one table with their ranks, and the tests these rest on."""
    weights = formula.weights if formula and column == COMPOSITE else {column: 1.0}
    able: dict[str, Evaluation] = {}
    for entry in entries:
        evaluation = _having(entry, weights)
        if evaluation is not None and entry.row.score(column) is not None:
            able[entry.row.captioner] = evaluation
    pairs = all_pairs(able, weights)[1] if able else []
    p_values: dict[str, dict[str, float]] = {name: {} for name in able}
    better: dict[str, list[str]] = {name: [] for name in able}
    for pair in pairs:
        p_values[pair.first][pair.second] = p_values[pair.second][pair.first] = pair.p_holm
        if pair.p_holm < SIGNIFICANCE:
            winner, loser = (pair.first, pair.second) if pair.difference > 0 else (pair.second, pair.first)
            better[loser].append(winner)
    rows = [
        replace(
            entry.row,
            ranked_by=column,
            better=tuple(better[name]),
            rank=1 + len(better[name]),
            p_values=p_values[name],
        )
        if (name := entry.row.captioner) in able and entry.row.status == "ok"
        else entry.row
        for entry in entries
    ]

    def place(row: Row) -> tuple[int, float, str]:
        order = ("ok", "reported", "incomplete", "unavailable").index(row.status) if row.rank is None else -1
        return (row.rank or 0) if order < 0 else 10**6 + order, -(row.score(column) or 0.0), row.captioner

    return sorted(rows, key=place), pairs


def ranking_column(rows: Sequence[Row], wanted: str = "") -> str:
    """The wanted column, else CIDEr, else the first one: of those that a measured row has a number in; "" for none."""
    columns = list(dict.fromkeys(column for row in rows if row.status == "ok" for column in row.columns()))
    return next((column for column in (wanted, RANKED_BY) if column in columns), columns[0] if columns else "")


def _having(entry: Entry, columns: Mapping[str, float]) -> Evaluation | None:
    """The statistics of an entry that has a number in all of these columns."""
    row, evaluation = entry.row, entry.evaluation
    there = evaluation is not None and columns.keys() <= set(evaluation.columns)
    return evaluation if there and all(row.score(column) is not None for column in columns) else None
