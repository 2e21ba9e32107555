"""Training is compared bit by bit: on one thread."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from captioners.torchvision_operators import declare_missing

declare_missing()  # before anything here imports transformers


@pytest.fixture(autouse=True, scope="session")
def one_thread() -> Iterator[None]:
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
