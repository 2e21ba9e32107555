"""Runs with made-up scores, as the pipeline leaves them: the score of each sample is chosen, all else is computed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmark import predictions
from benchmark.files import write_atomic
from benchmark.metrics import Evaluation
from benchmark.metrics.base import METRICS
from benchmark.predictions import Prediction
from benchmark.samples import Dataset, Sample
from benchmark.scoring import Scoring
from benchmark.store import Run, SampleSet, Shard

METRIC_OF = {column: name for name in METRICS for column in METRICS[name].columns}


def sample_set(folder: Path, n: int = 8, name: str = "made-up", **more: Any) -> SampleSet:
    samples = tuple(Sample(f"s{i}", "<svg/>", (f"thing {i}",), group="ab"[i % 2]) for i in range(n))
    return SampleSet.create(folder, Dataset(name, samples, {"licence": "MIT"}), "test")


def put(
    where: SampleSet,
    name: str,
    scores: Mapping[str, Sequence[float] | float],
    *,
    said: Sequence[str] | None = None,
    problems: Sequence[tuple[str, ...]] = (),
    signature: str = "as usual|refs:1",
    identity: Mapping[str, Any] | None = None,
    inputs: Mapping[str, Any] | None = None,
    **summary: Any,
) -> Run:
    """A scored run. ``scores``: column of a metric that is a mean -> scores of the samples, or one for all of them."""
    ids = [sample.id for sample in where.samples]
    rows = {column: np.broadcast_to(np.asarray(values, dtype=float), len(ids)) for column, values in scores.items()}
    evaluation = Evaluation(
        tuple(ids),
        {METRIC_OF[column]: np.stack([values, np.ones(len(ids))], axis=1) for column, values in rows.items()},
        {},
        {column: f"{column}|{signature}|v1" for column in scores},
    )
    captions = [f"{name} says {i}" for i in range(len(ids))] if said is None else said
    answers = [Prediction(id, text, text) for id, text in zip(ids, captions, strict=True)]
    run = Run(where.path / name)
    run.begin(
        {"schema": 1, "fingerprint": f"print of {name}", "identity": {"captioner": {"name": name}, **(identity or {})}},
        Shard(),
        overwrite=True,
    )
    run.append(Shard(), answers)
    scoring = Scoring(evaluation, answers, list(problems) or [()] * len(ids))
    known = {
        "predictions": predictions.digest(answers),
        "dataset": where.description["fingerprint"],
        "tokenizer": "ptb",
        **(inputs or {}),
    }
    write_atomic(run.path / "per_sample.csv", scoring.per_sample_csv())
    run.write_scores({"schema": 1, "inputs": known, **scoring.summary(), **summary}, evaluation)
    return run


def changed(run: Run, **changes: Any) -> None:
    """Write the scores of a run anew, with other values and a seal that fits."""
    document = {key: value for key, value in (run.scores or {}).items() if key not in ("sha256", "statistics_sha256")}
    run.write_scores({**document, **changes}, run.evaluation)
