"""``train --launcher slurm`` from the command line: submitted, looked at, finished; and what is wrong before that."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.captioners.training import tiny

WORDS = ("--preset", "cpu-demo", "--data", "shapes:size=30", "--launcher", "slurm")
SMALL = ("epochs=1", "slurm.cores=1", "slurm.memory=1", "model.context=512", "batch.accumulation=1")


@pytest.mark.usefixtures("slurm")
def test_a_job_from_the_command_line(cli: Callable[..., Any], tmp_path: Path) -> None:
    base, output = tiny.save("llama", tmp_path / "tiny-llama"), tmp_path / "out"
    sets = [word for value in SMALL for word in ("--set", value)]
    submitted = cli("train", *WORDS, "--base", base, "--output", output, "--slurm", "comment=tiny", *sets, "--json")
    assert submitted.code == 0, submitted.err
    made = json.loads(submitted.out)
    assert made == json.loads((output / "submission.json").read_text())
    assert made["request"]["comment"] == "tiny" and made["command"][-3:] == ["--launcher", "local", "--resume"]

    end = time.monotonic() + 150
    while "CD, completed" not in (status := cli("train", "--status", output).out):
        assert "F, " not in status and time.monotonic() < end, status + cli("train", "--logs", made["job"]).out
        time.sleep(0.5)
    assert status.startswith(f"job {made['job']}: CD, completed; step ")
    there = json.loads(cli("train", "--status", output, "--json").out)
    assert (there["job"], there["code"], there["meaning"]) == (made["job"], "CD", "completed")
    assert f"; step {there['step']}, loss {there['loss']:.4f}" in status
    assert (output / "adapter" / "adapter_model.safetensors").is_file()
    assert f'"adapter": "{output / "adapter"}"' in cli("train", "--logs", output).out
    again = cli("train", *WORDS, "--base", base, "--output", output)
    assert again.code == 2 and "has ended" in again.err
    gone = cli("train", "--cancel", output)
    assert gone.code == 2 and f"job {made['job']} has ended: completed" in gone.err


def test_what_is_wrong_is_said_before_it_waits_in_a_queue(cli: Callable[..., Any], tmp_path: Path) -> None:
    sets = ("--set", "lora.r=0", "--output", tmp_path / "out")
    outcome = cli("train", *WORDS, "--base", tmp_path / "nowhere", *sets)
    assert outcome.code == 2
    assert "lora.r" in outcome.err and "nowhere" in outcome.err


def test_without_slurm(cli: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base = tiny.save("llama", tmp_path / "tiny-llama")
    monkeypatch.setenv("PATH", str(tmp_path))
    outcome = cli("train", *WORDS, "--base", base, "--output", tmp_path / "out")
    assert outcome.code == 2 and "there is no sbatch on the PATH" in outcome.err
    outcome = cli("train", "--status", tmp_path)
    assert outcome.code == 2 and "neither the number of a job nor a folder" in outcome.err
