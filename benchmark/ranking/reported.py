"""Scores that somebody else computed, to stand beside measured ones: marked, never ranked, checked for their scale.

A CSV with a header, or a JSON list of objects. ``captioner``, ``dataset`` and ``source`` (who says so: a paper, a link)
are required, ``n`` (how many samples) is wanted; every other field is a metric's column, or ``composite``.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmark.errors import UserError
from benchmark.metrics.columns import Column
from benchmark.ranking.formula import COMPOSITE, Formula
from benchmark.ranking.row import Row

_REQUIRED = ("captioner", "dataset", "source")
_MOST = 10_000_000  # bytes
# Hessel et al. 2021, section 3: CLIP's cosines of captions and pictures lie between 0 and roughly 0.4. Below a
# hundredth or far above that, a mean of 100 · cosine was given on another scale.
_USUAL = {"CLIPScore": (1.0, 50.0)}


@dataclass(frozen=True)
class Reported:
    """One reported row.

    Attributes:
        where: file and line, for messages.
        dataset: the name of the dataset, as sample sets have it.
        n: samples it is said to be computed on; None where that is not said.
        values: column -> what was written.
    """

    where: str
    captioner: str
    dataset: str
    source: str
    n: int | None
    values: Mapping[str, str]


def read_reported(path: Path, columns: Mapping[str, Column]) -> list[Reported]:
    """The rows of a file. Raises UserError."""
    try:
        if path.stat().st_size > _MOST:
            raise UserError(f"{path} has more than {_MOST:,} bytes; reported scores are a small table.")
        text = path.read_text(encoding="utf-8-sig")
        records = json.loads(text) if path.suffix == ".json" else _lines(text)
    except (OSError, ValueError, csv.Error, RecursionError) as error:
        raise UserError(f"cannot read {path}: {error}. Give a CSV with a header, or a JSON list of objects.") from error
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise UserError(f"{path}: give a JSON list of objects, one per reported row.")
    return [_reported(f"{path}, row {number}", record, columns) for number, record in enumerate(records, start=1)]


def row_of(reported: Reported, n: int, columns: Mapping[str, Column], formula: Formula | None) -> Row:
    """The row to stand in a table of ``n`` samples; what is off its column's scale is flagged and left out."""
    scores: dict[str, Mapping[str, Any]] = {}
    flags = [] if reported.n == n else [f"on {reported.n or 'an unknown number of'} samples, measured rows on {n}"]
    known = {**columns, **({COMPOSITE: formula.column(columns)} if formula else {})}
    for name, text in reported.values.items():
        doubt = _doubt(text, known.get(name), _USUAL.get(name))
        if doubt:
            flags.append(f"{name} {doubt}")
        scores[name] = {"signature": "reported"} | ({"unavailable": doubt} if doubt else {"score": float(text)})
    row = Row(reported.captioner, "reported", reported.source, scores=scores, facts={"n": reported.n})
    return row.flagged("reported, not measured", *flags, *_other_formula(row, formula))


def _other_formula(row: Row, formula: Formula | None) -> list[str]:
    """A reported composite that the formula does not make of the reported columns."""
    said = row.score(COMPOSITE)
    parts = [row.score(column) for column in formula.weights] if formula else []
    if formula is None or said is None or any(part is None for part in parts):
        return []
    computed = sum(weight * (part or 0.0) for weight, part in zip(formula.weights.values(), parts, strict=True))
    # Reported numbers are rounded.
    return [] if abs(computed - said) < 0.01 else [f"composite {said:g}: the formula gives {computed:.4g}"]


def _doubt(text: str, column: Column | None, usual: tuple[float, float] | None) -> str:
    """Why a text is no number on the scale of its column; "" where it is one."""
    number = re.fullmatch(r"[-+]?(?:\d{1,15}(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d{1,3})?", text)
    if number is None:
        return f"{text!r} is no number" + (f" on the scale {column.scale()}" if column else "")
    value = float(text)
    if column is None:
        return f"{text} is on an unknown scale: state the formula with --composite"
    if not column.holds(value):
        return f"{text} is off the scale, {column.scale()}"
    if usual and value and not usual[0] <= value <= usual[1]:
        return f"{text} looks like another scale than {column.scale()}: {usual[0]:g} to {usual[1]:g} is usual"
    return ""


def _lines(text: str) -> list[dict[str, Any]]:
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    return [{key or "": value for key, value in line.items()} for line in reader]


def _reported(where: str, record: Mapping[str, Any], columns: Mapping[str, Column]) -> Reported:
    said = {str(key): "" if value is None else str(value).strip() for key, value in record.items()}
    if missing := [field for field in _REQUIRED if not said.get(field)]:
        raise UserError(f"{where}: no {' and no '.join(missing)}. Required: {', '.join(_REQUIRED)}; wanted: n.")
    values = {key: value for key, value in said.items() if key not in (*_REQUIRED, "n") and value}
    if strangers := [key for key in values if key not in columns and key != COMPOSITE]:
        raise UserError(
            f"{where}: {strangers[0]!r} is no column. Columns: {', '.join(columns)}, {COMPOSITE}; "
            f"besides {', '.join(_REQUIRED)} and n."
        )
    if said.get("n") and not re.fullmatch(r"[1-9]\d{0,8}", said["n"]):
        raise UserError(f"{where}: n is {said['n']!r}; give the number of samples.")
    n = int(said["n"]) if said.get("n") else None
    return Reported(where, said["captioner"], said["dataset"], said["source"], n, values)
