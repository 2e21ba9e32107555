"""What a training leaves behind can be read whatever happened to it; what differs from the preset is said."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from captioners import CaptionerError
from captioners.training import records, trackers
from captioners.training.config import load
from captioners.training.surroundings import unmet


def test_a_line_that_was_cut_off_is_passed_over_and_a_repeated_step_counts_once(tmp_path: Path) -> None:
    path = tmp_path / "metrics.csv"
    first = records.Metrics(path)
    for step in (1, 2):
        first.write({"step": step, "loss": 1 / step, "seconds": step})
    first.write({"step": 2, "validation_loss": 0.7})
    first.close()
    with path.open("a") as file:
        file.write("3,0.")
    second = records.Metrics(path)
    second.write({"step": 2, "loss": 0.25, "seconds": 5})
    second.close()
    assert path.read_text().splitlines() == [
        "step,epoch,loss,gradient_norm,learning_rate,validation_loss,seconds",
        *("1,,1,,,,1", "2,,0.5,,,,2", "2,,,,,0.7,", "3,0.", "2,,0.25,,,,5"),
    ]
    assert records.read(path) == [
        {"step": 1, "loss": 1, "seconds": 1},
        {"step": 2, "loss": 0.25, "seconds": 5},
        {"step": 2, "validation_loss": 0.7},
        {"step": 3, "epoch": 0},
    ]


def test_the_plot_shows_both_losses_and_the_best_step(tmp_path: Path) -> None:
    rows = [{"step": 1.0, "loss": 2.0}, {"step": 2.0, "loss": 1.0}, {"step": 2.0, "validation_loss": 1.5}]
    records.plot(rows, tmp_path / "loss.svg")
    svg = (tmp_path / "loss.svg").read_text()
    for text in ("training", "validation", "best: step 2", "loss, nats per caption token"):
        assert f"<!-- {text} -->" in svg
    assert [path.name for path in tmp_path.iterdir()] == ["loss.svg"]


def test_trackers_write_into_the_folder_unless_told_otherwise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WANDB_MODE", "online")
    monkeypatch.delenv("WANDB_DIR", raising=False)
    with trackers.environment(tmp_path):
        assert (os.environ["WANDB_MODE"], os.environ["WANDB_DIR"]) == ("online", str(tmp_path))
    assert (os.environ["WANDB_MODE"], "WANDB_DIR" in os.environ) == ("online", False)


def test_a_tracker_that_is_not_installed_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(CaptionerError, match="pip install wandb"):
        trackers.check("wandb")
    trackers.check("none")


def test_on_the_hardware_of_the_preset_only_what_never_works_is_said() -> None:
    assert unmet(load("test3"), gpus=1, processes=1, obstacle="") == []
    assert unmet(load("test1"), gpus=1, processes=1, obstacle="") == [
        "deepspeed.offload_parameters: without effect under ZeRO-2; kept as published"
    ]


def test_fewer_processes_are_said_with_what_makes_up_for_them() -> None:
    (said,) = unmet(load("test3-multi-gpu"), gpus=1, processes=1, obstacle="")
    assert said == (
        "the preset is for 2 processes and this is 1: a step has 4 examples instead of 8; "
        "--set batch.accumulation=2 makes up for it"
    )
