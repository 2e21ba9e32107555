"""What is written down about a submitted training: ``submission.json`` in its folder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from captioners.base import CaptionerError
from captioners.training.sealed import write_atomic

_NAME = "submission.json"


@dataclass(frozen=True, slots=True)
class Submission:
    """A job that was handed to Slurm.

    Attributes:
        job: its number.
        time: of submission, UTC, ISO 8601.
        command: what it runs.
        directory: where.
        request: what was asked of Slurm.
        output: what the job writes, a file.
        errors: the same of its notes and errors.
    """

    job: str
    time: str
    command: tuple[str, ...]
    directory: str
    request: Mapping[str, Any]
    output: str
    errors: str


def write(output: Path, made: Submission) -> None:
    """Write it down, in the place of an earlier one. Raises OSError."""
    write_atomic(output / _NAME, json.dumps(asdict(made), indent=2) + "\n")


def read(output: Path) -> Submission | None:
    """What was last submitted for a training's folder; None where nothing was. Raises CaptionerError."""
    file = output / _NAME
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
        return Submission(**document | {"command": tuple(document["command"])})
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise CaptionerError(f"{file} cannot be read: {error}") from error
