"""Ends a training after the step in which any of its processes was told to stop, with a checkpoint."""

from __future__ import annotations

from typing import Any

import torch
from transformers import TrainerCallback

from captioners.training.interruption import Request


class Yielding(TrainerCallback):
    """Looks at the request after each step.

    Attributes:
        heeded: whether the training was ended so.
    """

    def __init__(self, request: Request) -> None:
        self._request, self.heeded = request, False

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        made = self._request.made
        if args.world_size > 1:  # signals do not reach all processes within the same step
            any_of_them = torch.tensor(int(made), device=args.device)
            torch.distributed.all_reduce(any_of_them, torch.distributed.ReduceOp.MAX)
            made = bool(any_of_them.item())
        if made and state.global_step < state.max_steps:
            self.heeded = control.should_save = control.should_training_stop = True
