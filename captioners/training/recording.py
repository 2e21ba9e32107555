"""What is written down while a training runs: metrics.csv and its plot, the bar, and ``debug.jsonl`` when asked for."""

from __future__ import annotations

import contextlib
import json
import resource
import time
from pathlib import Path
from typing import Any

import torch
from transformers import TrainerCallback

from captioners.training.folder import DEBUG, METRICS
from captioners.training.loop import CaptionTrainer
from captioners.training.records import Metrics, Watcher, plot, read


class Recorder(TrainerCallback):
    """Writes a row per step and per evaluation, draws them at each evaluation and at the end, and moves the bar.

    Attributes:
        seconds: of training so far, those before a resume included.
    """

    def __init__(self, folder: Path, watcher: Watcher, stack: contextlib.ExitStack, *, debug: bool) -> None:
        self._folder, self._watcher, self._stack, self._debug = folder, watcher, stack, debug
        self._before, self._started = 0.0, time.monotonic()
        self.trainer: CaptionTrainer | None = None

    @property
    def seconds(self) -> float:
        return self._before + time.monotonic() - self._started

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self._writes = state.is_world_process_zero
        path = self._folder / METRICS
        if state.global_step and path.exists():
            done = [row["seconds"] for row in read(path) if row["step"] <= state.global_step and "seconds" in row]
            self._before = max(done, default=0.0)
        self._started = time.monotonic()
        if self._writes:
            self._metrics = Metrics(path)
            self._stack.callback(self._metrics.close)
            self._stack.callback(self._draw)  # also where the training is stopped
            task = self._watcher.task("training steps", state.max_steps, state.global_step)
            self._advance = self._stack.enter_context(task)

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        if self._writes:
            self._advance(1)
        if self._writes and self._debug and self.trainer is not None:
            with (self._folder / DEBUG).open("a", encoding="utf-8") as file:
                file.write(json.dumps(self._details(self.trainer, state.global_step)) + "\n")

    def on_log(self, args: Any, state: Any, control: Any, **given: Any) -> None:
        logs: dict[str, float] = given["logs"]
        if not self._writes or not {"loss", "eval_loss"} & logs.keys():
            return
        row = {"step": state.global_step, "epoch": logs.get("epoch", 0.0), "seconds": self.seconds}
        named = {"loss": "loss", "gradient_norm": "grad_norm", "learning_rate": "learning_rate"}
        named |= {"validation_loss": "eval_loss"}
        self._metrics.write(row | {ours: logs[theirs] for ours, theirs in named.items() if theirs in logs})

    def on_evaluate(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        if self._writes:
            self._draw()

    def _draw(self) -> None:
        plot(read(self._folder / METRICS), self._folder / "loss.png", self._folder / "loss.svg")

    def _details(self, trainer: CaptionTrainer, step: int) -> dict[str, Any]:
        """The step that was just taken. ``labels`` and ``tokens`` are numbers per sample, memory is bytes."""
        adapter = [p.detach() for p in trainer.network.parameters() if p.requires_grad]
        return {
            "step": step,
            "samples": trainer.guard.ids,
            "labels": trainer.guard.labels,
            "tokens": trainer.guard.tokens,
            "loss": trainer.guard.loss,
            "clipped_gradient_norm": trainer.guard.norm,
            "adapter_norm": float(torch.nn.utils.get_total_norm(adapter)),
            "peak_memory": peak_memory(),
        }


def peak_memory() -> int:
    """Bytes at most so far: of this process' GPU, or of the process where there is none."""
    if torch.cuda.is_available():
        return torch.cuda.max_memory_allocated()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
