"""What the tests of CogVLM share: a tiny checkpoint, the model in it, and pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.captioners.cogvlm.tiny import save_checkpoint


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    import torch

    torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def empty_cache_of_the_hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the machine has."""
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_checkpoint(tmp_path_factory.mktemp("cogvlm") / "chat")


@pytest.fixture(scope="session")
def model(checkpoint: Path) -> Any:
    from captioners.cogvlm import CogVLMForCausalLM

    return CogVLMForCausalLM.from_pretrained(checkpoint)


@pytest.fixture(scope="session")
def images() -> Any:
    """Five pictures ``[5, 3, 12, 12]`` at the scale of normalised pixels."""
    return np.random.default_rng(5).normal(size=(5, 3, 12, 12)).astype(np.float32)
