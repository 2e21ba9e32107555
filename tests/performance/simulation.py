"""Whether intervals and tests keep what they promise, by simulation with real metrics on captions of known worth.

    python tests/performance/simulation.py [--samples 400] [--trials 1000] [--resamples 1000] [--json]

A population of scenes of the dataset ``shapes`` is captioned by a made-up captioner, which says one of the scene's
own captions, one of another scene, or one of its own with a few words changed, as chance will. Its scores on the whole
population are the truth. Samples are drawn from the population with replacement, as from one without end.

- coverage: how many 95 % intervals hold the truth
- false positives: the two captions of each sample, both of that captioner, go to two sides by the toss of a coin; how
  many p-values of the paired tests are below 0.05
- false ranks: six captions of each sample go to six sides by chance; in how many tables anybody is called better

Shown for each column. BLEU of few samples is biased, as its brevity penalty and its clipping are not linear; a share of
1,000 trials has a standard error of 0.7 points.
"""

from __future__ import annotations

import argparse
import json
import time

import numpy as np

from benchmark.datasets.shapes import generate
from benchmark.metrics import Evaluation, evaluate
from benchmark.metrics.base import Array
from benchmark.statistics import SIGNIFICANCE, all_pairs, bootstrap_intervals, paired_tests

METRICS = ("bleu", "rouge_l", "meteor", "cider")
RANKED = 6


def population(size: int, sides: int) -> list[Evaluation]:
    """Statistics of several captioners of the same worth, each on all scenes; they say what is no reference."""
    scenes = generate(size=size, seed=11).samples
    draw = np.random.default_rng(0)
    references = {scene.id: scene.references[2:] for scene in scenes}
    found = []
    for _ in range(sides):
        said = {}
        for scene, kind in zip(scenes, draw.integers(3, size=size), strict=True):
            other = scenes[draw.integers(size)] if kind == 1 else scene
            words = other.references[draw.integers(2)].split()
            if kind == 2:
                for place in draw.integers(len(words), size=3):
                    words[place] = "thing"
            said[scene.id] = " ".join(words)
        found.append(evaluate(said, references, METRICS))
    return found


def part(evaluation: Evaluation, rows: Array) -> Evaluation:
    statistics = {name: every[rows] for name, every in evaluation.statistics.items()}
    return Evaluation(tuple(map(str, rows)), statistics, {}, {})


def dealt(parts: list[Evaluation], draw: np.random.Generator) -> list[Evaluation]:
    """The rows of each sample dealt out anew among the sides, by chance."""
    count, samples = len(parts), len(parts[0].ids)
    sides = draw.permuted(np.tile(np.arange(count), (samples, 1)), axis=1)
    stacked = {name: np.stack([one.statistics[name] for one in parts]) for name in parts[0].statistics}
    return [
        Evaluation(
            parts[0].ids, {name: rows[sides[:, i], np.arange(samples)] for name, rows in stacked.items()}, {}, {}
        )
        for i in range(count)
    ]


def simulate(size: int, samples: int, trials: int, resamples: int) -> dict[str, dict[str, float]]:
    """Column -> coverage, false positives of both tests, and tables with a false rank; all of them shares."""
    sides = population(size, RANKED)
    truth, columns = sides[0].corpus, sides[0].columns
    counts = {column: dict.fromkeys(("coverage", "randomization", "bootstrap", "ranks"), 0.0) for column in columns}
    draw = np.random.default_rng(1)
    for trial in range(trials):
        rows = draw.integers(size, size=samples)
        parts = [part(side, rows) for side in sides]
        intervals = bootstrap_intervals(parts[0], resamples=resamples, seed=trial)
        left, right = dealt(parts[:2], draw)
        tests = paired_tests(left, {"right": right}, resamples=resamples, seed=trial)["right"]
        for column, count in counts.items():
            low, high = intervals[column]
            count["coverage"] += low <= truth[column] <= high
            count["randomization"] += tests[column].randomization < SIGNIFICANCE
            count["bootstrap"] += tests[column].bootstrap < SIGNIFICANCE
        named = {str(i): one for i, one in enumerate(dealt(parts, draw))}
        for column in ("CIDEr", "METEOR"):
            pairs = all_pairs(named, {column: 1.0}, resamples=max(resamples, 1_999), seed=trial)[1]
            counts[column]["ranks"] += any(pair.p_holm < SIGNIFICANCE for pair in pairs)
    return {column: {name: value / trials for name, value in count.items()} for column, count in counts.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--population", type=int, default=20_000)
    parser.add_argument("--samples", type=int, default=400)
    parser.add_argument("--trials", type=int, default=1_000)
    parser.add_argument("--resamples", type=int, default=1_000)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    start = time.process_time()
    found = simulate(arguments.population, arguments.samples, arguments.trials, arguments.resamples)
    if arguments.json:
        print(json.dumps(found, indent=2))
        return
    print(
        f"{arguments.trials} trials of {arguments.samples} samples from {arguments.population}, "
        f"{arguments.resamples} resamples, {time.process_time() - start:.0f} s of processor time"
    )
    print(f"{'column':<10}{'coverage':>10}{'false positives':>18}{'(bootstrap)':>14}{'false ranks':>14}")
    for column, one in found.items():
        ranks = f"{one['ranks']:>14.1%}" if column in ("CIDEr", "METEOR") else ""
        print(f"{column:<10}{one['coverage']:>10.1%}{one['randomization']:>18.1%}{one['bootstrap']:>14.1%}{ranks}")


if __name__ == "__main__":
    main()
