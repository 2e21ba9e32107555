"""A small training as a program, for launchers.

It takes its time after each step so that it can be disturbed, but not when it goes on after that.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import tiny

from captioners.training.base import Base
from captioners.training.errors import TrainingStopped
from captioners.training.interruption import EXIT_CODE, TrainingInterrupted
from captioners.training.trainer import Result, train

# 16 steps of 4 examples, a checkpoint after each fifth.
SETTINGS = (
    *("epochs=2", "batch.size=4", "batch.accumulation=1", "lora.dropout=0.1", "optimizer.learning_rate=2e-3"),
    *("checkpoints.evaluate=5", "checkpoints.every=5", "slurm.cores=1", "slurm.memory=1"),
)
STEPS = 16


class Slow(tiny.Notes):
    """A watcher that notes on standard error, and takes its time after each step of a training that begins."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds

    @contextmanager
    def task(self, description: str, total: int, done: int = 0) -> Iterator[Callable[[int], None]]:
        with super().task(description, total, done) as advance:

            def step(steps: int) -> None:
                advance(steps)
                print(f"step {self.done}", file=sys.stderr, flush=True)
                time.sleep(0 if done else self._seconds)

            yield step

    def note(self, message: str) -> None:
        super().note(message)
        print(message, file=sys.stderr)


def overflowing(base: Base, after: int) -> Base:
    """A base that gives infinite gradients after so many backward passes."""
    passes = 0

    def meddle(_module: Any, gradients: tuple[Any, ...]) -> tuple[Any, ...]:
        nonlocal passes
        passes += 1
        return (gradients[0] * float("inf"),) if passes > after else gradients

    base.model.lm_head.register_full_backward_pre_hook(meddle)
    return base


def run(output: Path, *overrides: str, seconds: float = 0.0, overflow_after: int | None = None) -> Result:
    base = tiny.base()
    return train(
        tiny.config("cpu-demo", *SETTINGS, *overrides),
        base if overflow_after is None else overflowing(base, overflow_after),
        tiny.examples(32),
        tiny.examples(4, seed=1),
        output,
        watcher=Slow(seconds),
        resume=True,
    )


def main() -> int:
    import torch

    parser = argparse.ArgumentParser()
    parser.add_argument("output", type=Path)
    parser.add_argument("--slow", type=float, default=0.0)
    parser.add_argument("--overflow-after", type=int)
    parser.add_argument("--set", action="append", default=[])
    given = parser.parse_args()
    torch.set_num_threads(1)
    first = os.environ.get("RANK", "0") == "0"
    try:
        result = run(given.output, *given.set, seconds=given.slow, overflow_after=given.overflow_after)
    except TrainingInterrupted as interrupted:
        if not first:
            return 0  # torchrun ends the others where one fails: the first speaks for all
        print(interrupted, file=sys.stderr)
        return EXIT_CODE
    except TrainingStopped as stopped:
        print(stopped, file=sys.stderr)
        return 1
    if first:
        print(f"finished after step {result.steps}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
