"""The files of a leaderboard: CSV, Markdown, LaTeX, JSON, and a CSV of the tests behind the ranks."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmark.files import write_atomic
from benchmark.leaderboard.latex import latex
from benchmark.leaderboard.records import csv_of, frame, records
from benchmark.leaderboard.schema import VERSION, fields
from benchmark.leaderboard.text import markdown, remarks, signatures, title, warnings
from benchmark.ranking import Ranking, Table, tables
from benchmark.store import sample_sets

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Written:
    """What :func:`write` left: the files, and the tables that are in them."""

    paths: Sequence[Path]
    tables: Sequence[Table]


def write(output_dir: Path, ranking: Ranking = Ranking()) -> Written:
    """Write leaderboard.csv, .md, .tex, .json and .pairs.csv of all sample sets below ``output_dir``.

    Tables of parts of the samples go to files of their own: leaderboard.by-group.csv and so on. Raises UserError.
    """
    found = tables(sample_sets(output_dir), ranking)
    stem = f"leaderboard.by-{ranking.by}" if ranking.by else "leaderboard"
    contents = {f"{stem}{ending}": form(found) for ending, form in FORMATS.items()}
    for name, content in contents.items():
        write_atomic(output_dir / name, content)
    return Written([output_dir / name for name in contents], found)


def document(found: Sequence[Table]) -> dict[str, Any]:
    """The tables as one JSON document; numbers with six digits behind the point, as in the CSV."""
    columns = {name: column for table in found for name, column in table.columns.items()}
    there = {name for table in found for row in table.rows for name in row.scores}
    described = {name: column for name, column in columns.items() if name in there}
    return {
        "schema": VERSION,
        "columns": {field.name: asdict(field) for field in fields(described)},
        "warnings": warnings(found),
        "tables": [
            {
                "title": title(table),
                "sample_set": table.sample_set.path.name,
                "subset": table.subset,
                "table": table.apart,
                "ranked_by": table.ranked_by,
                "remarks": remarks(table),
                "signatures": signatures(table),
                "notes": table.sample_set.description["notes"],
                "rows": _rounded(records(table.sample_set, table.rows)),
                "pairs": _rounded([asdict(pair) for pair in table.pairs]),
            }
            for table in found
        ],
    }


def pairs_frame(found: Sequence[Table]) -> pd.DataFrame:
    """The tests behind the ranks: difference of the first captioner's number and the second's, interval, p-values."""
    import pandas as pd

    abouts = {table.sample_set: table.sample_set.description for table in found}
    lines = [
        {
            "schema": VERSION,
            "dataset": abouts[table.sample_set]["dataset"],
            "split": abouts[table.sample_set]["split"],
            "n": table.n,
            "subset": table.subset,
            "table": table.apart,
            "column": table.ranked_by,
            **asdict(pair),
            "dataset_fingerprint": abouts[table.sample_set]["fingerprint"][:12],
        }
        for table in found
        for pair in table.pairs
    ]
    return pd.DataFrame(
        lines,
        columns=[
            *("schema", "dataset", "split", "n", "subset", "table", "column", "first", "second"),
            *("difference", "low", "high", "p", "p_holm", "dataset_fingerprint"),
        ],
    )


def _markdown(found: Sequence[Table]) -> str:
    notes = "".join(f"> {line}\n\n" for line in warnings(found))
    return notes + "\n".join(markdown(table) for table in found)


def _rounded(lines: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {key: round(value, 6) if isinstance(value, float) else value for key, value in line.items()} for line in lines
    ]


FORMATS: Mapping[str, Callable[[Sequence[Table]], str]] = {
    ".csv": lambda found: csv_of(frame(found)),
    ".md": _markdown,
    ".tex": lambda found: "\n".join(latex(table) for table in found),
    ".json": lambda found: json.dumps(document(found), ensure_ascii=False, indent=2) + "\n",
    ".pairs.csv": lambda found: csv_of(pairs_frame(found)),
}
"""Ending of a file -> the text of the tables in it."""
