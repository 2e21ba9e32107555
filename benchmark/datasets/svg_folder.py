"""A folder of SVG files with one file of captions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from benchmark.datasets.captions import Captioned, gather
from benchmark.datasets.formats.layout import is_hugging_face
from benchmark.datasets.formats.source import Record, name_of, stem_and_suffix
from benchmark.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from benchmark.datasets.fields import Fields
    from benchmark.datasets.problems import Problems

_SUFFIXES = (".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".txt")
_SHOWN = 5  # names per list in a message


def is_svg_folder(path: Path) -> bool:
    """Whether a path is a folder with SVG files, in it or below, and not a Hugging Face folder."""
    return path.is_dir() and not is_hugging_face(path) and bool(_drawings(path))


def read_svg_folder(folder: Path, asked: Fields, problems: Problems) -> tuple[Fields, list[Record]]:
    """One record per drawing, and the fields to read it by; the id is the path without ``.svg``.

    The captions stand in ``captions.jsonl``, ``.json``, ``.csv``, ``.tsv`` or ``.txt`` (``NAME<TAB>CAPTION``)
    in the folder. A name there is the path of the drawing from the folder or its file name, with or without
    ``.svg``; a drawing that is named several times has several references. Other fields are those of its
    first record.

    Raises:
        UserError: no captions file or several, drawings without captions or captions without a drawing (names
            both), a name that fits several drawings. What is wrong with single records goes to ``problems``.
    """
    if asked.svg:
        raise UserError(f"{name_of(folder)}: --svg-field has no meaning for a folder of .svg files.")
    file = _captions_file(folder)
    drawings = _drawings(folder)
    by_name = _by_name(drawings)
    fields, captions = gather(file, asked, problems, likely_id=lambda value: str(value) in by_name)
    found: dict[str, Captioned] = {}
    strays: list[str] = []
    for name, entry in captions.items():
        fitting = by_name.get(name, [])
        if len(fitting) > 1:
            problems.add(entry.record.error(fields.id, f"{name!r} fits several drawings: {', '.join(fitting)}."))
        elif fitting:
            found.setdefault(fitting[0], Captioned(entry.record, [])).texts.extend(entry.texts)
        else:
            strays.append(f"{name!r} ({entry.record.where})")
    problems.raise_any()
    bare = [drawing for drawing in drawings if drawing not in found]
    if bare or strays:
        raise _unmatched(file, folder, bare, strays)
    svg, texts = "svg", fields.captions[0]
    records = [
        replace(
            found[drawing].record,
            data={
                **found[drawing].record.data,
                fields.id: drawing[: -len(".svg")],
                svg: drawing,
                texts: found[drawing].texts,
            },
        )
        for drawing in drawings
    ]
    return replace(fields, svg=svg, captions=(texts,)), records


def _drawings(folder: Path) -> list[str]:
    files = (file for file in folder.rglob("*") if file.suffix.lower() == ".svg" and file.is_file())
    return sorted(file.relative_to(folder).as_posix() for file in files)


def _captions_file(folder: Path) -> Path:
    found = []
    for file in sorted(folder.iterdir()):
        stem, suffix = stem_and_suffix(file)
        if stem.lower() == "captions" and suffix in _SUFFIXES:
            found.append(file)
    names = f"captions{' captions'.join(_SUFFIXES)}"
    if not found:
        raise UserError(
            f"{name_of(folder)}: a folder of .svg files without a captions file (one of: {names}). "
            "Add one that names each drawing, or give the file that names the drawings instead of the folder."
        )
    if len(found) > 1:
        there = ", ".join(file.name for file in found)
        raise UserError(f"{name_of(folder)}: several captions files ({there}). Keep one.")
    return found[0]


def _by_name(drawings: Iterable[str]) -> dict[str, list[str]]:
    """The drawings that each name may mean; a whole path means only that drawing."""
    names: dict[str, list[str]] = {}
    paths: dict[str, list[str]] = {}
    for drawing in drawings:
        short = drawing.rpartition("/")[2]
        for name in {short, short[: -len(".svg")]}:
            names.setdefault(name, []).append(drawing)
        paths |= {drawing: [drawing], drawing[: -len(".svg")]: [drawing]}
    return names | paths


def _unmatched(file: Path, folder: Path, bare: list[str], strays: list[str]) -> UserError:
    parts = [f"drawings without a caption: {_some(bare)}"] if bare else []
    parts += [f"captions without a drawing: {_some(strays)}"] if strays else []
    return UserError(
        f"{file.name} and the .svg files in {name_of(folder)} do not match: {'; '.join(parts)}. "
        "Each drawing needs a caption under its file name, and each caption a drawing."
    )


def _some(names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
