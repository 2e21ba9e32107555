"""Predictions: what a captioner said of each sample, and the append-only file that keeps it."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from benchmark.errors import UserError
from benchmark.files import writing

Status = Literal["ok", "failed"]


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a captioner said of one sample.

    Attributes:
        id: of the sample.
        caption: what is scored; "" when the captioner failed.
        raw: what the captioner said before anything was cut from it.
        status: "failed" when rendering or captioning raised an error.
        error: the error's text; "" when there is none.
        seconds: wall time of captioning, the batch's time shared out; excludes rendering.
        rendering: repairs and flags of the drawing; for captioners that look at pictures, also its backend, its
            fallbacks and why it is blank; None for captioners that see nothing of it.
        held_out: position of the reference that this caption is and must not be scored against.
        cut: whether the captioner's token limit ended it.
        details: what else the captioner says of its answer, as :class:`captioners.Answer` has it.
    """

    id: str
    caption: str
    raw: str
    status: Status = "ok"
    error: str = ""
    seconds: float = 0.0
    rendering: Mapping[str, Any] | None = None
    held_out: int | None = None
    cut: bool = False
    details: Mapping[str, Any] | None = None


def append(path: Path, predictions: Iterable[Prediction]) -> None:
    """Add one line per prediction and force them to disk. Raises UserError."""
    lines = "".join(json.dumps(asdict(p), ensure_ascii=False) + "\n" for p in predictions)
    # A lone surrogate becomes its JSON escape, so the file stays UTF-8 and the caption survives.
    with writing(path), path.open("a", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
        file.write(lines)
        file.flush()
        os.fsync(file.fileno())


def read(path: Path) -> list[Prediction]:
    """All whole lines of ``path``; a torn last line, which a killed process leaves, is not one of them.

    Raises UserError when a whole line is not a prediction.
    """
    predictions = []
    for number, line in enumerate(_whole_lines(path), start=1):
        try:
            prediction = Prediction(**json.loads(line))
            if not (isinstance(prediction.id, str) and isinstance(prediction.caption, str)):
                raise TypeError("id or caption is not a text")
            predictions.append(prediction)
        except (ValueError, TypeError) as error:
            raise UserError(
                f"{path}, line {number}: not a prediction ({error}). The file was changed by something else than "
                "this program: restore it, or use --overwrite to caption anew."
            ) from error
    return predictions


def cut_torn_line(path: Path) -> None:
    """Remove what a killed process left of its last line, so that the next one starts on a line of its own."""
    if path.exists():
        whole = sum(len(line) for line in _whole_lines(path))
        if whole < path.stat().st_size:
            with writing(path):
                os.truncate(path, whole)


def digest(predictions: Iterable[Prediction]) -> str:
    """SHA-256 (hex) over everything but the timings, in order of id."""
    lines = []
    for prediction in sorted(predictions, key=lambda p: p.id):
        fields = asdict(prediction)
        del fields["seconds"]
        for name in ("cut", "details"):  # as in files that are older than the field
            if not fields[name]:
                del fields[name]
        lines.append(json.dumps(fields, ensure_ascii=False, sort_keys=True))
    return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogatepass")).hexdigest()


def _whole_lines(path: Path) -> list[bytes]:
    try:
        lines = path.read_bytes().splitlines(keepends=True)
    except FileNotFoundError:
        return []
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror}.") from error
    return lines[:-1] if lines and not lines[-1].endswith(b"\n") else lines
