"""What a report is made of: the samples, the rows, and what every scored captioner said of each sample."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from benchmark.errors import UserError
from benchmark.leaderboard.text import MAIN_COLUMNS
from benchmark.metrics.evaluation import Evaluation
from benchmark.predictions import Prediction
from benchmark.ranking import Row, Table, tables
from benchmark.samples import Dataset, Sample
from benchmark.store import Run, SampleSet


@dataclass(frozen=True)
class Captioner:
    """One captioner with everything that is known of its captions.

    Attributes:
        row: of the leaderboard.
        manifest: of its run.
        evaluation: the statistics behind its scores.
        predictions: id -> prediction.
        problems: id -> what is wrong with the caption.
    """

    row: Row
    manifest: Mapping[str, Any]
    evaluation: Evaluation
    predictions: Mapping[str, Prediction]
    problems: Mapping[str, Sequence[str]]

    @property
    def name(self) -> str:
        return self.row.captioner

    @cached_property
    def flags(self) -> dict[str, tuple[str, ...]]:
        """id -> what metrics have to say of the sample."""
        masks = self.evaluation.flags
        return {id: tuple(name for name, mask in masks.items() if mask[i]) for i, id in enumerate(self.evaluation.ids)}


@dataclass(frozen=True)
class Content:
    """All that a report shows of one sample set.

    Attributes:
        about: the description of the sample set.
        samples: all samples.
        shown: those of them that the gallery shows.
        tables: of the leaderboard; numbers of one are not compared with those of another.
        captioners: those of the rows with captions on disk, in the same order.
    """

    about: Mapping[str, Any]
    samples: Sequence[Sample]
    shown: Sequence[Sample]
    tables: Sequence[Table]
    captioners: Sequence[Captioner]

    @cached_property
    def rows(self) -> list[Row]:
        """Those of all tables."""
        return [row for table in self.tables for row in table.rows]

    @property
    def charted(self) -> Sequence[Row]:
        """What charts show side by side: the rows of the first table."""
        return self.tables[0].rows

    @property
    def ranked_by(self) -> str:
        return self.tables[0].ranked_by

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Every column that a row has a number in, in the order of the metrics."""
        names = dict.fromkeys(column for row in self.rows for column in row.scores)
        return tuple(name for name in names if any(row.score(name) is not None for row in self.rows))

    @cached_property
    def main_columns(self) -> tuple[str, ...]:
        """Those of :attr:`columns` that a paper's table holds; all of them where it holds none."""
        return tuple(name for name in self.columns if name in MAIN_COLUMNS) or self.columns

    @cached_property
    def sample_columns(self) -> tuple[str, ...]:
        """Columns in which single samples have scores."""
        return tuple(dict.fromkeys(column for one in self.captioners for column in one.evaluation.columns))


def gather(sample_set: SampleSet, gallery: int) -> Content:
    """Read all that a report shows; its gallery shows ``gallery`` samples at most.

    Raises UserError when files are missing or damaged, or when no captioner is scored.
    """
    samples = sample_set.samples
    found = tables([sample_set])
    runs = {run.manifest["identity"]["captioner"]["name"]: run for run in sample_set.runs()}
    scored = [row for table in found for row in table.rows if row.status == "ok" and row.captioner in runs]
    if not scored:
        raise UserError(
            f"{sample_set.path} holds no scored captions yet, so there is nothing to report. "
            "Finish its runs: the same `run` command goes on where it stopped."
        )
    ids = [sample.id for sample in samples]
    shown = Dataset(sample_set.path.name, samples).limit(gallery, seed=0).samples
    captioners = tuple(_captioner(row, runs[row.captioner], ids) for row in scored)
    return Content(sample_set.description, samples, shown, found, captioners)


def _captioner(row: Row, run: Run, ids: Sequence[str]) -> Captioner:
    evaluation = run.evaluation
    if set(evaluation.ids) != set(ids):
        raise UserError(f"{run.path} is scored on other samples than its sample set holds: delete it and run anew.")
    return Captioner(row, run.manifest, evaluation, run.predictions(ids), _problems(run.path / "per_sample.csv"))


def _problems(file: Path) -> dict[str, tuple[str, ...]]:
    """Id -> what is wrong with the caption, of the captions with which something is."""
    try:
        with file.open(encoding="utf-8", newline="") as lines:
            said = {line["id"]: line["problems"] for line in csv.DictReader(lines)}
    except (OSError, KeyError, ValueError, csv.Error) as error:
        raise UserError(
            f"cannot read {file}: {error}. Delete it and run the same command again: it scores anew."
        ) from error
    return {id: tuple(kinds.split("; ")) for id, kinds in said.items() if kinds}
