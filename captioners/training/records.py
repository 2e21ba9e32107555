"""What a training leaves for its readers: metrics.csv, the plot of its losses, and a bar while it runs."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

COLUMNS = ("step", "epoch", "loss", "gradient_norm", "learning_rate", "validation_loss", "seconds")
"""Columns of metrics.csv: losses are nats per learnt token, the norm is that before clipping, seconds are since the
start, pauses left out. A row is a training step or an evaluation."""


class Watcher(Protocol):
    """Is told what is being done and how far it is, as :class:`benchmark.progress.Watcher`."""

    def task(self, description: str, total: int, done: int = 0) -> AbstractContextManager[Callable[[int], None]]: ...
    def note(self, message: str) -> None: ...


class Metrics:
    """metrics.csv: rows are appended whole and reach the disk at once; a resumed training writes its steps again."""

    def __init__(self, path: Path) -> None:
        """Open the file; a line that a killed process has left half is ended. Raises OSError."""
        self._path = path
        whole = not path.exists() or path.read_bytes().endswith(b"\n")
        self._file = path.open("a", encoding="utf-8", newline="")
        if not whole:
            self._file.write("\n")
        if self._file.tell() == 0:
            self._append(COLUMNS)

    def write(self, row: Mapping[str, float]) -> None:
        """Append a row; what it lacks is left empty. Raises OSError."""
        self._append([format(row[name], ".10g") if name in row else "" for name in COLUMNS])

    def close(self) -> None:
        self._file.close()

    def _append(self, cells: tuple[str, ...] | list[str]) -> None:
        line = io.StringIO()
        csv.writer(line, lineterminator="\n").writerow(cells)
        self._file.write(line.getvalue())
        self._file.flush()
        os.fsync(self._file.fileno())


def read(path: Path) -> list[dict[str, float]]:
    """The rows of a metrics.csv, in order of steps: of a step that was done twice, the later one. Raises OSError."""
    rows: dict[tuple[float, bool], dict[str, float]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for cells in csv.DictReader(file):
            try:
                row = {name: float(cells[name]) for name in COLUMNS if cells[name]}
                rows[row["step"], "validation_loss" in row] = row
            except (KeyError, TypeError, ValueError):
                continue  # a line that was cut off
    return [rows[key] for key in sorted(rows)]


def plot(rows: list[dict[str, float]], *paths: Path) -> None:
    """Draw training and validation loss over the steps, that of the lowest marked, into PNG or SVG files.

    Raises OSError.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    trained = [(row["step"], row["loss"]) for row in rows if "loss" in row]
    validated = [(row["step"], row["validation_loss"]) for row in rows if "validation_loss" in row]
    if trained:
        axes.plot(*zip(*trained, strict=True), linewidth=1, label="training")
    if validated:
        axes.plot(*zip(*validated, strict=True), marker="o", markersize=3, label="validation")
        best, _ = min(validated, key=lambda one: one[1])
        axes.axvline(best, color="grey", linestyle=":", label=f"best: step {best:.0f}")
    axes.set(xlabel="optimizer step", ylabel="loss, nats per caption token")
    if trained or validated:
        axes.legend()
    axes.grid(alpha=0.3)
    for path in paths:
        part = path.with_name(f".{path.stem}.part{path.suffix}")
        figure.savefig(part, dpi=150)
        part.replace(path)
