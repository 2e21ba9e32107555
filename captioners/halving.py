"""A batch that does not fit into the memory of the GPU is halved, and the work goes on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

Given = TypeVar("Given")
Said = TypeVar("Said")


def in_halves(batch: Sequence[Given], answered: Callable[[Sequence[Given]], list[Said]]) -> list[Said]:
    """What ``answered`` says of a batch, in order; where memory runs out, of its halves.

    Raises:
        torch.OutOfMemoryError: memory runs out for a single one.
    """
    import torch

    try:
        return answered(batch)
    except torch.OutOfMemoryError:
        if len(batch) < 2:
            raise
    # Outside the handler: until it ends, the traceback holds the tensors of the batch.
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    middle = (len(batch) + 1) // 2
    return in_halves(batch[:middle], answered) + in_halves(batch[middle:], answered)
