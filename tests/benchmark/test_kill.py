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
KILLS = 10
OPTIONS = ("--captioners", "all", "--dataset", "shapes:size=200", "--metrics", "rouge_l,cider", "--batch-size", "3")


@pytest.mark.timeout(600)
def test_ten_kills_change_nothing(tmp_path: Path) -> None:
    undisturbed, killed = tmp_path / "undisturbed", tmp_path / "killed"
    assert start(undisturbed, tmp_path / "cache of the first").wait() == 0
    whole = bytes_said(undisturbed)
    draw = random.Random(20)
    for amount in sorted(draw.randrange(whole) for _ in range(KILLS)):
        process = start(killed, tmp_path / "cache of the second")
        while process.poll() is None and bytes_said(killed) < amount:
            time.sleep(0.001)
        process.kill()
        assert process.wait() == -9, "it ended before it could be killed"
    assert start(killed, tmp_path / "cache of the second").wait() == 0
    assert csv_without_timings(killed) == csv_without_timings(undisturbed)
    for file in undisturbed.rglob("per_sample.csv"):
        assert (killed / file.relative_to(undisturbed)).read_bytes() == file.read_bytes()


def start(output: Path, cache: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "benchmark", "run", *OPTIONS, "--output-dir", str(output)],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), "SVG_CAPTION_BENCH_CACHE": str(cache)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def bytes_said(output: Path) -> int:
    return sum(file.stat().st_size for file in output.rglob("predictions.jsonl"))


def csv_without_timings(output: Path) -> str:
    return pd.read_csv(output / "leaderboard.csv", dtype=str).drop(columns=TIMINGS).to_csv()
