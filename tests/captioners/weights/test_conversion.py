"""Pickles become safetensors without being obeyed."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import huggingface_hub
import pytest
import torch
from safetensors.torch import load_file

from captioners import CaptionerError, ModelOptions
from captioners.checkpoints import Checkpoint, at, availability, located
from captioners.conversion import convert, obtained
from tests.captioners.weights.conftest import model_folder, safetensors


class Hostile:
    """Creates a file when it is unpickled."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[Any, ...]:
        return (os.mkdir, (str(self.target),))


def pickled(folder: Path, content: object, name: str = "pytorch_model.bin", **how: Any) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text("{}")
    (folder / "vocab.txt").write_text("a\n")
    (folder / "modeling_x.py").write_text("raise SystemExit")
    torch.save(content, folder / name, **how)
    return folder


@pytest.mark.parametrize("archive", [True, False])
def test_safetensors_hold_the_tensors_of_the_pickle(tmp_path: Path, archive: bool) -> None:
    shared = torch.arange(6.0).reshape(2, 3)
    tensors = {"head.weight": shared, "tied.weight": shared, "across.weight": shared.t(), "half": torch.ones(2).half()}
    folder = pickled(tmp_path / "old", tensors, _use_new_zipfile_serialization=archive)
    made = convert(at(str(folder)))
    loaded = load_file(made / "model.safetensors")
    assert loaded.keys() == tensors.keys()
    assert all(torch.equal(loaded[name], tensor) for name, tensor in tensors.items())
    assert {name: tensor.dtype for name, tensor in loaded.items()} == {n: t.dtype for n, t in tensors.items()}
    assert sorted(file.name for file in made.iterdir()) == ["config.json", "model.safetensors", "vocab.txt"]
    assert located(at(str(folder))) == made
    assert convert(at(str(folder))) == made


def test_an_adapter_keeps_its_name(tmp_path: Path) -> None:
    folder = pickled(tmp_path / "lora", {"a": torch.ones(1)}, "adapter_model.bin")
    assert (convert(at(str(folder))) / "adapter_model.safetensors").is_file()


def test_a_hostile_pickle_is_refused_and_runs_nothing(tmp_path: Path) -> None:
    for content in (Hostile(tmp_path / "run"), {"a": torch.ones(1), "b": Hostile(tmp_path / "run")}):
        folder = pickled(tmp_path / "hostile", content)
        with pytest.raises(CaptionerError, match="cannot be read as tensors alone, and nothing else is read"):
            convert(at(str(folder)))
        assert not (tmp_path / "run").exists()
        assert not list((tmp_path / "cache" / "checkpoints").iterdir()), "something half made was left"


@pytest.mark.parametrize(
    ("content", "said"),
    [({"a": torch.ones(1), "epoch": 3}, "holds 'epoch', which is no tensor"), ([torch.ones(1)], "cannot be read")],
)
def test_what_is_no_checkpoint_is_refused(tmp_path: Path, content: object, said: str) -> None:
    with pytest.raises(CaptionerError, match=said):
        convert(at(str(pickled(tmp_path / "odd", content))))
    (tmp_path / "text").mkdir()
    (tmp_path / "text" / "pytorch_model.bin").write_bytes(b"<html>404</html>")
    with pytest.raises(CaptionerError, match="cannot be read as tensors alone"):
        convert(at(str(tmp_path / "text")))


def test_a_pickle_that_changed_is_converted_anew(tmp_path: Path) -> None:
    folder = pickled(tmp_path / "old", {"a": torch.zeros(1)})
    first = convert(at(str(folder)))
    pickled(folder, {"a": torch.zeros(2)})
    with pytest.raises(CaptionerError, match="only as a pickle"):
        located(at(str(folder)))
    assert convert(at(str(folder))) != first
    assert load_file(convert(at(str(folder))) / "model.safetensors")["a"].shape == (2,)


def test_safetensors_that_came_later_are_preferred(tmp_path: Path) -> None:
    folder = pickled(tmp_path / "old", {"a": torch.zeros(1)})
    convert(at(str(folder)))
    (folder / "model.safetensors").write_bytes(safetensors({"a": (3,)}))
    assert located(at(str(folder))) == obtained(at(str(folder))) == folder


def test_nothing_to_convert_is_said(tmp_path: Path) -> None:
    with pytest.raises(CaptionerError, match=r"holds neither safetensors nor one of pytorch_model\.bin, adapter"):
        obtained(at(str(tmp_path)))
    with pytest.raises(CaptionerError, match="no such folder of weights"):
        obtained(at(str(tmp_path / "nowhere")))
    assert obtained(at(str(model_folder(tmp_path / "whole")))) == tmp_path / "whole"


def test_a_full_disk_is_said_plainly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = pickled(tmp_path / "old", {"a": torch.zeros(1)})
    (tmp_path / "file").touch()
    monkeypatch.setenv("SVG_CAPTION_BENCH_CACHE", str(tmp_path / "file"))
    with pytest.raises(CaptionerError, match=r"cannot write .*: "):
        convert(at(str(folder)))


def test_a_hub_checkpoint_that_is_a_pickle_is_fetched_and_converted(
    cached: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    patterns = []

    def downloaded(repository: str, *, revision: str, allow_patterns: list[str], **_: object) -> str:
        patterns.append(allow_patterns)
        hub = Path(huggingface_hub.constants.HF_HUB_CACHE) / "models--org--old" / "snapshots"
        folder = hub / ("c" * 40)
        if not folder.exists():
            folder = cached(repository, revision, "c" * 40, weights=False)
        if "pytorch_model.bin" in allow_patterns:
            torch.save({"a": torch.ones(2)}, folder / "pytorch_model.bin")
        return str(folder)

    monkeypatch.setattr(huggingface_hub, "snapshot_download", downloaded)
    for pickle_known in (False, True):
        checkpoint = Checkpoint("org/old", pickled=pickle_known)
        folder = obtained(checkpoint)
        assert load_file(folder / "model.safetensors")["a"].tolist() == [1, 1]
        assert located(checkpoint) == folder
        assert availability(checkpoint, (), ModelOptions())
    assert not any("*.bin" in pattern for pattern in patterns)
