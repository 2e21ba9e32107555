"""JSON Lines and JSON documents."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from benchmark.datasets.formats.coco import captions_by_image
from benchmark.datasets.formats.lines import document, numbered_lines
from benchmark.datasets.formats.source import Record, Source
from benchmark.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator

_SUBJECT_KEYS = frozenset({"id", "image_id", "svg"})
_CAPTION_KEYS = frozenset({"caption", "captions", "reference", "references"})


def read_json_lines(source: Source) -> Iterator[Record]:
    """One JSON object per line; blank lines are passed over.

    Raises:
        UserError: names the line, and the column where the JSON breaks.
    """
    for number, line in numbered_lines(source):
        if not line.strip():
            continue
        value = _parse(source, line.rstrip("\r\n"), number, "In JSON Lines every line is one whole object.")
        if not isinstance(value, dict):
            raise source.error(f"line {number}", "this is not a JSON object like {...}.")
        yield Record(value, source, f"line {number}")


def read_json(source: Source) -> Iterator[Record]:
    """The records of one JSON document.

    It is one of: a list of objects; an object with such a list under one key; a COCO captions file
    (``images`` and ``annotations``); an object that maps ids to a caption or to a list of captions, which
    become records with ``id`` and ``captions``; a single record.

    Raises:
        UserError: the JSON is broken (names line and column) or holds something else.
    """
    content = parse_document(source)
    if isinstance(content, dict) and {"images", "annotations"} <= content.keys():
        yield from captions_by_image(source, content["images"], content["annotations"])
        return
    for position, item in enumerate(_items(source, content), 1):
        if not isinstance(item, dict):
            raise source.error(f"item {position}", "this is not a JSON object like {...}.")
        yield Record(item, source, f"item {position}")


def parse_document(source: Source) -> object:
    """The value of a whole JSON document. Raises UserError naming line and column."""
    return _parse(source, document(source), 1, "If every line is an object of its own, name the file .jsonl.")


def _items(source: Source, content: object) -> list[object]:
    if isinstance(content, list):
        return content
    if isinstance(content, dict):
        lists = [value for value in content.values() if _is_list_of_objects(value)]
        if len(lists) == 1:
            return list(lists[0])
        if content.keys() & _SUBJECT_KEYS and content.keys() & _CAPTION_KEYS:  # one record, not ids and captions
            return [content]
        if all(_is_caption_cell(value) for value in content.values()):
            return [{"id": key, "captions": value} for key, value in content.items()]
    raise UserError(
        f"{source.name}: holds none of: a list of objects; an object with one such list; "
        "an object that maps ids to captions; COCO captions (images and annotations)."
    )


def _is_list_of_objects(value: object) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


def _is_caption_cell(value: object) -> bool:
    return isinstance(value, str) or (isinstance(value, list) and all(isinstance(v, str) for v in value))


def _parse(source: Source, text: str, line: int, hint: str) -> object:
    try:
        return json.loads(text, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        place = f"line {line + error.lineno - 1}, column {error.colno}"
        raise source.error(place, f"broken JSON: {error.msg}. {hint}") from None
    except RecursionError:
        raise source.error(f"line {line}", "the JSON is nested too deeply.") from None
    except ValueError as error:  # a key that stands twice, a number with thousands of digits
        raise source.error(f"line {line}", f"bad JSON: {error}.") from None


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    content = dict(pairs)
    if len(content) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in content if keys.count(key) > 1)
        raise ValueError(f"the key {twice!r} stands twice in one object, so one value would be lost")
    return content
