"""Which files make up a source: the file itself, or the files of a Hugging Face folder, with their splits."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from benchmark.datasets.formats.confinement import inside
from benchmark.datasets.formats.json_files import parse_document
from benchmark.datasets.formats.source import SPLITS, Source, name_of, stem_and_suffix
from benchmark.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

DATA_SUFFIXES = (".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".parquet")

_SPLITS_FILE = "dataset_dict.json"
_STATE_FILE = "state.json"
_SPLIT_STEM = re.compile(rf"({'|'.join(SPLITS)})(?:[-_.].*)?", re.IGNORECASE)
_SHARD_STEM = re.compile(r"(.+)-(\d{5})-of-(\d{5})")


def sources(path: Path) -> list[Source]:
    """The data files behind a path, in reading order.

    A folder is either one that ``save_to_disk`` of the library ``datasets`` wrote (its ``state.json`` and
    ``dataset_dict.json`` say which files in which order) or holds files named by split, itself or in
    ``data/``: ``test.jsonl``, ``train-00000-of-00002.parquet``.

    Raises:
        UserError: there is no such path, the folder is of another kind, or a file of it is missing.
    """
    if path.is_file():
        return [Source(path, path.name)]
    if not path.is_dir():
        raise UserError(f"there is no file or folder {str(path)!r}.")
    folder = name_of(path)
    if (path / _SPLITS_FILE).is_file():
        return _saved_splits(path, folder)
    if (path / _STATE_FILE).is_file():
        return _saved_files(path, folder, None)
    found = split_files(path)
    if not found:
        raise UserError(
            f"{folder}: this folder holds neither a dataset saved by save_to_disk nor files named by split "
            f"(train, validation, test; {', '.join(DATA_SUFFIXES)}), as in test.jsonl or "
            "data/train-00000-of-00001.parquet. Give one data file by its own path."
        )
    _refuse_missing_shards(folder, found)
    return [Source(file, f"{folder}/{file.relative_to(path)}", split) for file, split in found.items()]


def is_hugging_face(folder: Path) -> bool:
    """Whether a folder was saved by ``save_to_disk`` or holds data files named by split."""
    saved = (folder / _SPLITS_FILE).is_file() or (folder / _STATE_FILE).is_file()
    return saved or bool(split_files(folder))


def split_files(folder: Path) -> dict[Path, str]:
    """The data files named by split in a folder and its ``data/``, sorted, and the split of each."""
    found = {}
    for file in sorted([*folder.glob("*"), *folder.glob("data/*")]):
        stem, suffix = stem_and_suffix(file)
        if (match := _SPLIT_STEM.fullmatch(stem)) and suffix in DATA_SUFFIXES and file.is_file():
            found[file] = match[1]
    return found


def left_out(folder: Path) -> list[str]:
    """The data files below a folder of files named by split that have no such name, and so are not read."""
    read = split_files(folder)
    if not read:
        return []
    files = (f for f in sorted(folder.rglob("*")) if stem_and_suffix(f)[1] in DATA_SUFFIXES and f.is_file())
    return [str(file.relative_to(folder)) for file in files if file not in read]


def _refuse_missing_shards(folder: str, files: Mapping[Path, str]) -> None:
    shards = [(file, match) for file in files if (match := _SHARD_STEM.fullmatch(stem_and_suffix(file)[0]))]
    for file, match in shards:
        there = sum(f.parent == file.parent and m[1] == match[1] and m[3] == match[3] for f, m in shards)
        if there != int(match[3]):
            raise UserError(
                f"{folder}: {there} of the {int(match[3])} files {match[1]}-*-of-{match[3]} are there. "
                "Copy or download the others."
            )


def _saved_splits(folder: Path, name: str) -> list[Source]:
    description = Source(folder / _SPLITS_FILE, f"{name}/{_SPLITS_FILE}")
    splits = _texts(description, "splits", _fields(description).get("splits"))
    found = []
    for split in splits:
        state = _confined(description, folder, f"{split}/{_STATE_FILE}")
        found += _saved_files(state.parent, f"{name}/{split}", split)
    return found


def _saved_files(folder: Path, name: str, split: str | None) -> list[Source]:
    description = Source(folder / _STATE_FILE, f"{name}/{_STATE_FILE}")
    state = _fields(description)
    if state.get("_indices_data_files"):
        raise UserError(
            f"{description.name}: the rows are chosen by an index file, as old versions of datasets did. "
            "Load it with such a version, call flatten_indices() and save it again."
        )
    entries = state.get("_data_files")
    names = [e.get("filename") for e in entries if isinstance(e, dict)] if isinstance(entries, list) else None
    if split is None and (named := re.match(r"\w+", str(state.get("_split")))) and named[0] in SPLITS:
        split = named[0]
    return [
        Source(_confined(description, folder, file), f"{name}/{file}", split)
        for file in _texts(description, "_data_files", names)
    ]


def _fields(description: Source) -> dict[str, object]:
    content = parse_document(description)
    if not isinstance(content, dict):
        raise UserError(f"{description.name}: not a JSON object, as save_to_disk writes it.")
    return content


def _texts(description: Source, field: str, values: object) -> list[str]:
    if not isinstance(values, list) or not values or not all(isinstance(v, str) for v in values):
        raise UserError(f"{description.name}: field {field!r} names nothing to read. Save the dataset again.")
    return values


def _confined(description: Source, folder: Path, file: str) -> Path:
    try:
        return inside(folder, file)
    except ValueError as error:
        raise UserError(f"{description.name}: {error}. Copy the whole folder again.") from None
