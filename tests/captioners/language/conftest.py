from __future__ import annotations

from captioners.torchvision_operators import declare_missing

declare_missing()  # before anything here imports transformers

from collections.abc import Iterator  # noqa: E402
from pathlib import Path  # noqa: E402

import pytest  # noqa: E402
import torch  # noqa: E402

from captioners import loaded  # noqa: E402
from tests.captioners.language import tiny_models  # noqa: E402


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def nothing_loaded() -> Iterator[None]:
    """No test finds the model of another in memory."""
    loaded.release()
    yield
    loaded.release()


@pytest.fixture(scope="session")
def llama(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_models.llama(tmp_path_factory.mktemp("llama") / "model")


@pytest.fixture(scope="session")
def gemma(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_models.gemma(tmp_path_factory.mktemp("gemma") / "model")


@pytest.fixture(scope="session")
def llama_adapter(tmp_path_factory: pytest.TempPathFactory, llama: Path) -> Path:
    return tiny_models.adapter(tmp_path_factory.mktemp("llama") / "adapter", llama, seed=2)
