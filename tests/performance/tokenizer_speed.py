"""Seconds of the tokenizer and of the jar for the same captions, and for hostile lines.

    python tests/performance/tokenizer_speed.py CAPTIONS [--times 8] [--rounds 5]

CAPTIONS is a JSON file with ``captions``: id -> list of captions. They are tokenized ``--times`` over, by turns: by the
jar, by a tokenizer that has just been imported, and by one that remembers the words. Shown are the medians over rounds.
Then each hostile line at 50,000 and at 100,000 characters: linear time makes the second take twice as long.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmark.metrics.tokenizer import ptb_tokenize

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "benchmark" / "metrics"))
from ptb_lines import HOSTILE
from ptb_oracle import COMMAND

_FRESH = """
import json, sys, time
captions = json.load(sys.stdin)
started = time.perf_counter()
from benchmark.metrics.tokenizer import ptb_tokenize
imported = time.perf_counter()
ptb_tokenize(captions)
print(imported - started, time.perf_counter() - imported)
"""


def seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def fresh(captions: list[str]) -> tuple[float, float]:
    """Of a new process: importing everything that the package needs, then all captions."""
    done = subprocess.run(
        [sys.executable, "-c", _FRESH], input=json.dumps(captions), capture_output=True, text=True, check=True
    )
    imported, tokenized = map(float, done.stdout.split())
    return imported, tokenized


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("captions", type=Path)
    parser.add_argument("--times", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    groups = json.loads(arguments.captions.read_text("utf-8"))["captions"].values()
    captions = [caption for group in groups for caption in group] * arguments.times
    text = "\n".join(captions).encode()

    taken: dict[str, list[float]] = {}
    for _ in range(arguments.rounds):
        if shutil.which("java"):
            jar = seconds(lambda: subprocess.run(COMMAND, input=text, capture_output=True, check=True))
            taken.setdefault("jar, its start included", []).append(jar)
        imported, tokenized = fresh(captions)
        taken.setdefault("import", []).append(imported)
        taken.setdefault("first call", []).append(tokenized)
        ptb_tokenize(captions)
        taken.setdefault("next call", []).append(seconds(lambda: ptb_tokenize(captions)))
    print(f"{len(captions)} captions, {len(text) / 1e6:.1f} MB")
    for name, values in taken.items():
        print(f"{name:24} {statistics.median(values):7.3f} s  ({min(values):.3f} to {max(values):.3f})")

    slowest = []
    for unit in HOSTILE:
        half, whole = (seconds(partial(ptb_tokenize, [unit * (size // len(unit))])) for size in (50_000, 100_000))
        slowest.append((whole, half, unit))
    print(f"\n{len(HOSTILE)} hostile lines of 100,000 characters, the slowest ones; ratio to 50,000 characters")
    for whole, half, unit in sorted(slowest, reverse=True)[:8]:
        print(f"{unit!r:24} {whole:7.3f} s  {whole / half:5.2f}")


if __name__ == "__main__":
    main()
