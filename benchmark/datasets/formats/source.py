"""Records, and the files they stand in: enough to name file, line and field in every message."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmark.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_TEXT: Final = 10 * 2**20
"""The longest line (bytes), field (characters) and drawing (bytes) that is read."""

SPLITS: Final[Mapping[str, str]] = {
    "train": "train",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "dev": "validation",
    "test": "test",
}
"""The split names in use, in lower case, and the split that each one means."""


@dataclass(frozen=True, slots=True)
class Source:
    """A data file.

    Attributes:
        path: where it lies; paths inside its records are relative to its folder.
        name: what messages call it: the file name, after the folder that was asked for if there is one.
        split: the split that its name or its folder's description gives it, None for none.
    """

    path: Path
    name: str
    split: str | None = None

    @property
    def suffix(self) -> str:
        """The suffix in lower case without ``.gz``, e.g. ``".jsonl"``."""
        return stem_and_suffix(self.path)[1]

    @property
    def text_only(self) -> bool:
        """Whether the format knows nothing but text, so that a list can only stand as JSON in a cell."""
        return self.suffix in (".csv", ".tsv")

    def error(self, place: str, what: str) -> UserError:
        """The error for ``what`` is wrong at ``place``, e.g. ``"line 7"``."""
        return UserError(f"{self.name}, {place}: {what}")


@dataclass(frozen=True, slots=True)
class Record:
    """One record as it stands in its source.

    Attributes:
        data: field names and values, unchecked.
        source: the file it stands in.
        place: where in the file, e.g. ``"line 7"`` (where it begins), ``"item 4"``, ``"row 12"``;
            counted from 1.
    """

    data: Mapping[str, object]
    source: Source
    place: str

    @property
    def where(self) -> str:
        """File and place, e.g. ``"my.jsonl, line 7"``."""
        return f"{self.source.name}, {self.place}"

    @property
    def split(self) -> str | None:
        """The split that the source itself names, as it spells it."""
        return self.source.split

    def error(self, field: str, what: str) -> UserError:
        """The error for ``what`` is wrong in a field of this record."""
        return self.source.error(self.place, f"field {field!r}: {what}")


def name_of(path: Path) -> str:
    """The name of a file or folder, also of the folders ``.`` and ``..``."""
    return path.name if path.name not in ("", "..") else path.resolve().name


def stem_and_suffix(path: Path) -> tuple[str, str]:
    """The name without its suffix, and the suffix in lower case, both without ``.gz``.

    >>> stem_and_suffix(Path("data/icons.v2.JSONL.gz"))
    ('icons.v2', '.jsonl')
    """
    plain = Path(path.name[:-3]) if path.name.lower().endswith(".gz") else path
    return plain.stem, plain.suffix.lower()
