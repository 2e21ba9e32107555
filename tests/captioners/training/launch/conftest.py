"""Slurm for tests of launching: started once for each process that tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.captioners.training.launch.cluster import cluster, missing


@pytest.fixture(scope="session")
def running_slurm() -> Iterator[dict[str, str]]:
    if absent := missing():
        pytest.skip(f"Slurm is not here ({', '.join(absent)}): apt-get install slurm-wlm munge")
    with cluster() as environment:
        yield environment


@pytest.fixture
def slurm(running_slurm: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands of Slurm speak to a Slurm of one node with one core, partitions ``low`` and ``high``."""
    for name, value in running_slurm.items():
        monkeypatch.setenv(name, value)
