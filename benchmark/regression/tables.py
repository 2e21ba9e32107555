"""A check as people and programs read it: cells, Markdown, JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from html import escape
from typing import Any

from benchmark.comparison import significance
from benchmark.comparison.tables import DIGITS, sample_records, samples_table, signed
from benchmark.markdown import block, code, table
from benchmark.regression.report import Changes, Judged, Report

SIDES = ("baseline", "now")


def cells(judged: Sequence[Judged]) -> tuple[list[str], list[list[str]]]:
    """Header and a row for each score that is not what it was."""
    header = ["captioner", "metric", *SIDES, "difference", "allowed", ""]
    changed = [one for one in judged if one.difference or one.failed]
    return header, [
        [
            one.place,
            one.column,
            f"{one.before:.{DIGITS}f}",
            f"{one.now:.{DIGITS}f}",
            signed(one.difference),
            _allowed(one),
            "fell" if one.failed else "",
        ]
        for one in changed
    ]


def _allowed(one: Judged) -> str:
    if one.test is not None:
        return f"p = {significance(one.test):.4f}"
    return "" if one.allowed is None else signed(-one.allowed)


def unchanged(report: Report) -> str:
    """How many scores are what they were, for below the table."""
    equal = sum(not one.difference for one in report.judged)
    return f"{equal} of {len(report.judged)} scores are what they were."


def summary(change: Changes) -> str:
    """``set/captioner: 3 captions changed; CIDEr of samples: 1 rose, 57 stayed, 2 fell``."""
    rose, stayed, fell = change.outcomes.wins, change.outcomes.ties, change.outcomes.losses
    captions = f"{change.captions} captions changed"
    return f"{change.place}: {captions}; {change.column} of samples: {rose} rose, {stayed} stayed, {fell} fell"


def markdown(report: Report) -> str:
    """A summary for a pull request: verdict, findings, the scores that changed, the samples that fell."""
    header, rows = cells(report.judged)
    # The table says which scores fell; what has no row there is listed.
    told = [f"{finding.level}: {finding}" for finding in report.findings if finding.kind != "worse"]
    sections = [f"## Captions: {report.headline.partition(':')[0]}", block([report.headline, *told])]
    if rows:
        sections.append(table(header, [[code(row[0]), *row[1:]] for row in rows]))
    sections += [unchanged(report)] if report.judged else []
    for change in report.changes:
        sections += [
            f"<details><summary><code>{escape(summary(change))}</code></summary>",
            samples_table(change.worst, SIDES) if change.worst else "No sample fell.",
            "</details>",
        ]
    return "\n\n".join(sections) + "\n"


def record(report: Report) -> dict[str, Any]:
    """The check as JSON values."""
    return {
        "exit_code": report.exit_code,
        "headline": report.headline,
        "scores": [{**asdict(one), "difference": one.difference} for one in report.judged],
        "findings": [asdict(finding) for finding in report.findings],
        "changes": [
            {**asdict(change), "outcomes": asdict(change.outcomes), "worst": sample_records(change.worst)}
            for change in report.changes
        ],
    }
