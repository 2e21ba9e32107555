"""Rows of a leaderboard: what each run directory of a sample set says, ranked and flagged."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from benchmark.store import Run, SampleSet

RANKED_BY = "CIDEr"


@dataclass(frozen=True)
class Row:
    """One captioner on one sample set.

    Attributes:
        status: "ok", "incomplete" (captions are still missing) or "unavailable".
        reason: why it is not "ok".
        scores: column -> ``{"score", "low", "high", "signature"}`` or ``{"unavailable", "signature"}``.
        facts: the other values of the leaderboard's CSV, by column; empty before scoring.
        flags: what a reader must know before trusting the row.
        captions: hash of the captions alone; "" before scoring.
        rank: 1 is best, equal scores share one; None when there is nothing to rank by.
    """

    captioner: str
    status: str
    reason: str = ""
    scores: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    flags: tuple[str, ...] = ()
    captions: str = ""
    rank: int | None = None

    def score(self, column: str) -> float | None:
        """The corpus score; None where there is none."""
        value = self.scores.get(column, {}).get("score")
        return None if value is None else float(value)


def rows(sample_set: SampleSet) -> list[Row]:
    """The rows of one sample set: best first, then the unscored ones by name."""
    found = _flag_twins([_row(run) for run in sample_set.runs()])
    found += [Row(name, "unavailable", reason) for name, reason in sample_set.unavailable.items()]
    column = ranking_column(found)
    scores = sorted((score for row in found if (score := row.score(column)) is not None), reverse=True)
    ranked = [
        replace(row, rank=None if (score := row.score(column)) is None else 1 + scores.index(score)) for row in found
    ]
    return sorted(ranked, key=lambda row: (row.rank is None, row.rank or 0, row.captioner))


def ranking_column(found: Sequence[Row]) -> str:
    """CIDEr, or the first metric that any row has a number of."""
    columns = [column for row in found for column in row.scores if row.score(column) is not None]
    return RANKED_BY if RANKED_BY in columns or not columns else columns[0]


def _row(run: Run) -> Row:
    manifest, scores = run.manifest, run.scores
    identity = manifest["identity"]
    name = identity["captioner"]["name"]
    if scores is None:
        return Row(name, "incomplete", "captioning was not finished; run the same command again")
    facts = {
        "coverage": scores["coverage"],
        "invalid": sum(scores["invalid"].values()),
        "caption_words": scores["caption_words"],
        "seconds_per_sample": scores["seconds_per_sample"],
        "captioner_fingerprint": manifest["fingerprint"],
        "predictions_sha256": scores["inputs"]["predictions"],
        "renderer": "; ".join(f"{key}={value}" for key, value in identity.get("renderer", {}).items()),
        "signatures": " ".join(score["signature"] for score in scores["scores"].values()),
    }
    return Row(
        name,
        "ok",
        scores=scores["scores"],
        facts=facts,
        flags=_flags(scores),
        captions=scores["captions_sha256"],
    )


def _flags(scores: Mapping[str, Any]) -> tuple[str, ...]:
    flags = [f"coverage {scores['coverage']:.1%}"] if scores["coverage"] < 1 else []
    flags += [f"{count} {kind}" for kind, count in scores["invalid"].items()]
    flags += [f"{scores['blank_renders']} blank renders"] if scores["blank_renders"] else []
    return tuple(flags)


def _flag_twins(found: Sequence[Row]) -> list[Row]:
    """Say which others gave exactly the same captions: one model under two names, or a mistake."""
    names: dict[str, list[str]] = defaultdict(list)
    for row in found:
        names[row.captions].append(row.captioner)
    return [
        replace(row, flags=(*row.flags, f"same captions as {', '.join(n for n in twins if n != row.captioner)}"))
        if row.captions and len(twins := names[row.captions]) > 1
        else row
        for row in found
    ]
