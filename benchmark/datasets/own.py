"""The user's own data as a dataset: every sample is checked before anything runs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from benchmark.datasets import values
from benchmark.datasets.fields import LOOKED_AT, Fields, asked_fields, sample_fields
from benchmark.datasets.formats.layout import left_out
from benchmark.datasets.formats.source import Record, name_of, stem_and_suffix
from benchmark.datasets.problems import Problems
from benchmark.datasets.records import peek, read_records
from benchmark.datasets.svg_folder import is_svg_folder, read_svg_folder
from benchmark.errors import UserError
from benchmark.samples import Dataset, Sample

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_LONGEST_NAME = 60


def load(
    path: Path,
    *,
    svg_field: str | None = None,
    caption_fields: Iterable[str] = (),
    id_field: str | None = None,
    group_field: str | None = None,
    split_field: str | None = None,
    max_errors: int = 1,
) -> Dataset:
    """The samples of a file or folder.

    Args:
        path: any source that :func:`benchmark.datasets.records.read_records` reads, or a folder of SVG files
            with a captions file (:func:`benchmark.datasets.svg_folder.read_svg_folder`).
        svg_field: the field with the drawing, or with the path of an ``.svg`` file in the folder of the data.
        caption_fields: the fields with references, each item one or several separated by commas.
        id_field: the field with the id. Without one, ids are made of the source's name and the position.
        group_field: the field with the sub-group.
        split_field: the field with the split. Without one, the split is the source's, or "test".
        max_errors: how many errors are shown at once.

    Fields that are not given are found by their usual names; see
    :func:`benchmark.datasets.fields.sample_fields`.

    Returns:
        The dataset, named after the file or folder. Its notes say ``source`` and ``fields``, how many blank
        and repeated references were left out, and which files of the folder were.

    Raises:
        UserError: names file, place, field and remedy of up to ``max_errors`` errors.
    """
    asked = asked_fields(svg=svg_field, captions=caption_fields, id=id_field, group=group_field, split=split_field)
    problems = Problems(max_errors)
    fields, records = _fields_and_records(path, asked, problems)
    stem = name_of(path) if path.is_dir() else stem_and_suffix(path)[0]
    samples: dict[str, Sample] = {}
    places: dict[str, str] = {}
    blank = repeated = 0
    for position, record in enumerate(problems.until_broken(records), 1):
        try:
            sample_id = values.id_text(record, fields.id) if fields.id else f"{stem}-{position:06d}"
            _refuse_duplicate(record, fields, sample_id, places)
            texts = values.captions(record, fields.captions)
            references = values.not_blank(record, fields.captions[0], texts)
            samples[sample_id] = Sample(
                id=sample_id,
                svg=values.drawing(record, fields.svg),
                references=tuple(dict.fromkeys(references)),
                group=values.group_text(record, fields.group),
                split=values.split_name(record, fields.split),
            )
        except UserError as error:
            problems.add(error)
            continue
        blank += len(texts) - len(references)
        repeated += len(references) - len(samples[sample_id].references)
    problems.raise_any()
    notes = {"source": name_of(path), "fields": str(fields)}
    notes |= {"blank references left out": str(blank)} if blank else {}
    notes |= {"repeated references left out": str(repeated)} if repeated else {}
    notes |= _files_left_out(path)
    return Dataset(_dataset_name(stem), tuple(samples.values()), notes)


def _fields_and_records(path: Path, asked: Fields, problems: Problems) -> tuple[Fields, Iterator[Record]]:
    if is_svg_folder(path):
        fields, found = read_svg_folder(path, asked, problems)
        return fields, iter(found)
    head, records = peek(read_records(path), LOOKED_AT)
    return sample_fields(head, asked), records


def _refuse_duplicate(record: Record, fields: Fields, sample_id: str, places: dict[str, str]) -> None:
    first = places.setdefault(sample_id, record.where)
    if first != record.where:
        raise record.error(
            fields.id,
            f"the id {sample_id!r} stands in {first} too. Give each sample an id of its own and all its "
            "captions in one record, or name another field with --id-field.",
        )


def _files_left_out(path: Path) -> dict[str, str]:
    files = left_out(path) if path.is_dir() else []
    return {"files left out, named by no split": ", ".join(files)} if files else {}


def _dataset_name(stem: str) -> str:
    return re.sub(r"[^\w.-]+", "-", stem).strip("-.")[:_LONGEST_NAME] or "dataset"
