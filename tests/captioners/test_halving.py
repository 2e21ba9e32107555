from __future__ import annotations

from collections.abc import Sequence

import pytest
import torch

from captioners.halving import in_halves


class Card:
    """Answers batches up to a size, and counts what it was given."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.sizes: list[int] = []

    def answer(self, batch: Sequence[int]) -> list[str]:
        self.sizes.append(len(batch))
        if len(batch) > self.room:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return [str(number) for number in batch]


def test_a_batch_that_fits_is_answered_at_once() -> None:
    card = Card(room=8)
    assert in_halves([1, 2, 3], card.answer) == ["1", "2", "3"]
    assert card.sizes == [3]


def test_a_batch_that_does_not_fit_is_halved_until_it_does_and_stays_in_order() -> None:
    card = Card(room=2)
    assert in_halves(range(7), card.answer) == [str(number) for number in range(7)]
    assert card.sizes == [7, 4, 2, 2, 3, 2, 1]


def test_memory_that_does_not_suffice_for_one_is_said() -> None:
    card = Card(room=0)
    with pytest.raises(torch.OutOfMemoryError):
        in_halves([1, 2], card.answer)
    assert card.sizes == [2, 1]


def test_other_errors_are_not_retried() -> None:
    def broken(batch: Sequence[int]) -> list[str]:
        calls.append(len(batch))
        raise RuntimeError("shapes do not fit")

    calls: list[int] = []
    with pytest.raises(RuntimeError, match="shapes"):
        in_halves([1, 2, 3, 4], broken)
    assert calls == [4]
