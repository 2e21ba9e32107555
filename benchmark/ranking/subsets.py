"""Parts of a sample set, to see what captioners are good at: emoji groups, simple and complex drawings.

By elements and by tokens there are three parts of about equal size, cut at the terciles of the samples' counts; samples
of the same count are in the same part. The counts are of the drawing as it is in the dataset, after the repairs that
every captioner profits from; what cannot be read at all counts as it is written.

- elements: path, rect, circle, ellipse, line, polyline, polygon, text, image, use
- tokens: words, up to three digits in a row, and single other signs. No model's tokenizer is asked, so the parts are
  the same for all captioners and everywhere.
"""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from benchmark.errors import UserError
from benchmark.metrics.evaluation import Evaluation
from benchmark.predictions import Prediction
from benchmark.ranking.reading import Entry, scored_row
from benchmark.samples import Sample
from benchmark.scoring import Scoring
from benchmark.store import Run, SampleSet
from renderers import RenderError
from renderers.preparation import prepare

WAYS = ("group", "elements", "tokens")
_ELEMENT = re.compile(r"<(?:\w+:)?(?:path|rect|circle|ellipse|line|polyline|polygon|text|image|use)\b")
_TOKEN = re.compile(r"[^\W\d_]+|\d{1,3}|[^\s\w]|_")


def subsets(sample_set: SampleSet, entries: Sequence[Entry], by: str) -> dict[str, list[Entry]]:
    """``"elements: 1 to 3"`` -> the entries, scored on these samples alone. Raises UserError."""
    samples = sample_set.samples
    if by == "group":
        if not any(sample.group for sample in samples):
            raise UserError(
                f"no sample of {sample_set.path.name} has a group. Name the field that holds it when they are run: "
                "--group-field FIELD."
            )
        names = [f"group: {sample.group or 'none'}" for sample in samples]
        order = sorted(set(names))
    else:
        names, order = _terciles(samples, by, elements if by == "elements" else tokens)
    members: dict[str, list[str]] = defaultdict(list)
    for sample, name in zip(samples, names, strict=True):
        members[name].append(sample.id)
    whole = [known for entry in entries if (known := _read(entry))]
    return {name: [_part(known, name, members[name]) for known in whole] for name in order}


def elements(svg: str) -> int:
    """Shapes, texts, pictures and references to them that a drawing holds."""
    return len(_ELEMENT.findall(_prepared(svg)))


def tokens(svg: str) -> int:
    """Words, groups of up to three digits, and single signs of a drawing's code."""
    return len(_TOKEN.findall(_prepared(svg)))


def _prepared(svg: str) -> str:
    try:
        return prepare(svg).svg
    except RenderError:
        return svg


def _terciles(samples: Sequence[Sample], by: str, count: Callable[[str], int]) -> tuple[list[str], list[str]]:
    """The part of each sample, and the parts in order."""
    counts = np.array([count(sample.svg) for sample in samples])
    ends = np.unique(np.quantile(counts, [1 / 3, 2 / 3, 1], method="inverted_cdf"))
    parts = np.searchsorted(ends, counts)
    labels = []
    for part in range(len(ends)):
        low, high = counts[parts == part].min(), counts[parts == part].max()
        labels.append(f"{by}: {low} to {high}" if low < high else f"{by}: {low}")
    return [labels[part] for part in parts], labels


class _Known(NamedTuple):
    """A scored entry, and what its run says of each sample."""

    entry: Entry
    evaluation: Evaluation
    manifest: Mapping[str, Any]
    scores: Mapping[str, Any]
    said: Mapping[str, Prediction]
    problems: Mapping[str, tuple[str, ...]]


def _read(entry: Entry) -> _Known | None:
    """None for an entry that is not scored."""
    run, evaluation = entry.run, entry.evaluation
    scores = run.scores if run else None
    if run is None or evaluation is None or scores is None:
        return None
    return _Known(entry, evaluation, run.manifest, scores, run.predictions(evaluation.ids), _problems(run))


def _part(known: _Known, name: str, ids: Sequence[str]) -> Entry:
    """An entry on a part of its samples."""
    part = known.evaluation.of(ids)
    summary = Scoring(part, [known.said[id] for id in ids], [known.problems[id] for id in ids]).summary()
    row = scored_row(known.manifest, {**known.scores, **summary}, n=len(ids), subset=name)
    return replace(known.entry, row=row, evaluation=part)


def _problems(run: Run) -> dict[str, tuple[str, ...]]:
    """Id -> kinds of problems of its caption, as per_sample.csv says. Raises UserError."""
    path = run.path / "per_sample.csv"
    try:
        lines = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"), newline=""))
        return {line["id"]: tuple(kind for kind in line["problems"].split("; ") if kind) for line in lines}
    except (OSError, KeyError, ValueError) as error:
        raise UserError(f"cannot read {path}: {error}. Run the same command again: it is written anew.") from error
