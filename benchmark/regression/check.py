"""Holds the results of today against a baseline."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from benchmark.comparison import corrected, significance
from benchmark.comparison.columns import main_column
from benchmark.comparison.samples import Outcomes, largest, sample_scores
from benchmark.metrics.base import METRICS
from benchmark.regression.pairs import Pair, differences, pairs
from benchmark.regression.report import Changes, Finding, Judged, Report
from benchmark.regression.rules import ROUNDING, Rules, within
from benchmark.regression.snapshot import SetSnapshot
from benchmark.statistics import PairedTest, paired_tests

Tests = Mapping[tuple[str, str], PairedTest]
"""(place, column) -> test."""


def check(
    baseline: Sequence[SetSnapshot],
    now: Sequence[SetSnapshot],
    rules: Rules | None = None,
    *,
    sort_by: str | None = None,
    top: int = 20,
) -> Report:
    """What fell since the baseline.

    Args:
        baseline, now: as :func:`benchmark.regression.baseline.read` and :func:`benchmark.regression.snapshot.take`
            give them.
        rules: by how much scores may fall.
        sort_by: the column that changed samples are listed by; CIDEr by default, or the first one.
        top: how many samples to list of each captioner.

    Raises:
        UserError: a name of a column that is none.
    """
    rules = rules or Rules()
    found, findings = pairs(baseline, now)
    known = tuple(
        dict.fromkeys(column for one in baseline for entry in one.entries.values() for column in entry.scores)
    )
    main = main_column(sort_by, known) if known else ""
    allowed = rules.tolerance(known)
    tests = _tests(found, [column for column in known if allowed[column] is None])
    judged = [_judged(pair, column, allowed[column], tests, rules) for pair in found for column in pair.columns]
    for pair in found:
        findings += [*differences(pair), *_other_formulas(pair)]
    findings += [_fell(one, rules, len(tests)) for one in judged if one.failed]
    changes = [change for pair in found for change in _changes(pair, main, top)]
    return Report(tuple(judged), tuple(findings), tuple(changes))


def _tests(found: Sequence[Pair], columns: Sequence[str]) -> Tests:
    """A paired test of every score in these columns whose statistics changed, corrected over all of them."""
    tests: dict[tuple[str, str], PairedTest] = {}
    for pair in found:
        then, today = pair.evaluations
        changed = [
            metric
            for metric, rows in then.statistics.items()
            if set(METRICS[metric].columns) & set(columns) & set(pair.columns)
            and not np.array_equal(rows, today.statistics[metric])
        ]
        if changed:
            results = paired_tests(then.only(changed), {pair.place: today.only(changed)})[pair.place]
            tests |= {(pair.place, column): results[column] for column in pair.columns if column in results}
    kept = {key: test for key, test in tests.items() if key[1] in columns}
    corrections = corrected({str(number): test for number, test in enumerate(kept.values())})
    return dict(zip(kept, corrections.values(), strict=True))


def _judged(pair: Pair, column: str, allowed: float | None, tests: Tests, rules: Rules) -> Judged:
    before, now = pair.before.scores[column], pair.now.scores[column]
    test = tests.get((pair.place, column))
    if allowed is not None:
        failed = not within(before - now, allowed)
    else:
        failed = test is not None and test.difference < 0 and significance(test) <= (rules.alpha or 0)
    return Judged(pair.place, column, before, now, allowed, test, failed)


def _fell(one: Judged, rules: Rules, tests: int) -> Finding:
    fell = f"{one.column} fell from {one.before:.4f} to {one.now:.4f}, by {-one.difference:.4f}"
    if one.test is None:
        why = f"; allowed is {one.allowed:.4f}"
    else:
        p = f"p = {significance(one.test):.4f}, corrected for {tests} tests"
        why = f", which is significant at {rules.alpha:g} ({p})"
    return Finding("failed", "worse", one.place, f"{fell}{why}.", one.column)


def _other_formulas(pair: Pair) -> Iterator[Finding]:
    """Scores that the baseline's own statistics no longer give: the metric changed, and its signature did not."""
    today = pair.before.evaluation.corpus
    for column in pair.columns:
        then = pair.before.scores[column]
        if abs(today[column] - then) > ROUNDING:
            message = (
                f"{column} is computed in another way under the same signature: the statistics of the baseline gave "
                f"{then:.4f}, and give {today[column]:.4f} now. Mend the metric, or change its signature."
            )
            yield Finding("failed", "other formula", pair.place, message, column)


def _changes(pair: Pair, main: str, top: int) -> Iterator[Changes]:
    """How the captions changed; nothing where none did, and no score of a sample."""
    then, today = pair.before.captions, pair.now.captions
    captions = sum(then[id] != today.get(id, "") for id in then)
    if not pair.columns:
        return
    column = main if main in pair.columns else main_column(None, pair.columns)
    before, now = (sample_scores(evaluation, column) for evaluation in pair.evaluations)
    outcomes = Outcomes.of(now - before)
    if captions or outcomes.wins or outcomes.losses:
        fallen = np.minimum(before, now)  # samples whose score rose are level here, and not listed
        worst = largest(tuple(then), (before, fallen), (then, today), pair.references, top)
        yield Changes(pair.place, captions, column, outcomes, worst)
