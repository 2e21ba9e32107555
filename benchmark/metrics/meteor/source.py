"""Where the tables of METEOR lie: in the package pycocoevalcap, most of them in its jar, which is read as a zip."""

from __future__ import annotations

import zipfile
from importlib.util import find_spec
from pathlib import Path

_PACKAGE = "pycocoevalcap"


def jar() -> Path | None:
    """The jar that holds the word lists; None where it is not installed."""
    return _installed("meteor-1.5.jar")


def paraphrases() -> Path | None:
    """The paraphrase table, gzipped: a probability, a source phrase and a target phrase, line by line by line."""
    return _installed("data/paraphrase-en.gz")


def member(jar: Path, name: str) -> list[str]:
    """The lines of one text file in the jar. Raises OSError, KeyError or BadZipFile when it cannot be read."""
    with zipfile.ZipFile(jar) as archive:
        return archive.read(name).decode("utf-8").splitlines()


def _installed(name: str) -> Path | None:
    spec = find_spec(_PACKAGE)
    for folder in (spec and spec.submodule_search_locations) or ():
        path = Path(folder) / "meteor" / name
        if path.is_file():
            return path
    return None
