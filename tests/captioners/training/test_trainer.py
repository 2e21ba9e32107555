"""Tiny bases train with every preset on a CPU, and what comes out is whole."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from captioners import CaptionerError
from captioners.training.config import presets
from captioners.training.trainer import train
from tests.captioners.training import tiny


def test_it_trains(tmp_path: Path) -> None:
    notes = tiny.Notes()
    result = train(
        tiny.config("cpu-demo", "epochs=3", "checkpoints.evaluate=2", "checkpoints.every=2"),
        tiny.base(),
        tiny.examples(32),
        tiny.examples(6, seed=1),
        tmp_path / "out",
        watcher=notes,
    )
    print(result, notes.said, notes.done)
    print((tmp_path / "out" / "metrics.csv").read_text())
    print(sorted(p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*")))
    print((result.adapter / "README.md").read_text())
