"""Row: one captioner on one sample set, as every table, comparison and report shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True)
class Row:
    """One captioner on one sample set, or on a part of it.

    Attributes:
        status: "ok", "incomplete" (captions are still missing), "unavailable", or "reported" (computed elsewhere).
        reason: why it is not "ok"; of a reported row, who says so.
        scores: column -> ``{"score", "low", "high", "signature"}`` or ``{"unavailable", "signature"}``.
        facts: the other values of the leaderboard's CSV, by column; empty before scoring.
        flags: what a reader must know before trusting the row.
        problems: kind of problem -> captions that have it.
        captions: hash of the captions alone; "" before scoring.
        tokenizer: that the scores were computed with; "" before scoring.
        way: what two rows must agree in to be comparable, where both say it: tokenizer, renderer, how a column is
            computed.
        subset: the part of the samples, e.g. "group: flags"; "" for all of them.
        table: what sets its table apart from the first one of the sample set; "" in that one.
        ranked_by: the column that the rank is by.
        better: the captioners of its table that are significantly better in that column.
        rank: 1 + how many these are; None when there is nothing to rank by.
        p_values: other captioner of its table -> corrected p-value of the difference in that column.
    """

    captioner: str
    status: str
    reason: str = ""
    scores: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    flags: tuple[str, ...] = ()
    problems: Mapping[str, int] = field(default_factory=dict)
    captions: str = ""
    tokenizer: str = ""
    way: Mapping[str, str] = field(default_factory=dict)
    subset: str = ""
    table: str = ""
    ranked_by: str = ""
    better: tuple[str, ...] = ()
    rank: int | None = None
    p_values: Mapping[str, float] = field(default_factory=dict)

    def score(self, column: str) -> float | None:
        """The corpus score; None where there is none."""
        value = self.scores.get(column, {}).get("score")
        return None if value is None else float(value)

    def columns(self) -> list[str]:
        """The columns that it has numbers in."""
        return [column for column in self.scores if self.score(column) is not None]

    def flagged(self, *flags: str) -> Row:
        """The same with more flags."""
        return replace(self, flags=(*self.flags, *flags))
