"""A run that is killed again and again and started anew ends as if nothing had happened."""

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
OPTIONS = ("--captioners", "all", "--dataset", "shapes:size=200", "--metrics", "rouge_l,cider", "--batch-size", "3")


@pytest.mark.timeout(600)
def test_ten_kills_change_nothing(tmp_path: Path) -> None:
    undisturbed, killed, cache = tmp_path / "undisturbed", tmp_path / "killed", tmp_path / "cache"
    assert start(undisturbed, tmp_path / "another cache").wait() == 0
    draw = random.Random(20)
    # Five kills at any amount of captions, with work that is left over growing less; five at any moment of a run that
    # starts anew, so that they fall into learning, scoring and removing as well.
    for amount in sorted(draw.randrange(bytes_said(undisturbed)) for _ in range(5)):
        process = start(killed, cache)
        while process.poll() is None and bytes_said(killed) < amount:
            time.sleep(0.001)
        process.kill()
        assert process.wait() == -9, "it ended before it could be killed"
    begun = time.monotonic()
    assert start(killed, cache, "--overwrite").wait() == 0
    seconds = time.monotonic() - begun
    kills = 0
    for _ in range(20):  # some end before: they go faster than the one that was timed
        kills += killed_after(draw.uniform(0, 0.8) * seconds, start(killed, cache, "--overwrite")) == -9
        if kills == 5:
            break
    assert kills == 5, "most runs ended before they could be killed"
    assert start(killed, cache).wait() == 0
    assert csv_without_timings(killed) == csv_without_timings(undisturbed)
    for file in undisturbed.rglob("per_sample.csv"):
        assert (killed / file.relative_to(undisturbed)).read_bytes() == file.read_bytes()


def killed_after(seconds: float, process: subprocess.Popen[bytes]) -> int:
    time.sleep(seconds)
    process.kill()
    return process.wait()


def start(output: Path, cache: Path, *more: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "benchmark", "run", *OPTIONS, *more, "--output-dir", str(output)],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), "SVG_CAPTION_BENCH_CACHE": str(cache)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def bytes_said(output: Path) -> int:
    return sum(file.stat().st_size for file in output.rglob("predictions.jsonl"))


def csv_without_timings(output: Path) -> str:
    return pd.read_csv(output / "leaderboard.csv", dtype=str).drop(columns=TIMINGS).to_csv()
