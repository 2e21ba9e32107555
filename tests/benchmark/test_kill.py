"""A run that is killed at random moments and started again ends as if nothing had happened."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

REPOSITORY = Path(__file__).parents[2]
TIMINGS = ["seconds_per_sample"]
KILLS = 10
OPTIONS = ("--captioners", "all", "--dataset", "shapes:size=200", "--metrics", "rouge_l,cider", "--batch-size", "3")


@pytest.mark.timeout(600)
def test_ten_kills_change_nothing(tmp_path: Path) -> None:
    undisturbed, killed = tmp_path / "undisturbed", tmp_path / "killed"
    seconds = timed_run(undisturbed, tmp_path / "cache of the first")
    draw = random.Random(20)
    kills = 0
    while kills < KILLS:
        process = start(killed, tmp_path / "cache of the second")
        try:
            process.wait(timeout=draw.uniform(0.3, 1.2) * seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            kills += 1
            process.wait()
        else:
            # It came to its end before the kill: from the middle of its captions on once more.
            for file in killed.rglob("predictions.jsonl"):
                os.truncate(file, draw.randrange(file.stat().st_size))
    timed_run(killed, tmp_path / "cache of the second")
    assert csv_without_timings(killed) == csv_without_timings(undisturbed)
    for file in undisturbed.rglob("per_sample.csv"):
        assert (killed / file.relative_to(undisturbed)).read_bytes() == file.read_bytes()
    assert not list(killed.rglob("*.tmp"))


def start(output: Path, cache: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "benchmark", "run", *OPTIONS, "--output-dir", str(output)],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), "SVG_CAPTION_BENCH_CACHE": str(cache)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def timed_run(output: Path, cache: Path) -> float:
    begun = time.monotonic()
    assert start(output, cache).wait() == 0
    return time.monotonic() - begun


def csv_without_timings(output: Path) -> str:
    return pd.read_csv(output / "leaderboard.csv", dtype=str).drop(columns=TIMINGS).to_csv()
