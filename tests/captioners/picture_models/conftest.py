"""What the tests of BLIP and vit-gpt2 share: small models on disk, scenes, and the command that captions them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from benchmark.datasets.shapes import generate

NAMES = ("blip", "vit-gpt2")


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    """Tests run side by side, and threads that wait for each other would cost more than a small model does."""
    import torch

    torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def nothing_held() -> None:
    from captioners.loaded import release

    release()


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Captioner -> folder with a small model of its class."""
    from tests.captioners.picture_models.tiny import saved_blip, saved_vit_gpt2

    base = tmp_path_factory.mktemp("pictures")
    return {"blip": saved_blip(base / "blip"), "vit-gpt2": saved_vit_gpt2(base / "vit-gpt2")}


@pytest.fixture(scope="session")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A JSONL file of nine scenes of shapes."""
    lines = [json.dumps({"id": s.id, "svg": s.svg, "references": s.references}) for s in generate(size=9).samples]
    path = tmp_path_factory.mktemp("scenes") / "scenes.jsonl"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


Said = dict[str, dict[str, Any]]


@pytest.fixture
def caption(cli: Callable[..., Any], folders: dict[str, Path], scenes: Path) -> Callable[..., Said]:
    """Runs a captioner with its small model; gives id -> line of its predictions, without timings, as in the file."""

    def run(name: str, output: Path, *options: object, dataset: Path = scenes) -> Said:
        done = cli(
            *("run", "--captioners", name, "--weights", f"{name}={folders[name]}", "--dataset", dataset),
            *("--metrics", "rouge_l", "--output-dir", output, *options),
        )
        assert done.code == 0, done.err
        return predictions(output)

    return run


def predictions(output: Path) -> Said:
    (file,) = output.rglob("predictions.jsonl")
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    return {line["id"]: {key: value for key, value in line.items() if key != "seconds"} for line in lines}
