"""Folders that are whole or do not count: a list of their files with hashes is written last, and read first.

A process that is killed while it writes leaves a folder without its list; a damaged folder no longer fits it.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

SEAL = "files.json"


def write_atomic(path: Path, content: str) -> None:
    """Write text as UTF-8 so that ``path`` holds the old or the new one at any moment. Raises OSError."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("w", encoding="utf-8") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def seal(folder: Path) -> None:
    """Declare a folder whole: its files are on disk, and its list names them. Raises OSError."""
    hashes = {}
    for file in _files(folder):
        with file.open("rb+") as opened:
            os.fsync(opened.fileno())
            hashes[file.relative_to(folder).as_posix()] = hashlib.file_digest(opened, "sha256").hexdigest()
    write_atomic(folder / SEAL, json.dumps(hashes, indent=2) + "\n")


def fault(folder: Path) -> str:
    """Why a folder does not count; "" when it does."""
    try:
        hashes = json.loads((folder / SEAL).read_text(encoding="utf-8"))
        for name, expected in hashes.items():
            with (folder / name).open("rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() != expected:
                    return f"{name} is damaged"
    except FileNotFoundError as error:
        missing = Path(error.filename).name
        return "it was not written to its end" if missing == SEAL else f"{missing} is missing"
    except (OSError, ValueError, AttributeError, TypeError) as error:
        return f"it cannot be read: {error}"
    return ""


def numbered(parent: Path, prefix: str) -> list[Path]:
    """The folders ``PREFIX-NUMBER``, the highest number first, whole or not."""
    found = [
        (int(number), path)
        for path in parent.glob(f"{prefix}-*")
        if path.is_dir() and (number := path.name.removeprefix(f"{prefix}-")).isdecimal()
    ]
    return [path for _, path in sorted(found, reverse=True)]


def newest(parent: Path, prefix: str, note: Callable[[str], None]) -> Path | None:
    """The whole folder with the highest number; what is passed over is said."""
    for folder in numbered(parent, prefix):
        if not (wrong := fault(folder)):
            return folder
        note(f"{folder} is passed over: {wrong}")
    return None


def prune(parent: Path, prefix: str, keep: int) -> None:
    """Delete all but the ``keep`` newest whole folders; the newest one, just written and sealed, is never deleted."""
    whole = 0
    for folder in numbered(parent, prefix):
        if whole < keep and not fault(folder):
            whole += 1
        else:
            (folder / SEAL).unlink(missing_ok=True)  # first: half a folder must not look whole
            shutil.rmtree(folder)


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.name != SEAL)
