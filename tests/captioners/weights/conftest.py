"""What the tests of weights share: an empty cache of the hub, folders of weights, and files made without a library."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from captioners.checkpoints import Checkpoint

COMMIT = "a0ad1e4" + "0" * 33
PUBLISHED = Checkpoint("org/model", "refs/pr/38", commit="a0ad1e4", size="990 MB", licence="BSD-3-Clause")


def safetensors(shapes: dict[str, tuple[int, ...]], *, missing_bytes: int = 0) -> bytes:
    """A file with float32 zeros of these shapes, by the format's own description: length, JSON, numbers."""
    header: dict[str, object] = {"__metadata__": {"format": "pt"}}
    end = 0
    for name, shape in shapes.items():
        size = 4
        for side in shape:
            size *= side
        header[name] = {"dtype": "F32", "shape": list(shape), "data_offsets": [end, end + size]}
        end += size
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + bytes(end - missing_bytes)


def model_folder(folder: Path, shapes: dict[str, tuple[int, ...]] | None = None) -> Path:
    """A folder as ``save_pretrained`` leaves it, as far as availability is concerned."""
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps({"architectures": ["BlipForConditionalGeneration"]}))
    (folder / "model.safetensors").write_bytes(safetensors(shapes or {"a.weight": (4, 3)}))
    return folder


@pytest.fixture(autouse=True)
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The hub's cache, empty whatever the machine has; and no own cache from another test."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setenv("SVG_CAPTION_BENCH_CACHE", str(tmp_path / "cache"))
    return tmp_path / "hub"


@pytest.fixture
def cached(hub: Path) -> Callable[..., Path]:
    """Puts a revision into the hub's cache, as the hub's library does; gives its folder."""

    def put(repository: str, revision: str, commit: str = COMMIT, *, weights: bool = True) -> Path:
        base = hub / f"models--{repository.replace('/', '--')}"
        reference = base / "refs" / revision
        reference.parent.mkdir(parents=True, exist_ok=True)
        reference.write_text(commit)
        folder = model_folder(base / "snapshots" / commit)
        if not weights:
            (folder / "model.safetensors").unlink()
        return folder

    return put
