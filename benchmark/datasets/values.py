"""What the fields of one record say: the drawing, the captions, the id, the group and the split, checked."""

from __future__ import annotations

import json
import math
import re
import unicodedata
from typing import TYPE_CHECKING

from benchmark.datasets.formats.source import SPLITS, Record
from benchmark.datasets.svg_files import is_svg_path, read_svg

if TYPE_CHECKING:
    from benchmark.errors import UserError


def drawing(record: Record, field: str) -> str:
    """The SVG text of a record, or of the ``.svg`` file that it names. Raises UserError."""
    text = _text(record, field, _value(record, field, "--svg-field"))
    if is_svg_path(text):
        try:
            text = read_svg(record.source.path.parent, text)
        except ValueError as error:
            raise record.error(field, f"{error}.") from None
    if not text.strip():
        raise record.error(field, "the drawing is empty. Give its SVG, or remove the record.")
    if "<" not in text and "=" not in text:
        shown = text.strip()[:40]
        raise record.error(
            field,
            f"{shown!r} is neither SVG nor the path of an .svg file. Name the right field with --svg-field.",
        )
    return text


def captions(record: Record, fields: tuple[str, ...], *, verbatim: bool = False) -> list[str]:
    """All captions that the fields hold, as they stand: texts, lists of texts, and in CSV lists as JSON.

    Of several fields some may be missing or empty. ``verbatim`` takes a cell of a CSV as one caption whatever
    it looks like: a model may well answer a list.

    Raises:
        UserError: none of the fields is there, or a value is neither a text nor a list of texts.
    """
    there = [field for field in fields if field in record.data]
    if not there:
        raise _missing(record, fields[0], "--prediction-field" if verbatim else "--caption-field")
    found: list[str] = []
    for field in there:
        value = record.data[field]
        if isinstance(value, str) and record.source.text_only and not verbatim:
            value = _json_list(record, field, value)
        if value is None or (value == "" and len(fields) > 1):
            continue
        if isinstance(value, list):
            found += [_text(record, field, item, f"item {n} ") for n, item in enumerate(value, 1)]
        else:
            found.append(_text(record, field, value))
    return found


def not_blank(record: Record, field: str, texts: list[str]) -> list[str]:
    """The texts without surrounding blanks, all-blank ones left out. Raises UserError when none is left."""
    kept = [text.strip() for text in texts if text.strip()]
    if not kept:
        what = "only blank captions" if texts else "no caption"
        raise record.error(field, f"{what}. A sample needs a reference: add one, or remove the record.")
    return kept


def id_text(record: Record, field: str) -> str:
    """The id as text: a whole number without decimals, a text as it stands. Raises UserError."""
    value = _value(record, field, "--id-field")
    if isinstance(value, float) and math.isfinite(value):
        return str(int(value)) if value.is_integer() else str(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise record.error(field, f"the id is {_kind(value)}. Write it as text or number.")
    text = _text(record, field, value)
    if not text.strip():
        raise record.error(field, "the id is empty. Give the record an id of its own.")
    if any(unicodedata.category(character) in ("Cc", "Zl", "Zp") for character in text):
        raise record.error(field, f"the id {text!r} holds control characters or line breaks. Remove them.")
    return text


def group_text(record: Record, field: str) -> str:
    """The group, "" where the record gives none. Raises UserError for what is neither text nor number."""
    value = record.data.get(field) if field else None
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise record.error(field, f"the group is {_kind(value)}. Write it as text, or name another --group-field.")
    return _text(record, field, str(value)).strip()


def split_name(record: Record, field: str) -> str:
    """``train``, ``validation`` or ``test``, from the field if there is one, otherwise from the source.

    A source that names no split is all ``test``.

    Raises:
        UserError: a missing or unknown split.
    """
    value = _value(record, field, "--split-field") if field else (record.split or "test")
    split = SPLITS.get(value.strip().lower()) if isinstance(value, str) else None
    if split is None:
        raise record.error(
            field or "split",
            f"{value!r} is no split. Write train, validation or test (also: {', '.join(SPLITS)}); "
            "to read the data of another split as test, give its file or folder alone.",
        )
    return split


def _value(record: Record, field: str, option: str) -> object:
    if field not in record.data:
        raise _missing(record, field, option)
    return record.data[field]


def _missing(record: Record, field: str, option: str) -> UserError:
    there = ", ".join(record.data) or "none"
    return record.error(field, f"missing; this record has: {there}. Add it, or name another with {option}.")


def _text(record: Record, field: str, value: object, part: str = "") -> str:
    if not isinstance(value, str):
        raise record.error(field, f"{part}is {_kind(value)}, not text. Mend it, or remove the record.")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise record.error(
            field,
            f"{part}holds half a character (\\u{ord(value[error.start]):04x}). Remove it.",
        ) from None
    return value


def _json_list(record: Record, field: str, cell: str) -> object:
    if not re.fullmatch(r"""\s*\[\s*(['"].*)?\]\s*""", cell, re.DOTALL):
        return cell
    try:
        return json.loads(cell)
    except (ValueError, RecursionError):
        raise record.error(
            field, 'looks like a list, but is not JSON. Write it as ["a red circle", "a disc"].'
        ) from None


def _kind(value: object) -> str:
    if value is None:
        return "null"
    names = {
        bool: "true or false",
        str: "text",
        int: "a number",
        float: "a number",
        list: "a list",
        dict: "an object",
    }
    return names.get(type(value), type(value).__name__)
