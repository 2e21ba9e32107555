"""Paths that stand inside data: followed only within the folder of that data."""

from __future__ import annotations

from pathlib import Path, PurePosixPath, PureWindowsPath

from benchmark.datasets.formats.source import name_of


class NoSuchFile(ValueError):
    """A path that may be followed, but at whose end there is no regular file."""


def inside(folder: Path, name: str) -> Path:
    """The regular file ``name`` inside ``folder``.

    Raises:
        ValueError: the path is absolute, holds ``..`` or leaves the folder through a symbolic link; the
            message says which.
        NoSuchFile: there is no such file.
    """
    windows = PureWindowsPath(name)
    if PurePosixPath(name).is_absolute() or windows.drive or windows.root:
        raise ValueError(f"the path {name!r} is absolute; only paths inside the data's own folder are read")
    if ".." in windows.parts:
        raise ValueError(f"the path {name!r} holds '..'; only paths inside the data's own folder are read")
    if "\0" in name:
        raise ValueError(f"the path {name!r} holds a NUL character")
    try:
        target = (folder / name).resolve()
        if not target.is_relative_to(folder.resolve()):
            raise ValueError(f"the path {name!r} leaves the data's own folder through a symbolic link")
        found = target.is_file()
    except (OSError, RuntimeError) as error:  # RuntimeError: a loop of symbolic links
        raise ValueError(f"the path {name!r} cannot be followed: {error}") from None
    if not found:
        raise NoSuchFile(f"there is no file {name!r} in the folder {name_of(folder)!r}")
    return target
