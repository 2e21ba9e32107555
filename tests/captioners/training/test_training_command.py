"""The command, from drawings to an adapter that captions them; and what is said before anything is loaded."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmark.datasets.shapes import generate
from captioners import loaded, svg_text
from captioners.training import sealed
from captioners.training.config import presets
from tests.captioners.language import tiny_models
from tests.captioners.language.gguf_files import write_gguf
from tests.captioners.training import tiny

SCENES = generate(size=60).samples
LEARNT = [scene for scene in SCENES if scene.split == "train"][:32]
OTHERS = [scene for scene in SCENES if scene.split == "validation"][:2]
TEXTS = [svg_text.simplify(scene.svg).text for scene in LEARNT] + [scene.references[0] for scene in LEARNT]


@pytest.fixture(autouse=True)
def no_model_stays() -> Iterator[None]:
    yield
    loaded.release()


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bases") / "tiny-llama"
    return tiny.save("llama", folder, texts=TEXTS, hidden=64, deviation=0.2)


@pytest.fixture(scope="module")
def drawings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The learnt drawings as data of one's own, others to validate on, and the learnt ones as a test split."""
    folder = tmp_path_factory.mktemp("data")
    for name, parts in (("learnt", {"train": LEARNT, "validation": OTHERS}), ("asked", {"test": LEARNT})):
        lines = [
            {"id": s.id, "svg": s.svg, "references": s.references[:1], "split": split}
            for split, scenes in parts.items()
            for s in scenes
        ]
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return folder


BY_HEART = (
    *("lora.r=64", "lora.alpha=128", "lora.dropout=0.0", "optimizer.learning_rate=3e-3", "optimizer.warmup=0.02"),
    *('lora.targets=["q_proj","k_proj","v_proj","o_proj","gate_proj","up_proj","down_proj"]', "epochs=35"),
    *("batch.size=8", "batch.accumulation=1", "checkpoints.evaluate=70", "checkpoints.every=70", "model.context=2048"),
)


def test_learnt_by_heart_captions_are_those_that_were_learnt(
    cli: Callable[..., Any], base: Path, drawings: Path, tmp_path: Path
) -> None:
    output = tmp_path / "by-heart"
    trained = cli(
        *("train", "--preset", "cpu-demo", "--base", base, "--data", drawings / "learnt.jsonl"),
        *("--test", "shapes:size=9", "--output", output, "--json"),
        *(word for value in BY_HEART for word in ("--set", value)),
    )  # fmt: skip
    assert trained.code == 0, trained.err
    told = json.loads(trained.out)
    assert told["loss"] < 0.05
    captioned = cli(
        *("run", "--captioners", "mine", "--adapter", f"mine={told['adapter']}", "--dataset", drawings / "asked.jsonl"),
        *("--metrics", "bleu", "--output-dir", tmp_path / "results", "--device", "cpu", "--context", 2048, "--json"),
    )  # fmt: skip
    assert captioned.code == 0, captioned.err
    (predictions,) = (tmp_path / "results").rglob("predictions.jsonl")
    said = {row["id"]: row["caption"] for row in map(json.loads, predictions.read_text().splitlines())}
    assert said == {scene.id: scene.references[0] for scene in LEARNT}


def test_a_gguf_file_is_a_base_too(cli: Callable[..., Any], tmp_path: Path) -> None:
    rope = {"rope_type": "default", "rope_theta": 10_000.0}
    file = write_gguf(tiny_models.llama(tmp_path / "folder", rope_parameters=rope), tmp_path / "tiny.gguf")
    words = ("train", "--base", file, "--data", "shapes:size=30", "--output", tmp_path / "out")
    packed = cli(*words, "--preset", "test3")
    assert packed.code == 2 and "are quantized already (gguf)" in packed.err
    trained = cli(*words, "--preset", "cpu-demo", "--set", "epochs=1", "--set", "model.context=512", "--json")
    assert trained.code == 0, trained.err
    captioned = cli(
        *("run", "--captioners", "mine", "--adapter", f"mine={tmp_path / 'out' / 'adapter'}", "--context", 512),
        *("--dataset", "shapes:size=30", "--limit", 2, "--metrics", "bleu", "--output-dir", tmp_path / "results"),
        *("--device", "cpu", "--max-new-tokens", 8, "--no-report", "--json"),
    )  # fmt: skip
    assert captioned.code == 0, captioned.err


