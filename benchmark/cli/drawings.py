"""Which drawings a command is to draw, and what the files of their pictures are called."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from benchmark.errors import UserError
from benchmark.store import safe_name

if TYPE_CHECKING:
    from collections.abc import Iterator

SUFFIXES = (".svg", ".svgz")
_LONGEST = 120  # characters of one part of a path; file systems take 255 bytes

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Drawing:
    """One drawing.

    Attributes:
        id: as tables show it: the path of a file, the id of a sample.
        name: what its picture should be called: a relative path without suffix.
        source: the file, read when it is needed, or the SVG itself.
        named: a file that the user named, not one that a folder holds.
    """

    id: str
    name: str
    source: Path | str
    named: bool = False

    def document(self) -> str | bytes:
        """The SVG; that of a file as bytes, decoded by whoever draws it. Raises UserError."""
        if isinstance(self.source, str):
            return self.source
        try:
            return self.source.read_bytes()
        except OSError as error:
            raise UserError(f"{self.source} cannot be read: {error.strerror or error}.") from error


def of_paths(paths: Sequence[Path]) -> list[Drawing]:
    """The files, and those with a suffix of :data:`SUFFIXES` in the folders and below, each once.

    Raises UserError for a path that is not there and for a folder without drawings.
    """
    drawings: dict[Path, Drawing] = {}
    for path in paths:
        if path.is_dir():
            files = sorted(file for file in path.rglob("*") if file.suffix.lower() in SUFFIXES and file.is_file())
            if not files:
                raise UserError(f"{path} holds no {' or '.join(SUFFIXES)} files, nor do the folders below it.")
            for file in files:
                name = file.relative_to(path).with_suffix("").as_posix()
                drawings.setdefault(file.resolve(), Drawing(file.as_posix(), name, file))
        elif path.exists():
            drawings[path.resolve()] = Drawing(path.as_posix(), path.stem, path, named=True)
        else:
            raise UserError(f"{path}: no such file or folder.")
    return list(drawings.values())


def of_dataset(
    spec: str, split: str, *, svg_field: str | None, id_field: str | None, split_field: str | None
) -> list[Drawing]:
    """The drawings of a registered dataset, or of the user's own data; captions are not needed.

    Args:
        spec: as :func:`benchmark.datasets.registry.load_dataset` takes it.
        split: train, validation, test or all; data that knows no splits is test.
        svg_field: own data: the field with the drawing, None for the usual one; so are the others.
        id_field: the field with the id.
        split_field: the field with the split.

    Raises UserError for data that cannot be read, and when the split is empty.
    """
    from benchmark.datasets.registry import DATASETS, load_dataset

    path = Path(spec)
    own = {"svg_field": svg_field, "id_field": id_field, "split_field": split_field}
    if spec.partition(":")[0] in DATASETS or not path.exists():
        samples = load_dataset(spec, **own).split(split).samples
        return [Drawing(sample.id, sample.id, sample.svg) for sample in samples]
    if path.is_dir() and not any(own.values()) and any(path.rglob("*.svg")):
        return of_paths([path])
    drawings = list(_of_records(path, split, svg_field or "", id_field or "", split_field or ""))
    if not drawings:
        raise UserError(f"{spec} has no drawings in split {split!r}; choose another one with --split, or 'all'.")
    return drawings


def _of_records(path: Path, split: str, svg_field: str, id_field: str, split_field: str) -> Iterator[Drawing]:
    from benchmark.datasets import values
    from benchmark.datasets.fields import LOOKED_AT, Fields, sample_fields
    from benchmark.datasets.formats.source import stem_and_suffix
    from benchmark.datasets.records import peek, read_records

    head, records = peek(read_records(path), LOOKED_AT)
    # Samples are looked for, which have captions: any field stands for them until that of the drawings is known.
    asked = Fields(svg=svg_field, captions=tuple(head[0].data)[:1], id=id_field, split=split_field)
    found = sample_fields(head, asked)
    fields = sample_fields(head, replace(asked, svg=found.svg, captions=(found.svg,)))
    for position, record in enumerate(records, 1):
        if split in ("all", values.split_name(record, fields.split)):
            id = values.id_text(record, fields.id) if fields.id else f"{stem_and_suffix(path)[0]}-{position:06d}"
            yield Drawing(id, id, values.drawing(record, fields.svg))


def limited(items: Sequence[Item], id: Callable[[Item], str], limit: int | None, seed: int) -> list[Item]:
    """At most ``limit`` of the items in their order, drawn as :meth:`benchmark.samples.Dataset.limit` does."""
    if limit is None or limit >= len(items):
        return list(items)

    def digest(position: int) -> str:
        return hashlib.sha256(f"{seed}:{id(items[position])}".encode("utf-8", "surrogatepass")).hexdigest()

    return [items[position] for position in sorted(sorted(range(len(items)), key=digest)[:limit])]


def picture_names(drawings: Sequence[Drawing]) -> list[str]:
    """A relative path ending in ``.png`` for each drawing, another one for each on every file system.

    Folders are kept. A hash stands for characters that not all file systems take, and tells names apart that are
    the same, or the same but for capitals.
    """
    taken: set[str] = set()
    names = []
    for drawing in drawings:
        *folders, name = [_safe(part) for part in drawing.name.split("/") if part] or [_safe("")]
        path = "/".join([*folders, name])
        attempt = 0
        while path.casefold() in taken:
            attempt += 1
            path = "/".join([*folders, f"{name}-{_hash(f'{drawing.id} {attempt}')}"])
        taken.add(path.casefold())
        names.append(f"{path}.png")
    return names


def _safe(part: str) -> str:
    """A part of a path without what any file system refuses; no folder is called as a picture may be."""
    safe = safe_name(part)
    if len(safe) > _LONGEST or safe.casefold().endswith(".png"):
        safe = f"{safe[:_LONGEST]}-{_hash(part)}"
    return safe


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
