"""What is kept on disk while a training runs: checkpoints to resume from, and the best adapter so far."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from transformers import TrainerCallback

from captioners.base import CaptionerError
from captioners.training import sealed
from captioners.training.config import TrainingConfig
from captioners.training.stopping import Evaluated, Progress

CHECKPOINT, BEST = "checkpoint", "best"


class Keeper(TrainerCallback):
    """Keeps the adapter of the lowest validation loss, seals checkpoints, deletes older ones, and stops in time.

    Attributes:
        progress: the validation losses so far.
    """

    def __init__(self, folder: Path, config: TrainingConfig, model: Any, note: Callable[[str], None]) -> None:
        self._folder, self._config, self._model, self._note = folder, config, model, note
        self.progress = Progress(config.stopping)

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        before = [Evaluated(row["step"], row["eval_loss"]) for row in state.log_history if "eval_loss" in row]
        self.progress = Progress(self._config.stopping, before)

    def on_evaluate(self, args: Any, state: Any, control: Any, **given: Any) -> None:
        step = state.global_step
        if self.progress.observe(Evaluated(step, given["metrics"]["eval_loss"])):
            self.keep(step, writes=state.is_world_process_zero)
        if self.progress.exhausted(step):
            self._note(
                f"stopped after step {step}: no validation loss below the best by "
                f"{self._config.stopping.minimum_delta:g} in {self._config.stopping.patience} steps"
            )
            control.should_training_stop = True

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        args.distributed_state.wait_for_everyone()  # each process has written its part
        if state.is_world_process_zero:
            sealed.seal(self._folder / f"{CHECKPOINT}-{state.global_step}")
            sealed.prune(self._folder, CHECKPOINT, self._config.checkpoints.keep)
            self._forget()
        args.distributed_state.wait_for_everyone()

    def keep(self, step: int, *, writes: bool) -> None:
        """Write the adapter as it is now, as the best one so far."""
        if writes:
            folder = self._folder / f"{BEST}-{step}"
            shutil.rmtree(folder, ignore_errors=True)  # of a life before, where it was killed
            self._model.save_pretrained(folder)
            sealed.seal(folder)

    def best(self, step: int) -> Path:
        """Where the adapter of that step is. Raises CaptionerError where it is not, or is damaged."""
        folder = self._folder / f"{BEST}-{step}"
        if wrong := sealed.fault(folder):
            raise CaptionerError(f"{folder}: {wrong}")
        return folder

    def _forget(self) -> None:
        """Delete best adapters that no checkpoint left would still call the best after a resume."""
        oldest = min(int(path.name.rpartition("-")[2]) for path in sealed.numbered(self._folder, CHECKPOINT))
        bests = [int(path.name.rpartition("-")[2]) for path in sealed.numbered(self._folder, BEST)]
        sealed.prune(self._folder, BEST, sum(step > oldest for step in bests) + 1)
