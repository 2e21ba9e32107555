"""The columns of leaderboard.csv: names, types, units, ranges. This is version 2 of the schema.

A file says its version in the column ``schema``; a file without that column is of version 1. What changed:

- 2: columns ``schema``, ``subset``, ``table``, ``ranked_by``, ``not_scored``, ``better``; metrics' columns hold numbers
  alone, where those of version 1 may hold ``n/a: reason``; signatures are separated by "; ", not by blanks; equal ranks
  say that nobody can tell who is better, where those of version 1 say that the scores are equal
- 1: the first
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from benchmark.metrics.columns import Column

VERSION = 2


@dataclass(frozen=True, slots=True)
class Field:
    """One column of the CSV.

    Attributes:
        kind: "text", "integer" or "number".
        unit: of numbers: share, words, seconds; "" for a text or a count.
        scale: the range of its values; "" where there is no bound.
        better: "higher", "lower", or "" where neither is.
        what: it holds.
    """

    name: str
    kind: Literal["text", "integer", "number"]
    what: str
    unit: str = ""
    scale: str = ""
    better: Literal["higher", "lower", ""] = ""


_BEFORE_SCORES = (
    Field("schema", "integer", "version of these columns"),
    Field("dataset", "text", "name of the data"),
    Field("split", "text", "train, validation, test or all"),
    Field("n", "integer", "samples; the same ones for every measured row of a table", scale="1 or more"),
    Field("subset", "text", "part of the samples, e.g. 'group: flags'; empty for all of them"),
    Field("table", "text", "what sets its table apart from the first of the sample set; empty in the first"),
    Field("rank", "integer", "1 + captioners of its table that are significantly better", better="lower"),
    Field("ranked_by", "text", "the column that the rank is by; empty without a rank"),
    Field("better", "text", "who is significantly better, separated by '; '"),
    Field("captioner", "text", "its registered name"),
    Field("status", "text", "ok, reported (computed elsewhere), incomplete or unavailable"),
    Field("reason", "text", "why it is not ok; of a reported row, who says so"),
    Field("coverage", "number", "answered samples; others score as empty captions", "share", "0 to 1", "higher"),
    Field("invalid", "integer", "captions with a problem; flags count the kinds", "captions", "0 to n", "lower"),
)
_AFTER_SCORES = (
    Field("caption_words", "number", "mean length of captions", "words", "0 or more"),
    Field("seconds_per_sample", "number", "captioning alone, on the wall", "seconds", "0 or more", "lower"),
    Field("flags", "text", "what to know before trusting the row, separated by '; '"),
    Field("not_scored", "text", "'column: reason' for each empty column of a metric, separated by '; '"),
    Field("dataset_fingerprint", "text", "SHA-256 over the samples, first twelve digits"),
    Field("captioner_fingerprint", "text", "the same over the captioner, its settings and what it learnt from"),
    Field("predictions_sha256", "text", "SHA-256 over the predictions, timings aside"),
    Field("renderer", "text", "who drew the pictures that the captioner saw"),
    Field("signatures", "text", "how exactly each number was computed, separated by '; '"),
)
FIXED = {field.name: field for field in (*_BEFORE_SCORES, *_AFTER_SCORES)}
"""The columns that are there in every file, by name."""


def in_order(columns: list[str]) -> list[str]:
    """All columns of a file whose numbers are in ``columns``."""
    return [*(field.name for field in _BEFORE_SCORES), *columns, *(field.name for field in _AFTER_SCORES)]


def fields(columns: dict[str, Column]) -> list[Field]:
    """Every column that a file may have, in order."""
    scores = [
        field
        for column in columns.values()
        for field in (
            Field(column.name, "number", "score of all samples together", column.unit, column.scale(), "higher"),
            Field(f"{column.name}_low", "number", "lower end of its 95 % interval", column.unit, column.scale()),
            Field(f"{column.name}_high", "number", "upper end of its 95 % interval", column.unit, column.scale()),
        )
    ]
    return [*_BEFORE_SCORES, *scores, *_AFTER_SCORES]
