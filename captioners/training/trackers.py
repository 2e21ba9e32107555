"""Trackers of experiments beside metrics.csv: they write into the training's folder, and to the network only when the
user has set their own variables for it."""

from __future__ import annotations

import contextlib
import importlib.util
import os
from collections.abc import Iterator
from pathlib import Path

from captioners.base import CaptionerError

TRACKERS = ("none", "tensorboard", "wandb", "trackio")


def check(tracker: str) -> None:
    """Raises CaptionerError for a tracker that is unknown or not installed."""
    if tracker not in TRACKERS:
        raise CaptionerError(f"there is no tracker {tracker!r}. Known: {', '.join(TRACKERS)}.")
    if tracker != "none" and importlib.util.find_spec(tracker) is None:
        raise CaptionerError(f"the tracker {tracker} is not installed: pip install {tracker}")


@contextlib.contextmanager
def environment(folder: Path) -> Iterator[None]:
    """While it lasts, trackers find in their variables where to write; what the user has set stays.

    wandb is offline unless ``WANDB_MODE`` says otherwise; trackio is local unless ``TRACKIO_SPACE_ID`` does.
    """
    wanted = {
        "TENSORBOARD_LOGGING_DIR": str(folder / "tensorboard"),
        "WANDB_MODE": "offline",
        "WANDB_DIR": str(folder),
        "WANDB_PROJECT": "svg-caption-bench",
        "WANDB_SILENT": "true",
        "TRACKIO_DIR": str(folder / "trackio"),
    }
    ours = {name: value for name, value in wanted.items() if name not in os.environ}
    os.environ.update(ours)
    try:
        yield
    finally:
        for name in ours:
            os.environ.pop(name, None)
