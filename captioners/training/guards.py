"""What is looked at in every step, before the optimizer changes the adapter.

A step is stopped when its loss or gradients are not finite, its loss or gradient norm is exactly 0, or its loss is a
spike: above four times the median of the last 50 steps, and more than 4 nats above it. The first bound is for losses of
some size, the second for small ones, where a single odd caption can be four times the median.
"""

from __future__ import annotations

import math
import statistics
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from captioners.training.checks import check_gradients
from captioners.training.errors import TrainingStopped

_REMEMBERED = 50
_TIMES = 4.0
_NATS = 4.0


class Guard:
    """Looks at the batches of a step as they come, then at the step as a whole.

    Attributes:
        ids: samples of the step so far.
        loss: of the step so far: mean over its learnt tokens, in nats.
        labels, tokens: of each of them, how many are learnt and how many there are.
        norm: of the last step's gradients, as they went into the optimizer.
    """

    def __init__(self) -> None:
        self._recent: deque[float] = deque(maxlen=_REMEMBERED)
        self.ids: list[str] = []
        self.labels: list[int] = []
        self.tokens: list[int] = []
        self.loss = 0.0
        self.norm = 0.0

    def remember(self, losses: Iterable[float]) -> None:
        """Losses of steps before this process."""
        self._recent.extend(losses)

    def batch(self, loss: float, ids: Sequence[str], step: int, name: Callable[[], str]) -> None:
        """Look at one batch before its backward pass. Raises TrainingStopped.

        Args:
            loss: its share of the step's loss.
            ids: its samples.
            step: steps finished.
            name: finds the first module whose output is not finite.
        """
        self.ids += ids
        self.loss += loss
        if not math.isfinite(loss):
            raise TrainingStopped(
                f"the loss is {loss}; the first output that is not finite is that of {name()}",
                ids=ids,
                step=step,
                cause="a weight that is not finite and that these samples use, numbers beyond the range of float16, or "
                "an adapter that a high learning rate has driven away",
                remedy="fetch the weights again; --set model.dtype=bfloat16; lower optimizer.learning_rate; resume",
            )
        if loss == 0.0:
            raise TrainingStopped(
                "the loss is exactly 0",
                ids=ids,
                step=step,
                cause="no token of the batch is learnt; or everything in it is known by heart",
                remedy="look at these samples with --debug; train for fewer epochs",
            )

    def before_step(self, gradients: Iterable[tuple[str, Any]], step: int) -> None:
        """Look at the step before the optimizer takes it. Raises TrainingStopped."""
        median = statistics.median(self._recent) if self._recent else math.inf
        if self.loss > max(_TIMES * median, median + _NATS):
            raise TrainingStopped(
                f"the loss jumped to {self.loss:.4g} from {median:.4g}, the median of {len(self._recent)} steps",
                ids=self.ids,
                step=step,
                cause="a learning rate that is too high, or samples unlike all others",
                remedy="look at these samples; lower optimizer.learning_rate; resume from the last checkpoint",
            )
        self.norm = check_gradients(gradients, ids=self.ids, step=step)

    def after_step(self) -> None:
        """The step was taken: the next one begins."""
        self._recent.append(self.loss)
        self.ids, self.labels, self.tokens, self.loss = [], [], [], 0.0
