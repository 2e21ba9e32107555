"""The tables of a sample set: read, check, set apart, rank, flag."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmark.errors import UserError
from benchmark.metrics.columns import Column, metric_columns
from benchmark.ranking.comparable import apart
from benchmark.ranking.doubts import on_scale, with_twins
from benchmark.ranking.formula import COMPOSITE, Formula
from benchmark.ranking.reading import Entry, entries
from benchmark.ranking.reported import Reported, read_reported, row_of
from benchmark.ranking.row import Row
from benchmark.ranking.subsets import subsets
from benchmark.ranking.table import Table, ranked, ranking_column, with_composite
from benchmark.store import SampleSet


@dataclass(frozen=True)
class Ranking:
    """How tables are made.

    Attributes:
        rank_by: a metric's column or "composite"; "" for CIDEr, or the first column where there is none.
        composite: a formula, see :mod:`benchmark.ranking.formula`; "" for none.
        by: "group", "elements" or "tokens" for tables of parts of the samples; "" for all of them together.
        reported: a file of scores computed elsewhere, see :mod:`benchmark.ranking.reported`.
    """

    rank_by: str = ""
    composite: str = ""
    by: str = ""
    reported: Path | None = None


@dataclass(frozen=True)
class _Plan:
    """A ranking, with what its texts and files mean."""

    rank_by: str
    columns: Mapping[str, Column]
    formula: Formula | None
    reported: Sequence[Reported]


def rows(sample_set: SampleSet) -> list[Row]:
    """The rows of one sample set: table after table, best first, then those without a rank."""
    return [row for table in tables([sample_set]) for row in table.rows]


def tables(sample_sets: Sequence[SampleSet], ranking: Ranking = Ranking()) -> list[Table]:
    """The tables of sample sets, in their order. Raises UserError, also when no table can be ranked as it is asked."""
    columns = metric_columns()
    formula = Formula.parse(ranking.composite, columns) if ranking.composite else None
    if formula:
        columns[COMPOSITE] = formula.column(columns)
    reported = read_reported(ranking.reported, columns) if ranking.reported else []
    _check_datasets(reported, sample_sets)
    plan = _Plan(ranking.rank_by, columns, formula, reported)
    found = []
    for sample_set in sample_sets:
        everything = entries(sample_set)
        parts = {"": everything} if not ranking.by else subsets(sample_set, everything, ranking.by)
        for subset, some in parts.items():
            found += _tables(sample_set, subset, some, plan)
    there = list(dict.fromkeys(column for table in found for row in table.rows for column in row.columns()))
    if ranking.rank_by and there and ranking.rank_by not in {table.ranked_by for table in found}:
        raise UserError(f"--rank-by {ranking.rank_by}: no row has a number there. Columns: {', '.join(there)}.")
    if formula and there and COMPOSITE not in there:
        needed = ", ".join(formula.weights)
        raise UserError(f"--composite: no row has all of {needed}. Columns: {', '.join(there)}.")
    return found


def _tables(sample_set: SampleSet, subset: str, some: Sequence[Entry], plan: _Plan) -> list[Table]:
    """The tables of one sample set, or of one part of it."""
    about = sample_set.description
    checked = [replace(entry, row=on_scale(entry.row, plan.columns)) for entry in some]
    homes = {name: what for what, names in apart([entry.row for entry in checked]).items() for name in names}
    n = next((entry.row.facts["n"] for entry in checked if entry.row.facts), about["n"])
    found = []
    for what in dict.fromkeys(["", *homes.values()]):
        members = [entry for entry in checked if homes.get(entry.row.captioner, "") == what]
        if plan.formula:
            members = with_composite(members, plan.formula)
        if not what and not subset:
            theirs = [one for one in plan.reported if one.dataset == about["dataset"]]
            members += [Entry(row_of(one, n, plan.columns, plan.formula)) for one in theirs]
        flagged = with_twins([replace(entry.row, table=what) for entry in members])
        members = [replace(entry, row=row) for entry, row in zip(members, flagged, strict=True)]
        column = ranking_column(flagged, plan.rank_by)
        ordered, pairs = ranked(members, column, plan.formula)
        found.append(Table(sample_set, ordered, column, pairs, plan.columns, subset, what, n))
    return found


def _check_datasets(reported: Sequence[Reported], sample_sets: Sequence[SampleSet]) -> None:
    names = {str(one.description["dataset"]) for one in sample_sets}
    for one in reported:
        if one.dataset not in names:
            raise UserError(
                f"{one.where}: dataset {one.dataset!r} has no runs here to stand beside. Datasets: "
                f"{', '.join(sorted(names))}."
            )
