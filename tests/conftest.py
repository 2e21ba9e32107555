"""What all tests share: an own cache, the shared data, a small dataset, and the command line as a function."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from benchmark.cli import main
from benchmark.datasets.shapes import generate

# What the user's own cache of the model hub holds must not decide a test; processes that tests start inherit this.
os.environ.pop("HF_HUB_CACHE", None)
os.environ["HF_HOME"] = str(Path(tempfile.gettempdir()) / "svg-caption-bench-no-hub")

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("java") and shutil.which("java") is None:
        pytest.skip("the reference implementation needs Java")


@pytest.fixture(autouse=True)
def own_cache(
    tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Renderings of the tests stay out of the user's cache; one cache per test process.

    METEOR's index, which takes seconds to build, is shared and kept in pytest's own cache.
    """
    folder = tmp_path_factory.getbasetemp() / "cache"
    if not folder.exists():
        folder.mkdir()
        (folder / "meteor").symlink_to(pytestconfig.cache.mkdir("meteor"), target_is_directory=True)
    monkeypatch.setenv("SVG_CAPTION_BENCH_CACHE", str(folder))


@pytest.fixture
def shared() -> Path:
    """The folder of shared real data; the test is skipped where it is absent."""
    if not SHARED.is_dir():
        pytest.skip(f"real data is absent: {SHARED}")
    return SHARED


@pytest.fixture
def own_data(tmp_path: Path) -> Path:
    """A JSONL file of 30 scenes of the shapes dataset, in three splits."""
    lines = [
        {"id": s.id, "svg": s.svg, "references": s.references, "split": s.split} for s in generate(size=30).samples
    ]
    path = tmp_path / "scenes.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


class Outcome(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """Calls the command line in this process: exit code, standard output, standard error."""

    def call(*arguments: object) -> Outcome:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        return Outcome(int(ended.value.code or 0), out, err)

    return call
