"""The records of a file or folder of the user's, whatever its format."""

from __future__ import annotations

from itertools import chain, islice
from typing import TYPE_CHECKING

from benchmark.datasets.formats.arrow import read_arrow_stream, read_parquet
from benchmark.datasets.formats.json_files import read_json, read_json_lines
from benchmark.datasets.formats.layout import sources
from benchmark.datasets.formats.source import MAX_TEXT, Record, Source, name_of
from benchmark.datasets.formats.tables import read_caption_list, read_table
from benchmark.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_READERS: dict[str, Callable[[Source], Iterator[Record]]] = {
    ".jsonl": read_json_lines,
    ".ndjson": read_json_lines,
    ".json": read_json,
    ".csv": read_table,
    ".tsv": read_table,
    ".txt": read_caption_list,
    ".parquet": read_parquet,
    ".arrow": read_arrow_stream,
}
_UNPACKED_ONLY = (".parquet", ".arrow")


def read_records(path: Path) -> Iterator[Record]:
    """The records behind a path, in the order of the source.

    Formats: JSON Lines (``.jsonl``, ``.ndjson``), JSON (a list of objects, such a list under one key, ids
    mapped to captions, COCO captions, COCO results), ``.csv``, ``.tsv`` and ``.txt`` (``NAME<TAB>CAPTION``),
    each also as ``.gz``; ``.parquet``; a folder saved by ``save_to_disk``; a folder of files named by split.
    Text is UTF-8, with or without byte order mark. Nothing in the data is executed, unpickled or fetched.

    Raises:
        UserError: on the way, naming file and place: unreadable, empty, unknown or broken, a line or field
            longer than :data:`MAX_TEXT`, or no records at all.
    """
    empty = True
    for source in sources(path):
        for record in _reader(source)(source):
            _refuse_long_fields(record)
            empty = False
            yield record
    if empty:
        raise UserError(f"{name_of(path)}: holds no records.")


def peek(records: Iterator[Record], count: int) -> tuple[list[Record], Iterator[Record]]:
    """The first records, and an iterator over all of them.

    An error among the first is raised at once only when it stands before the first record, otherwise in its
    turn.
    """
    head: list[Record] = []
    rest = records
    try:
        for record in islice(records, count):
            head.append(record)  # not a comprehension: the list must survive the error
    except UserError as error:
        if not head:
            raise
        rest = _raising(error)
    return head, chain(head, rest)


def _raising(error: UserError) -> Iterator[Record]:
    yield from ()  # makes this a generator, so that the error comes in its turn
    raise error


def _reader(source: Source) -> Callable[[Source], Iterator[Record]]:
    packed = source.path.suffix.lower() == ".gz"
    if source.suffix not in _READERS or (packed and source.suffix in _UNPACKED_ONLY):
        hint = ""
        if source.suffix == ".svg":
            hint = " A drawing alone has no references: put it in a folder with a captions.csv."
        elif packed and source.suffix in _UNPACKED_ONLY:
            hint = " Unpack it: gunzip."
        known = " ".join(suffix for suffix in _READERS if suffix != ".arrow")
        raise UserError(f"{source.name}: not a format that can be read (known: {known}).{hint}")
    return _READERS[source.suffix]


def _refuse_long_fields(record: Record) -> None:
    for field, value in record.data.items():
        for text in value if isinstance(value, list) else (value,):
            if isinstance(text, str) and len(text) > MAX_TEXT:
                raise record.error(field, f"longer than {MAX_TEXT:,} characters. Shorten or remove it.")
