"""Rows of a leaderboard: what each run directory of a sample set says, ranked and flagged."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
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
        problems: kind of problem -> captions that have it.
        captions: hash of the captions alone; "" before scoring.
        tokenizer: that the scores were computed with; "" before scoring.
        rank: 1 is best, equal scores share one; None when there is nothing to rank by.
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
    rank: int | None = None

    def score(self, column: str) -> float | None:
        """The corpus score; None where there is none."""
        value = self.scores.get(column, {}).get("score")
        return None if value is None else float(value)


def rows(sample_set: SampleSet) -> list[Row]:
    """The rows of one sample set: best first, then those without a rank by name."""
    unavailable = sample_set.unavailable
    found = [_row(run, unavailable) for run in sample_set.runs()]
    names = {row.captioner for row in found}
    found += [Row(name, "unavailable", reason) for name, reason in unavailable.items() if name not in names]
    ranked = _rank(_flag_other_ways(_flag_other_tokenizers(_flag_twins(found))))
    return sorted(ranked, key=lambda row: (row.rank is None, row.rank or 0, row.captioner))


def ranking_column(found: Sequence[Row]) -> str:
    """CIDEr, or the first metric that any row has a number of."""
    columns = [column for row in found for column in row.scores if row.score(column) is not None]
    return RANKED_BY if RANKED_BY in columns or not columns else columns[0]


def _rank(found: Sequence[Row]) -> list[Row]:
    """Ranks among the rows that are scored in the usual way: scores from different ones are not comparable."""
    column = ranking_column(found)
    way = _usual_way(found, column)
    comparable = [row for row in _of_usual_tokenizer(found, column) if _way(row, column) == way]
    scores = sorted((row.score(column) or 0.0 for row in comparable), reverse=True)
    return [
        replace(row, rank=1 + scores.index(row.score(column) or 0.0)) if row in comparable else row for row in found
    ]


def _of_usual_tokenizer(found: Sequence[Row], column: str) -> list[Row]:
    """The rows with a score in that column that the usual tokenizer was used for."""
    tokenizer = _usual_tokenizer(found)
    return [row for row in found if row.tokenizer == tokenizer and row.score(column) is not None]


def _way(row: Row, column: str) -> str:
    """How a score was computed: its signature without the number of references, which a held out one changes."""
    return re.sub(r"\|refs:[^|]*", "", str(row.scores[column]["signature"]))


def _usual_way(found: Sequence[Row], column: str) -> str:
    """That of most rows; of two equally usual ones that with the document frequencies of the references."""
    counts = Counter(_way(row, column) for row in _of_usual_tokenizer(found, column))
    return max(counts, key=lambda way: (counts[way], "|df:references|" in way), default="")


def _usual_tokenizer(found: Sequence[Row]) -> str:
    """The one most rows were scored with; of two equally usual ones that of the COCO evaluation."""
    counts = Counter(row.tokenizer for row in found if row.tokenizer)
    return max(counts, key=lambda name: (counts[name], name == "ptb"), default="")


def _row(run: Run, unavailable: Mapping[str, str]) -> Row:
    manifest, scores = run.manifest, run.scores
    identity = manifest["identity"]
    name = identity["captioner"]["name"]
    if scores is None:
        if name in unavailable:
            return Row(name, "unavailable", unavailable[name])
        reason = "no scores of the captions on disk: captioning was not finished, or files were changed"
        return Row(name, "incomplete", f"{reason}; run the same command again")
    facts = {
        "coverage": scores["coverage"],
        "invalid": scores.get("invalid_captions", sum(scores["invalid"].values())),  # older scores: one kind each
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
        problems=scores["invalid"],
        captions=scores["captions_sha256"],
        tokenizer=scores["inputs"]["tokenizer"],
    )


def _flags(scores: Mapping[str, Any]) -> tuple[str, ...]:
    backends, blank, repaired = (scores["renderings"][key] for key in ("backends", "blank", "repaired"))
    doubtful = scores["renderings"].get("flagged", 0)  # older scores have none
    flags = [f"coverage {scores['coverage']:.1%}"] if scores["coverage"] < 1 else []
    flags += [f"{count} {kind}" for kind, count in scores["invalid"].items()]
    flags += [f"{count} {what}" for what, count in scores.get("flags", {}).items()]
    flags += [f"{blank} blank renders"] if blank else []
    flags += [f"{repaired} repaired drawings"] if repaired else []
    flags += [f"{doubtful} doubtful drawings"] if doubtful else []
    flags += [f"{count} drawn by {name}" for name, count in backends.items()] if len(backends) > 1 else []
    flags += ["one reference fewer"] if scores["held_out"] else []
    return tuple(flags)


def _flag_other_tokenizers(found: Sequence[Row]) -> list[Row]:
    usual = _usual_tokenizer(found)
    return [
        replace(row, flags=(*row.flags, f"not ranked: tokenizer {row.tokenizer}, others {usual}"))
        if row.tokenizer not in ("", usual)
        else row
        for row in found
    ]


def _flag_other_ways(found: Sequence[Row]) -> list[Row]:
    column = ranking_column(found)
    others = [row for row in _of_usual_tokenizer(found, column) if _way(row, column) != _usual_way(found, column)]
    flag = f"not ranked: its {column} is computed in another way than the others', see the signatures"
    return [replace(row, flags=(*row.flags, flag)) if row in others else row for row in found]


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
