"""Where models compute, in which precision, and whether they fit."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
import torch

from captioners import CaptionerError, ModelOptions
from captioners.devices import Placement, placement, room


@pytest.fixture
def card(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with a GPU, as far as anyone asks; tensors stay where they can be."""
    zeros = torch.zeros

    def on_the_cpu(*size: int, device: str) -> torch.Tensor:
        return zeros(*size)

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (2 << 30, 48 << 30))
    monkeypatch.setattr(torch, "zeros", on_the_cpu)


def test_on_the_cpu_models_are_in_full_precision(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert placement(ModelOptions(), quantizes=True) == Placement("cpu", "float32", "none")


@pytest.mark.usefixtures("card")
def test_on_a_gpu_language_models_are_in_four_bits() -> None:
    assert placement(ModelOptions(), quantizes=True) == Placement("cuda", "bfloat16", "nf4")
    assert placement(ModelOptions(), quantizes=False) == Placement("cuda", "bfloat16", "none")


@pytest.mark.usefixtures("card")
def test_what_is_asked_for_wins() -> None:
    asked = ModelOptions(device="cuda:1", dtype="float16", quantization="none")
    assert placement(asked, quantizes=True) == Placement("cuda:1", "float16", "none")
    assert placement(ModelOptions(device="cpu", quantization="nf4"), quantizes=False).quantization == "nf4"


def test_the_fingerprint_names_the_kind_of_device() -> None:
    placed = Placement("cuda:3", "bfloat16", "nf4")
    assert placed.fingerprint() == {"device": "cuda", "dtype": "bfloat16", "quantization": "nf4"}
    assert placed.torch_dtype() is torch.bfloat16


@pytest.mark.parametrize("device", ["nonsense", "meta", "cuda:7"])
def test_a_device_that_is_not_here_is_refused(device: str) -> None:
    if device.startswith("cuda") and torch.cuda.device_count() > 7:
        pytest.skip("it is here")
    with pytest.raises(CaptionerError, match=f"there is no device '{device}' here: "):
        placement(ModelOptions(device=device), quantizes=False)


def weights(folder: Path, numbers: int) -> Path:
    """A folder that claims so many numbers in one matrix; the file is sparse."""
    header = json.dumps(
        {"layer.weight": {"dtype": "F32", "shape": [numbers // 1024, 1024], "data_offsets": [0, 4 * numbers]}}
    ).encode()
    with (folder / "model.safetensors").open("wb") as file:
        file.write(len(header).to_bytes(8, "little") + header)
        file.truncate(8 + len(header) + 4 * numbers)
    return folder


def test_too_little_memory_says_how_much_is_needed_and_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = weights(tmp_path, 1 << 30)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=3 << 30))
    said = str(room(folder, Placement("cpu", "float32", "none")))
    assert said == (
        "needs 5.0 GiB of memory on cpu in float32, and 3.0 GiB are free — free some, or choose another --device or "
        "--dtype; --quantization nf4 needs about a quarter of bfloat16"
    )
    assert room(folder, Placement("cpu", "bfloat16", "none"))
    assert room(folder, Placement("cpu", "bfloat16", "nf4"))


@pytest.mark.usefixtures("card")
def test_the_memory_of_a_gpu_is_its_own(tmp_path: Path) -> None:
    folder = weights(tmp_path, 1 << 30)
    assert "needs 3.0 GiB of memory on cuda in bfloat16, and 2.0 GiB are free" in str(
        room(folder, Placement("cuda", "bfloat16", "none"))
    )
    assert room(folder, Placement("cuda", "bfloat16", "nf4"))


def test_a_gguf_file_is_taken_at_its_word(tmp_path: Path) -> None:
    (tmp_path / "m.gguf").touch()
    assert room(tmp_path / "m.gguf", Placement("cpu", "float32", "none"))
