"""Patience is counted in steps, and small improvements add up."""

from __future__ import annotations

import pytest

from captioners.training.config import Stopping
from captioners.training.stopping import Evaluated, Progress


def stopped_at(losses: dict[int, float], patience: int, delta: float) -> int | None:
    progress = Progress(Stopping(patience=patience, minimum_delta=delta))
    for step, loss in losses.items():
        progress.observe(Evaluated(step, loss))
        if progress.exhausted(step):
            return step
    return None


def test_a_flat_loss_ends_it_after_so_many_steps() -> None:
    losses = {step: max(1.0, 1.3 - step / 100) for step in range(10, 201, 10)}  # flat from step 30
    assert stopped_at(losses, patience=50, delta=1e-4) == 80


def test_improvements_below_the_delta_add_up() -> None:
    losses = {step: 1 - 5e-6 * step for step in range(10, 201, 10)}  # 5e-5 at a time: half the delta
    assert stopped_at(losses, patience=30, delta=1e-4) is None
    assert stopped_at(losses, patience=20, delta=1e-4) == 30  # the third is the first that counts, one too late


@pytest.mark.parametrize("again", [[], [3]])
def test_the_best_is_the_lowest_whatever_the_delta(again: list[int]) -> None:
    progress = Progress(Stopping(patience=5, minimum_delta=0.5), [Evaluated(1, 2.0), Evaluated(2, 1.9)])
    assert progress.best == Evaluated(2, 1.9)
    for step in again:
        assert not progress.observe(Evaluated(step, 1.9))
    assert progress.best == Evaluated(2, 1.9)
