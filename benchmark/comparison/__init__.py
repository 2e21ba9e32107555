"""Two captioners on the same samples: by how much they differ in each metric, whether by chance, and where most."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from benchmark.comparison.columns import chosen, main_column
from benchmark.comparison.samples import Disagreement, Outcomes, largest, sample_scores
from benchmark.comparison.sides import Side, check_signatures, common_columns, find
from benchmark.metrics.base import METRICS, Array, way
from benchmark.metrics.evaluation import Evaluation
from benchmark.statistics import PairedTest, holm, paired_tests

__all__ = ["Comparison", "Difference", "Side", "chosen", "compare", "corrected", "find", "significance"]

ALPHA = 0.05
TOP = 20


@dataclass(frozen=True, slots=True)
class Difference:
    """How B differs from A in one column.

    Attributes:
        scores: corpus scores of A and B, on the metric's own scale; higher is better.
        test: B minus A with its 95 % interval and the p-values of both tests, whose corrections are over the columns
            that are compared.
        outcomes: on how many samples B scores higher, equally, lower.
        signature: how the column was computed, but for the number of references.
    """

    column: str
    scores: tuple[float, float]
    test: PairedTest
    outcomes: Outcomes
    signature: str

    def verdict(self, alpha: float) -> str:
        """``"better"`` or ``"worse"`` when both corrected p-values are at most ``alpha``, else ``""``: B against A."""
        if significance(self.test) > alpha:
            return ""
        return "better" if self.test.difference > 0 else "worse"


@dataclass(frozen=True)
class Comparison:
    """B against A.

    Attributes:
        columns: one difference for each column that is compared.
        sort_by: the column by which samples are listed.
        samples: the samples whose scores in that column differ most, largest difference first.
        per_sample: B minus A in that column for every sample, ``[n]``.
        left_out: column -> why it is not compared; empty when the columns were chosen by name.
    """

    a: Side
    b: Side
    columns: tuple[Difference, ...]
    sort_by: str
    samples: tuple[Disagreement, ...]
    per_sample: Array
    left_out: Mapping[str, str]

    @property
    def main(self) -> Difference:
        """The difference in the column that samples are listed by."""
        return next(one for one in self.columns if one.column == self.sort_by)

    @property
    def same_captions(self) -> bool:
        """Whether both said exactly the same of every sample."""
        return bool(self.a.captions == self.b.captions)

    def worse(self, columns: Sequence[str], alpha: float) -> tuple[str, ...]:
        """Of the columns those in which B is significantly worse."""
        return tuple(one.column for one in self.columns if one.column in columns and one.verdict(alpha) == "worse")


def compare(a: Side, b: Side, *, metrics: Sequence[str] = (), sort_by: str | None = None, top: int = TOP) -> Comparison:
    """Compare two runs on the same samples.

    Args:
        a, b: as :func:`find` gives them.
        metrics: columns or metrics to compare, all that both have where none is named. The corrections of the
            p-values are over these.
        sort_by: the column that samples are listed by; CIDEr by default, or the first one.
        top: how many samples to list.

    Raises:
        UserError: their numbers are not comparable, or a name of a column that is none.
    """
    common = common_columns(a, b)
    columns = chosen(metrics, common)
    check_signatures(a, b, columns)
    sort_by = main_column(sort_by, columns)
    ids = a.evaluation.ids
    ours, theirs = (_only(side.evaluation.of(ids), columns) for side in (a, b))
    found = paired_tests(ours, {b.name: theirs})[b.name]
    tests = corrected({column: found[column] for column in columns})
    each = {column: (sample_scores(ours, column), sample_scores(theirs, column)) for column in columns}
    differences = tuple(
        Difference(
            column,
            (ours.corpus[column], theirs.corpus[column]),
            tests[column],
            Outcomes.of(each[column][1] - each[column][0]),
            way(ours.signatures.get(column, "")),
        )
        for column in columns
    )
    samples = largest(ids, each[sort_by], (a.captions, b.captions), a.references, top)
    per_sample = each[sort_by][1] - each[sort_by][0]
    left_out = _left_out(a, b, common) if not metrics else {}
    return Comparison(a, b, differences, sort_by, samples, per_sample, left_out)


def corrected(tests: Mapping[str, PairedTest]) -> dict[str, PairedTest]:
    """The tests with their p-values corrected for how many they are (:func:`benchmark.statistics.holm`)."""
    bootstrap = holm([test.bootstrap for test in tests.values()])
    randomization = holm([test.randomization for test in tests.values()])
    return {
        key: replace(test, bootstrap_holm=one, randomization_holm=other)
        for (key, test), one, other in zip(tests.items(), bootstrap, randomization, strict=True)
    }


def significance(test: PairedTest) -> float:
    """The larger one of the two corrected p-values: a difference is significant when both tests say so."""
    return max(test.bootstrap_holm, test.randomization_holm)


def _only(evaluation: Evaluation, columns: Sequence[str]) -> Evaluation:
    """The evaluation without the metrics that have none of these columns."""
    return evaluation.only([name for name in evaluation.statistics if set(METRICS[name].columns) & set(columns)])


def _left_out(a: Side, b: Side, common: Sequence[str]) -> dict[str, str]:
    """The columns that one side has and not the other, or that neither could compute."""
    signatures = {**a.evaluation.signatures, **b.evaluation.signatures}
    return {
        column: "; ".join(
            f"{side.name}: {side.evaluation.unavailable.get(column, 'not asked for')}"
            for side in (a, b)
            if column not in side.evaluation.columns
        )
        for column in signatures
        if column not in common
    }
