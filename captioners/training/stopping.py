"""Early stopping on the validation loss, counted in optimizer steps.

Two things are called best and differ: the lowest loss, whose adapter is kept; and the loss that patience is measured
against, which a new one replaces only when it is lower by the minimum delta. Many small improvements therefore add up
to one that counts. (The trainer of transformers counts evaluations, and forgets such improvements one by one.)
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from captioners.training.config import Stopping


@dataclass(frozen=True, slots=True)
class Evaluated:
    """A validation loss: mean over all learnt tokens, in nats, after ``step`` optimizer steps."""

    step: int
    loss: float


class Progress:
    """What the validation losses so far amount to.

    Attributes:
        best: the lowest of them, the earlier of equal ones; None before the first.
    """

    def __init__(self, settings: Stopping, before: Iterable[Evaluated] = ()) -> None:
        self._settings = settings
        self._counted: Evaluated | None = None
        self.best: Evaluated | None = None
        for one in before:
            self.observe(one)

    def observe(self, one: Evaluated) -> bool:
        """Take note of a loss; whether it is the lowest so far."""
        if self._counted is None or one.loss < self._counted.loss - self._settings.minimum_delta:
            self._counted = one
        if self.best is None or one.loss < self.best.loss:
            self.best = one
            return True
        return False

    def exhausted(self, step: int) -> bool:
        """Whether ``patience`` steps have passed since the last improvement that counts."""
        return self._counted is not None and step - self._counted.step >= self._settings.patience
