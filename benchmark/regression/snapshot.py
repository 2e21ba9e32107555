"""What a results directory says of every captioner at one moment: all that a later one can be held against."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from benchmark.errors import UserError
from benchmark.metrics.evaluation import Evaluation
from benchmark.store import Run, SampleSet, sample_sets

# Decimals that are kept of scores and statistics: what a processor does to the digits behind is no change.
DECIMALS = 10


@dataclass(frozen=True)
class Entry:
    """One captioner on one sample set.

    Attributes:
        fingerprint: of the captioner, its settings and what it learnt from.
        captions: id -> caption.
        failed: the samples that it did not answer, in order.
        scores: column -> corpus score, on the metric's own scale, of the metrics that could be computed.
        evaluation: the sufficient statistics behind the scores, and the signatures.
    """

    fingerprint: str
    captions: Mapping[str, str]
    failed: tuple[str, ...]
    scores: Mapping[str, float]
    evaluation: Evaluation


@dataclass(frozen=True)
class SetSnapshot:
    """One sample set.

    Attributes:
        name: of its folder.
        n: how many samples.
        ids: of the samples; empty where the runs were not looked at, as are the entries.
        entries: captioner -> what it did, of those that are scored, by name.
        absent: captioner -> why it is not scored; empty in a baseline.
        references: id -> references; empty in a baseline.
    """

    name: str
    dataset: str
    split: str
    fingerprint: str
    n: int
    ids: tuple[str, ...] = ()
    entries: Mapping[str, Entry] = field(default_factory=dict)
    absent: Mapping[str, str] = field(default_factory=dict)
    references: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def about(self) -> str:
        """``400 samples (1a2b3c4d5e6f)``."""
        return f"{self.n} samples ({self.fingerprint[:12]})"


def take(directory: Path, fingerprints: Collection[str] | None = None) -> tuple[SetSnapshot, ...]:
    """The sample sets below a results directory, by name.

    Of sample sets whose fingerprint is not among ``fingerprints``, where some are given, the runs are not looked at.
    Raises UserError when there are no runs, or damaged ones.
    """
    found = sample_sets(directory)
    if not found:
        raise UserError(f"{directory} holds no runs. Make some first: python -m benchmark run --captioners all")
    return tuple(_set(one, fingerprints) for one in found)


def _set(sample_set: SampleSet, fingerprints: Collection[str] | None) -> SetSnapshot:
    about = sample_set.description
    snapshot = SetSnapshot(sample_set.path.name, about["dataset"], about["split"], about["fingerprint"], about["n"])
    if fingerprints is not None and snapshot.fingerprint not in fingerprints:
        return snapshot
    samples = sample_set.samples
    entries: dict[str, Entry] = {}
    absent = sample_set.unavailable
    for run in sample_set.runs():
        name = str(run.manifest["identity"]["captioner"]["name"])
        entry = _entry(run)
        if entry is None:
            absent[name] = "no scores of the captions on disk: captioning was not finished, or files were changed"
        else:
            entries[name] = entry
    return replace(
        snapshot,
        ids=tuple(sample.id for sample in samples),
        entries=dict(sorted(entries.items())),
        absent={name: why for name, why in absent.items() if name not in entries},
        references={sample.id: sample.references for sample in samples},
    )


def _entry(run: Run) -> Entry | None:
    scores = run.scores
    if scores is None:
        return None
    evaluation = run.evaluation
    predictions = run.predictions(evaluation.ids)
    rounded = {name: np.round(rows, DECIMALS) + 0.0 for name, rows in evaluation.statistics.items()}  # no -0.0
    return Entry(
        str(run.manifest["fingerprint"]),
        {id: one.caption for id, one in predictions.items()},
        tuple(id for id, one in predictions.items() if one.status == "failed"),
        {column: round(scores["scores"][column]["score"], DECIMALS) for column in evaluation.columns},
        replace(evaluation, statistics=rounded, flags={}),
    )
