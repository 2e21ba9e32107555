"""What the tests of CLIP Score share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

from tests.benchmark.clip_score.small_clip import saved


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    """Tests run side by side, and threads that wait for each other would cost more than a small model does."""
    import torch

    torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def no_java(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing here depends on the tokenizer of the other metrics, and starting Java costs more than a small model."""
    monkeypatch.setenv("PATH", "")


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds a small CLIP."""
    return saved(tmp_path_factory.mktemp("clip") / "small")


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """No socket opens; gives how many were asked for."""
    asked = []

    def refuse(*_: object, **__: object) -> NoReturn:
        asked.append(1)
        raise OSError("no network in this test")

    monkeypatch.setattr("socket.socket", refuse)
    monkeypatch.setattr("socket.create_connection", refuse)
    monkeypatch.setattr("socket.getaddrinfo", refuse)
    return lambda: len(asked)


@pytest.fixture
def no_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Caches without any weights, whatever the machine has; gives that of Hugging Face."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    return tmp_path / "hub"
