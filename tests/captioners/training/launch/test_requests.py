"""What is asked of Slurm and of DeepSpeed is what the preset says, and what cannot be is said before anything loads."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from captioners import CaptionerError
from captioners.training.config import load
from captioners.training.launch import deepspeed, queue, slurm
from captioners.training.surroundings import unmet


def test_the_request_is_that_of_the_preset() -> None:
    asked = slurm.request(load("test3-multi-gpu"))
    assert {k: asked[k] for k in ("cpus-per-task", "mem", "gpus-per-node", "time", "signal", "nodes")} == {
        "cpus-per-task": 8,
        "mem": "48G",
        "gpus-per-node": 2,
        "time": 24 * 60,
        "signal": "USR2@120",
        "nodes": 1,
    }
    assert "gpus-per-node" not in slurm.request(load("cpu-demo"))


def test_options_of_sbatch_add_to_it_or_take_its_place() -> None:
    asked = slurm.request(load("test1"), ["partition=gpu", "gres=gpu:l40s:1", "cpus_per_task=4", "exclusive"])
    assert asked["partition"] == "gpu" and asked["gres"] == "gpu:l40s:1" and asked["exclusive"] is True
    assert asked["cpus-per-task"] == "4"
    assert "gpus-per-node" not in asked  # gres says it


def test_wrong_options_are_all_named() -> None:
    with pytest.raises(CaptionerError) as raised:
        slurm.request(load("test1"), ["partition=", "signal=TERM@1", "no such thing=1", "comment=a\n#SBATCH --wrap=b"])
    lines = str(raised.value).splitlines()
    assert lines[0] == "the Slurm request is wrong:"
    assert [line.partition(": ")[2].split()[0] for line in lines[1:]] == ["write", "the", "write", "write"]


def test_without_slurm_it_says_where_to_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CaptionerError, match=r"no sbatch on the PATH.*--launcher torchrun"):
        slurm.submit(["true"], load("test1"), tmp_path / "out")
    with pytest.raises(CaptionerError, match="no squeue on the PATH"):
        queue.status("1")
    assert not (tmp_path / "out").exists()


def test_what_has_ended_or_not_is_not_submitted_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sbatch = tmp_path / "sbatch"
    sbatch.write_text("#!/bin/sh\nexit 1\n")
    sbatch.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "out" / "checkpoints" / "checkpoint-5").mkdir(parents=True)
    with pytest.raises(CaptionerError, match="has not ended: --resume"):
        slurm.submit(["true"], load("test1"), tmp_path / "out")
    (tmp_path / "out" / "adapter").mkdir()
    with pytest.raises(CaptionerError, match="has ended"):
        slurm.submit(["true"], load("test1"), tmp_path / "out", resume=True)


def test_zero_is_that_of_the_preset() -> None:
    told = deepspeed.configuration(load("test1"))
    assert told is not None
    assert told["zero_optimization"] == {
        "stage": 2,
        "overlap_comm": False,
        "offload_optimizer": {"device": "cpu"},
        "offload_param": {"device": "cpu"},
    }
    assert told["bf16"] == {"enabled": True}
    assert deepspeed.configuration(load("test3")) is None


def test_packed_parameters_are_not_divided() -> None:
    with pytest.raises(CaptionerError, match=r"deepspeed.stage = 3 divides parameters.*--set deepspeed.stage=2"):
        deepspeed.configuration(load("test1", ["deepspeed.stage=3"]))


def test_what_deepspeed_cannot_do_here_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DS_ACCELERATOR", "LOCAL_RANK"):
        monkeypatch.delenv(name, raising=False)
    config = load("test1")
    assert deepspeed.obstacle(load("test3"), 0) == ""
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert deepspeed.obstacle(config, 1).startswith("it is not installed: pip install")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object())
    assert deepspeed.obstacle(config, 0).startswith("there is no GPU; DS_ACCELERATOR=cpu")
    assert deepspeed.obstacle(config, 1) == "it needs processes of its own: --launcher torchrun or slurm"
    monkeypatch.setenv("LOCAL_RANK", "0")
    assert deepspeed.obstacle(config, 1) == ""
    said = unmet(config, gpus=1, processes=1, obstacle="")
    assert said == ["deepspeed.offload_parameters: without effect under ZeRO-2; kept as published"]
    said = unmet(config, gpus=1, processes=1, obstacle="it is not installed")
    assert said[0].startswith("DeepSpeed ZeRO-2 is not used: it is not installed. It saves memory")
