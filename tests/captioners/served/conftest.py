"""What the tests of served models share: a server that runs while a test does, and drawings that can be told apart."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmark import predictions
from benchmark.predictions import Prediction
from captioners import ModelOptions
from captioners.served import captioner
from captioners.served.captioner import Served
from captioners.served.endpoint import KEY
from captioners.served.retries import Retries
from tests.captioners.served.small_server import SmallServer
from tests.conftest import Outcome


@pytest.fixture(autouse=True)
def no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(KEY, raising=False)


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Six attempts like outside of tests, with thousandths of seconds between them."""
    monkeypatch.setattr(captioner, "RETRIES", Retries(base=0.001))


@pytest.fixture
def server() -> Iterator[SmallServer]:
    with SmallServer() as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield running
        running.closing.set()
        running.shutdown()
        thread.join()


@pytest.fixture
def served(server: SmallServer) -> Callable[..., Served]:
    """A captioner of the small server, configured."""

    def make(**options: Any) -> Served:
        return Served("m", "tiny", ModelOptions(**{"endpoint": server.address, **options}))

    return make


@pytest.fixture
def drawings(tmp_path: Path) -> Callable[[int], Path]:
    """A JSONL file of so many drawings: the words ``number N`` on a ground of red N."""

    def write(count: int) -> Path:
        lines = [
            {"id": f"d{n}", "svg": numbered(n), "references": [f"a drawing of number {n}", "words"], "split": "test"}
            for n in range(count)
        ]
        path = tmp_path / "numbers.jsonl"
        path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
        return path

    return write


@pytest.fixture
def run(cli: Callable[..., Outcome], server: SmallServer, tmp_path: Path) -> Callable[..., Outcome]:
    """``run --captioners m=served:tiny`` on a dataset, with results in a folder of the test."""

    def call(dataset: Path, *more: object, output: Path | None = None) -> Outcome:
        return cli(
            *("run", "--captioners", "m=served:tiny", "--endpoint", server.address, "--dataset", dataset),
            *("--metrics", "rouge_l", "--output-dir", output or tmp_path / "results", *more),
        )

    return call


def numbered(number: int) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">'
        f'<rect width="64" height="64" fill="rgb({number},0,0)"/>'
        f'<text x="2" y="8" font-size="6">number {number}</text></svg>'
    )


def said(output: Path) -> list[Prediction]:
    """All lines of the one predictions file below a folder."""
    (file,) = output.rglob("predictions.jsonl")
    return predictions.read(file)
