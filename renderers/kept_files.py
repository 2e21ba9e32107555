"""Where files are kept for the next run: in the user's cache directory, or in another that a variable names."""

from __future__ import annotations

import hashlib
import os
import tempfile
import uuid
from pathlib import Path

ENVIRONMENT = "SVG_CAPTION_BENCH_CACHE"
"""Environment variable that names another base directory than the user's cache directory."""


def cache_folder(name: str) -> Path:
    """A folder for files of one kind: in ``$SVG_CAPTION_BENCH_CACHE``, or else in the user's cache directory.

    Raises RuntimeError for a user without a home directory, as in some containers.
    """
    from platformdirs import user_cache_path

    base = os.environ.get(ENVIRONMENT)
    return (Path(base) if base else user_cache_path("svg-caption-bench")) / name


def unwritable(folder: Path) -> str:
    """Why nothing can be written to ``folder``, which is made if need be; "" when it can."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return ""
    except OSError as error:
        return str(error)


def kept_folder(name: str) -> Path:
    """As :func:`cache_folder`, or a temporary one where that cannot be. Raises OSError where nothing can be written."""
    try:
        folder = cache_folder(name)
        if not unwritable(folder):
            return folder
    except RuntimeError:  # no home directory
        pass
    folder = Path(tempfile.mkdtemp()) / name
    folder.mkdir()
    return folder


def kept_file(content: bytes, folder: Path, suffix: str) -> Path:
    """The file in ``folder`` with that content, named after it; for backends that take paths.

    Several processes may ask for it at a time. Raises OSError where it cannot be written.
    """
    path = folder / f"{hashlib.sha256(content).hexdigest()[:16]}{suffix}"
    if not path.exists():
        part = path.with_name(f".{uuid.uuid4().hex}.part")
        try:
            part.write_bytes(content)
            part.replace(path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
    return path
