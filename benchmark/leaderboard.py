"""Leaderboards of all sample sets on disk: CSV, Markdown and LaTeX.

The columns of the CSV, in order; a captioner that did not run has only the first seven:

========================== =============================================================================
dataset, split, n          the sample set; every row of one set is scored on the same n samples
rank                       1 is best, by CIDEr, or by the first metric that was asked for without it
captioner                  its registered name
status, reason             ``ok``, ``unavailable`` or ``incomplete``, and why
coverage                   share of samples that the captioner answered, 0 to 1, be it with an empty caption; a
                           missing answer scores as the empty caption
invalid                    captions with a problem: failed, empty, echo, code, cut, looping, …; flags count the kinds
                           (benchmark/metrics/validity); one text for many is no problem of single captions
METRIC, _low, _high        corpus score and its 95 % bootstrap interval; BLEU, ROUGE-L, METEOR 0 to 1, CIDEr
                           0 to 10, CLIPScore 0 to 100, CLIPScore-w2.5 0 to 2.5, RefCLIPScore 0 to 10/7;
                           ``n/a: reason`` where it could not be computed
caption_words              mean length in words
seconds_per_sample         mean wall time of captioning; excludes rendering and learning
flags                      what a reader must know before trusting the row
dataset_fingerprint        SHA-256 over the samples, first twelve digits
captioner_fingerprint      the same over the captioner, its settings and what it learnt from
predictions_sha256         SHA-256 over the predictions, timings aside
renderer                   backends, versions and size in pixels, for captioners that look at pictures
signatures                 how exactly each number was computed
========================== =============================================================================
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmark import tables
from benchmark.files import write_atomic
from benchmark.metrics.base import METRICS
from benchmark.ranking import Row, rows
from benchmark.store import SampleSet, sample_sets

if TYPE_CHECKING:
    import pandas as pd

_BEFORE_SCORES = ("dataset", "split", "n", "rank", "captioner", "status", "reason", "coverage", "invalid")
_AFTER_SCORES = (
    "caption_words",
    "seconds_per_sample",
    "flags",
    "dataset_fingerprint",
    "captioner_fingerprint",
    "predictions_sha256",
    "renderer",
    "signatures",
)


def write(output_dir: Path) -> list[Path]:
    """Write leaderboard.csv, .md and .tex of all sample sets below ``output_dir``. Raises UserError."""
    sets = [(sample_set, rows(sample_set)) for sample_set in sample_sets(output_dir)]
    csv = io.StringIO()
    frame(sets).map(_csv_cell).to_csv(csv, index=False, lineterminator="\n")
    contents = {
        "leaderboard.csv": csv.getvalue(),
        "leaderboard.md": "\n".join(tables.markdown(*one) for one in sets),
        "leaderboard.tex": "\n".join(tables.latex(*one) for one in sets),
    }
    for name, content in contents.items():
        write_atomic(output_dir / name, content)
    return [output_dir / name for name in contents]


def frame(sets: Iterable[tuple[SampleSet, Sequence[Row]]]) -> pd.DataFrame:
    """Every row of the sample sets, in the columns of the CSV."""
    import pandas as pd

    everything = [record for one in sets for record in records(*one)]
    known = [column for name in METRICS for column in METRICS[name].columns]
    scored = dict.fromkeys(column for record in everything for column in record)
    scores = [f"{column}{bound}" for column in known for bound in ("", "_low", "_high")]
    # A metric of a package that is not installed here has its columns behind the known ones.
    scores += [column for column in scored if column not in (*_BEFORE_SCORES, *scores, *_AFTER_SCORES)]
    there = [column for column in scores if column in scored]
    table = pd.DataFrame(everything, columns=[*_BEFORE_SCORES, *there, *_AFTER_SCORES])
    return table.astype({"rank": "Int64", "invalid": "Int64"})


def _csv_cell(value: object) -> object:
    return f"{value:.6f}" if isinstance(value, float) and not math.isnan(value) else value


def records(sample_set: SampleSet, found: Sequence[Row]) -> list[dict[str, Any]]:
    """The rows of one sample set: column of the CSV -> value."""
    about = sample_set.description
    return [_record(about, row) for row in found]


def _record(about: Mapping[str, Any], row: Row) -> dict[str, Any]:
    record: dict[str, Any] = {
        "dataset": about["dataset"],
        "split": about["split"],
        "n": about["n"],
        "rank": row.rank,
        "captioner": row.captioner,
        "status": row.status,
        "reason": row.reason,
    }
    for column, score in row.scores.items():
        if "unavailable" in score:
            record[column] = f"n/a: {score['unavailable']}"
        else:
            record |= {column: score["score"], f"{column}_low": score["low"], f"{column}_high": score["high"]}
    return record | dict(row.facts) | {"flags": "; ".join(row.flags), "dataset_fingerprint": about["fingerprint"][:12]}
