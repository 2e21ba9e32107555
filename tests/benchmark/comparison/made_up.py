"""Scored runs whose sample scores the tests choose; the metrics are means of samples, so all else is arithmetic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmark import predictions
from benchmark.metrics import Evaluation
from benchmark.metrics.base import METRICS
from benchmark.predictions import Prediction
from benchmark.samples import Dataset, Sample
from benchmark.store import Run, SampleSet, Shard, describe, safe_name

SIGNATURES = {"rouge_l": "ROUGE-L|tok:ptb|refs:2|v1", "cider": "CIDEr|D|df:references|tok:ptb|refs:2|v1"}


def dataset(count: int, name: str = "scenes") -> Dataset:
    """``count`` samples s0, s1, …, each with two references."""
    return Dataset(name, tuple(Sample(f"s{i}", "<svg/>", (f"thing {i}", f"a thing, number {i}")) for i in range(count)))


def put(
    folder: Path,
    captioner: str,
    scores: Mapping[str, Sequence[float]],
    *,
    data: Dataset | None = None,
    split: str = "test",
    captions: Mapping[str, str] | None = None,
    failed: Sequence[str] = (),
    signatures: Mapping[str, str] | None = None,
    unavailable: Mapping[str, str] | None = None,
    held_out: int = 0,
    fingerprint: str = "f" * 12,
) -> Run:
    """A run as the pipeline leaves it: metric -> the scores of its samples; "<captioner> s<i>" are the captions."""
    data = data or dataset(len(next(iter(scores.values()))))
    ids = [sample.id for sample in data.samples]
    said = {id: f"{captioner} {id}" for id in ids} | dict(captions or {})
    sample_set = SampleSet.create(folder, data, split)
    run = Run(sample_set.path / safe_name(captioner))
    identity = {"dataset": data.fingerprint(), "captioner": {"name": captioner}}
    about = describe(data, split)
    run.begin(
        {"schema": 1, "identity": identity, "fingerprint": fingerprint, "dataset": about}, Shard(), overwrite=True
    )
    rows = [Prediction(id, said[id], said[id]) for id in ids]
    rows = [replace(row, status="failed", caption="", error="x") if row.id in failed else row for row in rows]
    run.append(Shard(), rows)
    statistics = {name: np.column_stack([each, np.ones(len(each))]) for name, each in scores.items()}
    written = {METRICS[name].columns[0]: SIGNATURES.get(name, f"{name}|v1") for name in statistics}
    evaluation = Evaluation(tuple(ids), statistics, unavailable or {}, written | dict(signatures or {}))
    run.write_scores(_scores(evaluation, rows, held_out), evaluation)
    return run


def _scores(evaluation: Evaluation, rows: Sequence[Prediction], held_out: int) -> dict[str, Any]:
    corpus = evaluation.corpus
    scores = {
        column: {"score": corpus[column], "low": 0.0, "high": 1.0, "signature": signature}
        if column in corpus
        else {"unavailable": evaluation.unavailable[column], "signature": signature}
        for column, signature in evaluation.signatures.items()
    }
    return {
        "inputs": {"predictions": predictions.digest(rows), "tokenizer": "ptb"},
        "coverage": sum(row.status == "ok" for row in rows) / len(rows),
        "held_out": held_out,
        "captions_sha256": "c",
        "scores": scores,
    }
