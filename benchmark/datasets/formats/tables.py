"""CSV, TSV, and plain lists of name and caption."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from benchmark.datasets.formats.lines import numbered_lines
from benchmark.datasets.formats.source import MAX_TEXT, Record, Source

if TYPE_CHECKING:
    from collections.abc import Iterator


def read_table(source: Source) -> Iterator[Record]:
    """Comma-separated (``.csv``) or tab-separated (``.tsv``) rows under a row of field names.

    Quotes are those of RFC 4180 in both. A record's place is the line where it begins, also when quoted cells
    before it hold line breaks.

    Raises:
        UserError: a row has more or fewer cells than there are names, a quote is not closed, a cell is longer
            than :data:`MAX_TEXT`, or a name is missing or stands twice; names the line.
    """
    csv.field_size_limit(max(csv.field_size_limit(), MAX_TEXT))  # the default would refuse larger drawings
    delimiter = "\t" if source.suffix == ".tsv" else ","
    reader = csv.reader((line for _, line in numbered_lines(source)), delimiter=delimiter, strict=True)
    names: list[str] = []
    while True:
        place = f"line {reader.line_num + 1}"
        try:
            row = next(reader, None)
        except csv.Error as error:
            hint = 'Quote a cell that holds quotes, and write each quote in it twice: "a ""B"" sign".'
            raise source.error(place, f"the row that begins here is broken: {error}. {hint}") from None
        if row is None:
            return
        if not row:
            continue
        if not names:
            names = _checked_names(source, place, row)
        elif len(row) != len(names):
            raise source.error(
                place,
                f"{len(row)} cells where the first row names {len(names)} ({', '.join(names)}). "
                "Quote cells that hold the separator, and leave none out.",
            )
        else:
            yield Record(dict(zip(names, row, strict=True)), source, place)


def read_caption_list(source: Source) -> Iterator[Record]:
    """``NAME<TAB>CAPTION`` on each line, as records with ``file_name`` and ``caption``; without a head row.

    Raises:
        UserError: a line without a tab; names the line.
    """
    for number, line in numbered_lines(source):
        if not line.strip():
            continue
        name, tab, caption = line.rstrip("\r\n").partition("\t")
        if not tab:
            raise source.error(f"line {number}", "no tab between name and caption. Write NAME<TAB>CAPTION.")
        yield Record({"file_name": name, "caption": caption}, source, f"line {number}")


def _checked_names(source: Source, place: str, row: list[str]) -> list[str]:
    names = [name.strip() for name in row]
    for position, name in enumerate(names, 1):
        if not name:
            raise source.error(place, f"column {position} has no name. The first row names the fields.")
        if names.index(name) != position - 1:
            raise source.error(place, f"field {name!r}: two columns have this name. Rename one.")
    return names
