"""Files that are whole or not there, and errors of the file system that say what to do."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmark.errors import UserError

_REMEDIES = {
    errno.ENOSPC: "the disk is full; what was finished is kept: free some space and run the same command again",
    errno.EDQUOT: "the quota is used up; what was finished is kept: free some space and run the same command again",
    errno.EACCES: "permission denied; choose another folder",
    errno.EPERM: "permission denied; choose another folder",
    errno.EROFS: "the file system is read-only; choose another folder",
    errno.ENOTDIR: "a part of this path is a file, not a folder; choose another folder",
    errno.EEXIST: "a file is in the way; choose another folder",
}


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn what the file system refuses into a UserError that names ``path`` and the remedy."""
    try:
        yield
    except OSError as error:
        raise cannot_write(path, error) from error


def cannot_write(path: Path, error: OSError) -> UserError:
    """The error to show when the file system refuses to write ``path``."""
    remedy = _REMEDIES.get(error.errno or 0, f"{error.strerror or error}; choose another folder")
    return UserError(f"cannot write {path}: {remedy}.")


def make_folder(path: Path) -> Path:
    """``path`` as an existing folder. Raises UserError."""
    with writing(path):
        path.mkdir(parents=True, exist_ok=True)
    return path


def write_atomic(path: Path, content: str | bytes) -> None:
    """Write bytes, or text as UTF-8, so that ``path`` holds the old or the new content at any moment.

    The content goes to a temporary file in the same folder, is forced to disk, and takes the place of the old file.
    Raises UserError.
    """
    path = path.resolve()
    data = content.encode("utf-8", "backslashreplace") if isinstance(content, str) else content
    with writing(path):
        if path.exists() and not path.is_file():  # a device or a pipe is written to, not replaced
            path.write_bytes(data)
            return
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            temporary.chmod(0o644)  # mkstemp makes it private; results are to be shared
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise


def write_json(path: Path, document: Any) -> None:
    """Write an indented JSON document atomically. Raises UserError."""
    write_atomic(path, json.dumps(document, ensure_ascii=False, indent=2) + "\n")


def sha256_of(document: Any) -> str:
    """SHA-256 (hex) over a JSON document, whatever the order of its keys."""
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()


def read_json(path: Path) -> Any:
    """A JSON document, or None where there is no file. Raises UserError when it is not JSON."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise UserError(f"cannot read {path}: {error}. Restore the file or delete it.") from error
