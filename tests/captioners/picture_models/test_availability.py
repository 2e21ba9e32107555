"""Whether BLIP and vit-gpt2 can run here, and what is said when they cannot."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from captioners import ModelOptions, captioner
from tests.captioners.picture_models.conftest import NAMES

REPOSITORY = Path(__file__).parents[3]


def said(name: str, place: Path | None = None, **options: Any) -> str:
    weights = {name: str(place)} if place else {}
    return str(captioner(name, ModelOptions(weights=weights, **options)).availability())


def test_with_weights_they_are_available(folders: dict[str, Path]) -> None:
    assert [said(name, folders[name]) for name in NAMES] == ["available"] * 2


def test_each_is_refused_the_weights_of_the_other(folders: dict[str, Path]) -> None:
    assert said("blip", folders["vit-gpt2"]).endswith(
        "holds a model of class VisionEncoderDecoderModel, and BlipForConditionalGeneration is needed"
    )
    assert said("vit-gpt2", folders["blip"]).endswith("and VisionEncoderDecoderModel is needed")


def test_four_bits_are_refused_clearly(folders: dict[str, Path]) -> None:
    assert said("blip", folders["blip"], quantization="nf4") == (
        "blip runs in full precision only, not in nf4 — leave --quantization at auto for it"
    )
    assert said("blip", folders["blip"], quantization="none") == "available"


def test_a_device_and_memory_that_are_not_here_are_named(
    folders: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert said("blip", folders["blip"], device="nonsense").startswith("there is no device 'nonsense' here: ")
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=1 << 20))
    assert "needs 1.0 GiB of memory on cpu in float32, and 0.0 GiB are free" in said(
        "vit-gpt2", folders["vit-gpt2"], device="cpu"
    )


def test_damaged_weights_are_named(folders: dict[str, Path], tmp_path: Path) -> None:
    folder = shutil.copytree(folders["blip"], tmp_path / "cut")
    file = folder / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-1])
    assert "model.safetensors is damaged, or no safetensors file: it ends before its last tensor does" in said(
        "blip", folder
    )


def test_a_missing_package_is_named_first(monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *a: None if name == "torch" else found(name, *a))
    assert said("blip", Path("nowhere")).startswith("needs torch — pip install -e '.[models]'")


def test_without_weights_nobody_imports_torch(tmp_path: Path) -> None:
    code = (
        "import sys; from benchmark.cli import _exit_code\n"
        "assert _exit_code(['list', 'captioners', '--json']) == 0\n"
        "heavy = {'torch', 'transformers', 'torchvision'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    environment = {**os.environ, "HF_HOME": str(tmp_path), "PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    assert "`python -m benchmark fetch vit-gpt2`" in done.stdout


def test_a_run_that_names_one_says_why_it_cannot(cli: Callable[..., Any], scenes: Path, tmp_path: Path) -> None:
    done = cli("run", "--captioners", "blip,human", "--dataset", scenes, "--weights", f"blip={tmp_path}")
    assert done.code == 2
    assert f"blip: {tmp_path} is no folder of weights: it holds neither model.safetensors" in done.err


def test_all_leaves_out_what_cannot_be_got(
    cli: Callable[..., Any], scenes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is allowed to download, which here fails: the others caption all the same."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    options = ("--dataset", scenes, "--metrics", "rouge_l", "--allow-download", "--output-dir", tmp_path)
    done = cli("run", "--captioners", "all", *options)
    assert done.code == 0, done.err
    table = (tmp_path / "leaderboard.csv").read_text(encoding="utf-8")
    assert "Salesforce/blip-image-captioning-base@refs/pr/38 could not be downloaded" in table
    named = cli("run", "--captioners", "human,blip", *options)
    assert named.code == 2
    assert "blip: Salesforce/blip-image-captioning-base@refs/pr/38 could not be downloaded" in named.err


def test_a_broken_torchvision_stands_in_nobodys_way(folders: dict[str, Path], tmp_path: Path) -> None:
    """In a process of its own; a torchvision without its operators is what other tests have where there is one."""
    package = tmp_path / "torchvision"
    package.mkdir()
    (package / "__init__.py").write_text("raise ImportError('libtorch_cuda.so: undefined symbol')")
    code = (
        "import torch; torch.set_num_threads(1)\n"
        "from PIL import Image; from captioners import captioner, Drawing, ModelOptions\n"
        "seen = [Drawing('a', image=Image.new('RGB', (64, 64), 'red'))]\n"
        f"for name, place in {[(name, str(folders[name])) for name in NAMES]}:\n"
        "    print(captioner(name, ModelOptions(weights={name: place}, device='cpu')).caption(seen)[0].raw)\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(REPOSITORY)])}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
