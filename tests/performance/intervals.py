"""How long bootstrap intervals and paired tests take beside what one would write or call instead.

    python tests/performance/intervals.py CAPTIONS [--samples 8000] [--resamples 10000] [--json]

CAPTIONS is a JSON document with ``tokenized.hypotheses`` and ``tokenized.references`` (id -> list of texts), whose
rows (BLEU, ROUGE-L, METEOR, CIDEr: 37 columns) are repeated up to the number of samples. Each side computes the
intervals of all columns in a process of its own:

- ``ours``: ``bootstrap_intervals``; ``paired``: ``paired_tests`` of two captioners, both kinds
- ``loop``: draws the samples of one resample after the other and adds their rows up, as sacreBLEU does
- ``scipy``: ``scipy.stats.bootstrap`` (``pip install scipy``), vectorized, 20 resamples at a time

Shown are wall and processor seconds and peak memory. Processor seconds are of all threads and say more on a machine
that does something else too.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmark.metrics import Evaluation
from benchmark.metrics.base import METRICS, Corpus
from benchmark.statistics import bootstrap_intervals, paired_tests

Intervals = dict[str, tuple[float, float]]


def read(path: Path, samples: int) -> Evaluation:
    """Rows of all metrics for the captions of ``path``, repeated."""
    tokenized = json.loads(path.read_text(encoding="utf-8"))["tokenized"]
    hypotheses = [tokenized["hypotheses"][id][0] for id in tokenized["references"]]
    corpus = Corpus(hypotheses, list(tokenized["references"].values()), "ptb")
    rows = {name: METRICS[name].statistics(corpus) for name in ("bleu", "rouge_l", "meteor", "cider")}
    repeated = {name: np.resize(one, (samples, one.shape[1])) for name, one in rows.items()}
    return Evaluation(tuple(map(str, range(samples))), repeated, {}, {})


def ours(evaluation: Evaluation, resamples: int) -> Intervals:
    return bootstrap_intervals(evaluation, resamples=resamples)


def paired(evaluation: Evaluation, resamples: int) -> Intervals:
    """The differences' intervals; the other captioner has the same rows in another order."""
    turned = {name: np.roll(rows, 1, axis=0) for name, rows in evaluation.statistics.items()}
    tests = paired_tests(evaluation, {"b": replace(evaluation, statistics=turned)}, resamples=resamples)["b"]
    return {column: (test.low, test.high) for column, test in tests.items()}


def loop(evaluation: Evaluation, resamples: int) -> Intervals:
    generator, rows = np.random.default_rng(0), evaluation.stacked()
    scores = [
        evaluation.scores_of(rows[generator.integers(len(rows), size=len(rows))].sum(axis=0)) for _ in range(resamples)
    ]
    return _named(evaluation, np.percentile(scores, [2.5, 97.5], axis=0))


def scipy(evaluation: Evaluation, resamples: int) -> Intervals:
    from scipy.stats import bootstrap

    def statistic(*columns: np.ndarray, axis: int = -1) -> np.ndarray:
        return evaluation.scores_of(np.stack([column.sum(axis=axis) for column in columns], axis=-1)).T

    interval = bootstrap(
        tuple(evaluation.stacked().T),
        statistic,
        paired=True,
        vectorized=True,
        n_resamples=resamples,
        batch=20,
        method="percentile",
        rng=np.random.default_rng(0),
    ).confidence_interval
    return _named(evaluation, np.stack([interval.low, interval.high]))


def _named(evaluation: Evaluation, bounds: np.ndarray) -> Intervals:
    return {column: (low, high) for column, low, high in zip(evaluation.columns, *bounds.tolist(), strict=True)}


Side = Callable[[Evaluation, int], Intervals]


def measured(side: Side, evaluation: Evaluation, resamples: int) -> dict[str, Any]:
    """Wall seconds, processor seconds and peak MiB of a side, in its own process, and what it says."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_measure, (side, evaluation, resamples))


def _measure(side: Side, evaluation: Evaluation, resamples: int) -> dict[str, Any]:
    side(evaluation, 2)  # imports
    start, cpu = time.perf_counter(), time.process_time()
    intervals = side(evaluation, resamples)
    wall, cpu = time.perf_counter() - start, time.process_time() - cpu
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return {
        "wall": wall,
        "cpu": cpu,
        "mib": int(status["VmHWM"].split()[0]) / 1024,
        "intervals": intervals,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("captions", type=Path)
    parser.add_argument("--samples", type=int, default=8_000)
    parser.add_argument("--resamples", type=int, default=10_000)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    evaluation = read(arguments.captions, arguments.samples)
    sides = {side.__name__: measured(side, evaluation, arguments.resamples) for side in (ours, paired, loop, scipy)}
    if arguments.json:
        print(json.dumps(sides, indent=2))
        return
    print(
        f"{arguments.samples} samples, {arguments.resamples} resamples, {evaluation.stacked().shape[1]} columns of rows"
    )
    for name, side in sides.items():
        ratio = sides["ours"]["cpu"] / side["cpu"]
        print(
            f"{name:<8}{side['wall']:>8.2f} s wall {side['cpu']:>8.2f} s cpu {side['mib']:>6.0f} MiB   "
            f"ours / {name}: {ratio:.3f}   CIDEr {side['intervals']['CIDEr']}"
        )


if __name__ == "__main__":
    main()
