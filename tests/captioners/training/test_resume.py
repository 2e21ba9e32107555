"""A training that was killed goes on as if nothing had happened, bit by bit."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from captioners import CaptionerError
from captioners.training import records, sealed
from captioners.training.base import Base
from captioners.training.trainer import Result, train
from tests.captioners.training import tiny

# 64 * 64 numbers: bitsandbytes keeps the optimizer's states of smaller matrices in 32 bits.
SIZES = {"hidden": 64}
CONFIG = tiny.config(
    *("cpu-demo", "lora.r=64", "lora.dropout=0.1", "epochs=5", "batch.size=2", "optimizer.warmup=0.1"),
    *("checkpoints.evaluate=5", "checkpoints.every=5", "checkpoints.keep=3", "optimizer.learning_rate=2e-3"),
)
EXAMPLES, STEPS = tiny.examples(32), 40


def run(output: Path, *, resume: bool = False, notes: tiny.Notes | None = None, base: Base | None = None) -> Result:
    return train(
        CONFIG,
        base or tiny.base("llama", **SIZES),
        EXAMPLES,
        tiny.examples(4, seed=1),
        output,
        watcher=notes or tiny.Notes(),
        resume=resume,
    )


def adapter(result: Result) -> bytes:
    return (result.adapter / "adapter_model.safetensors").read_bytes()


@pytest.fixture(scope="module")
def straight(tmp_path_factory: pytest.TempPathFactory) -> Result:
    return run(tmp_path_factory.mktemp("straight") / "out")


# Kills itself in step 23, in the middle of an epoch, three steps after its last checkpoint.
KILLED = """
import os, signal, sys, types
from pathlib import Path
import torch
sys.modules["tests"] = types.ModuleType("tests")  # an installed package has the same name
sys.modules["tests"].__path__ = [sys.argv[2]]
torch.set_num_threads(1)
from tests.captioners.training import test_resume, tiny

class Killing(tiny.Notes):
    def task(self, description, total, done=0):
        given = super().task(description, total, done)
        class Deadly:
            def __enter__(_):
                advance = given.__enter__()
                def step(steps):
                    advance(steps)
                    if self.done == 23:
                        os.kill(os.getpid(), signal.SIGKILL)
                return step
            def __exit__(_, *error):
                return given.__exit__(*error)
        return Deadly()

test_resume.run(Path(sys.argv[1]), notes=Killing())
"""


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a training whose process was killed."""
    output = tmp_path_factory.mktemp("killed") / "out"
    root = Path(__file__).parents[3]
    command = [sys.executable, "-c", KILLED, str(output), str(root / "tests")]
    done = subprocess.run(command, cwd=root, timeout=200, check=False)
    assert done.returncode == -signal.SIGKILL
    return output


def test_killed_and_resumed_is_undisturbed_bit_by_bit(straight: Result, killed: Path, tmp_path: Path) -> None:
    output = Path(shutil.copytree(killed, tmp_path / "out"))
    states = torch.load(output / "checkpoints" / "checkpoint-20" / "optimizer.pt", weights_only=True)["state"]
    kept = [state["__bnb_optimizer_quant_state__"] for state in states.values()]
    assert {state["state1"].dtype for state in kept} == {torch.uint8, torch.float32}
    notes = tiny.Notes()
    resumed = run(output, resume=True, notes=notes)
    assert resumed.steps == notes.done == STEPS
    assert adapter(resumed) == adapter(straight)
    assert resumed.best == straight.best

    def losses(folder: Path) -> list[dict[str, float]]:
        return [{k: v for k, v in row.items() if k != "seconds"} for row in records.read(folder / "metrics.csv")]

    assert losses(output) == losses(straight.adapter.parent)
    assert len(losses(output)) == STEPS + STEPS // 5 + 1


def test_a_damaged_checkpoint_is_passed_over(straight: Result, killed: Path, tmp_path: Path) -> None:
    output = Path(shutil.copytree(killed, tmp_path / "out"))
    last = output / "checkpoints" / "checkpoint-20"
    content = bytearray((last / "optimizer.pt").read_bytes())
    content[len(content) // 2] ^= 1
    (last / "optimizer.pt").write_bytes(content)
    (output / "checkpoints" / "checkpoint-25").mkdir()  # begun, and never sealed
    notes = tiny.Notes()
    resumed = run(output, resume=True, notes=notes)
    said = [note for note in notes.said if "passed over" in note]
    assert [note.rpartition("/")[2] for note in said] == [
        "checkpoint-25 is passed over: it was not written to its end",
        "checkpoint-20 is passed over: optimizer.pt is damaged",
    ]
    assert adapter(resumed) == adapter(straight)


def test_another_training_is_not_resumed(killed: Path) -> None:
    with pytest.raises(CaptionerError, match=r"holds a training that has not ended: --resume goes on"):
        run(killed)
    with pytest.raises(CaptionerError, match=r"another one(.|\n)*base.name: 'tiny llama' before, 'tiny gemma2' now"):
        run(killed, resume=True, base=tiny.base("gemma2", **SIZES))


def test_an_ended_training_is_left_alone(straight: Result) -> None:
    with pytest.raises(CaptionerError, match="has ended"):
        run(straight.adapter.parent, resume=True)


def test_so_many_checkpoints_stay_and_the_best_adapter(straight: Result) -> None:
    folder = straight.adapter.parent / "checkpoints"
    assert [path.name for path in sealed.numbered(folder, "checkpoint")] == [f"checkpoint-{n}" for n in (40, 35, 30)]
    assert straight.best is not None
    best = folder / f"best-{straight.best.step}" / "adapter_model.safetensors"
    assert best.read_bytes() == adapter(straight)


def test_folders_count_when_they_are_whole(tmp_path: Path) -> None:
    for number in (1, 2, 10):
        folder = tmp_path / f"x-{number}"
        (folder / "inner").mkdir(parents=True)
        (folder / "inner" / "file").write_text(str(number))
        sealed.seal(folder)
    assert sealed.newest(tmp_path, "x", print) == tmp_path / "x-10"
    (tmp_path / "x-10" / "inner" / "file").unlink()
    assert sealed.fault(tmp_path / "x-10") == "file is missing"
    (tmp_path / "x-2" / "files.json").write_text("[")
    assert sealed.fault(tmp_path / "x-2").startswith("it cannot be read")
    sealed.prune(tmp_path, "x", 1)
    assert [path.name for path in tmp_path.iterdir()] == ["x-1"]