def test_everything_wrong_is_said_at_once(cli: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "out" / "adapter").mkdir(parents=True)
    outcome = cli(
        *("train", "--preset", "test3", "--set", "lora.r=0", "--set", "batch.sizes=3", "--set", "lora"),
        *("--base", tmp_path / "nowhere", "--data", "shapes", "--tracker", "mlflow", "--output", tmp_path / "out"),
    )
    assert outcome.code == 2
    for said in (
        *("--set 'lora': write KEY=VALUE", "lora.r: Input should be greater than or equal to 1", "batch.sizes: Extra"),
        *("there is no tracker 'mlflow'", "nowhere: no such folder of weights", "has ended"),
    ):
        assert said in outcome.err


def test_a_guard_that_trips_is_a_failed_check(
    cli: Callable[..., Any], base: Path, drawings: Path, tmp_path: Path
) -> None:
    outcome = cli(
        *("train", "--preset", "cpu-demo", "--base", base, "--data", drawings / "learnt.jsonl"),
        *("--test", "shapes:size=9", "--output", tmp_path / "out", "--set", "optimizer.learning_rate=1e6"),
    )  # fmt: skip
    assert outcome.code == 1
    assert "a learning rate of 1e+06 is too high for this adapter" in outcome.err
    assert "remedy: " in outcome.err and not outcome.out


def test_a_folder_that_cannot_be_written_is_found_before_anything_is_loaded(
    cli: Callable[..., Any], base: Path, drawings: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    words = ("train", "--preset", "cpu-demo", "--base", base, "--data", drawings / "learnt.jsonl")
    outcome = cli(*words, "--output", tmp_path / "file" / "out")
    assert outcome.code == 2
    assert f"cannot write {tmp_path / 'file' / 'out'}: a part of this path is a file" in outcome.err
    assert "examples" not in outcome.err


def test_a_full_disk_is_an_error_with_a_remedy(
    cli: Callable[..., Any], base: Path, drawings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def seal(folder: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder))

    monkeypatch.setattr(sealed, "seal", seal)
    outcome = cli(
        *("train", "--preset", "cpu-demo", "--base", base, "--data", drawings / "learnt.jsonl"),
        *("--test", "shapes:size=9", "--output", tmp_path / "out"),
    )  # fmt: skip
    assert outcome.code == 2 and not (tmp_path / "out" / "adapter").exists()
    assert f"cannot write {tmp_path / 'out' / 'checkpoints' / 'best-0'}: the disk is full; what was" in outcome.err


@pytest.mark.parametrize("words", [("train", "--plan"), ("list", "presets"), ("train", "--status", "1")])
def test_a_missing_package_is_named_with_what_installs_it(words: tuple[str, ...]) -> None:
    program = f"""
import importlib.util
find = importlib.util.find_spec
importlib.util.find_spec = lambda name, *rest: None if name in ("peft", "pydantic") else find(name, *rest)
from benchmark.cli import main
main({list(words)!r})
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == "Error: training needs peft, pydantic: pip install -c .ci/constraints.txt -e '.[train]'\n"


def test_presets_are_listed(cli: Callable[..., Any]) -> None:
    rows = json.loads(cli("list", "presets", "--json").out)
    assert [row["preset"] for row in rows] == list(presets())
    assert rows[3] == {
        "preset": "test3",
        "what it is": "One GPU, adapters on all of attention",
        "GPUs": "1",
        "adapter": "r 16, alpha 32, q_proj, k_proj, v_proj, o_proj",
        "learning rate": "1e-05",
        "batch": "2 x 4",
    }
