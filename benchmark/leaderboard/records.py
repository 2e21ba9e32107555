"""Rows as records, frames and CSV; and back from a CSV of this or an older version. Columns: ``schema``."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmark.errors import UserError
from benchmark.leaderboard.schema import FIXED, VERSION, in_order
from benchmark.metrics.base import METRICS
from benchmark.ranking import Row, Table
from benchmark.store import SampleSet

if TYPE_CHECKING:
    import pandas as pd

_BOUNDS = ("", "_low", "_high")
_NOT_AVAILABLE = "n/a: "  # of version 1


def records(sample_set: SampleSet, found: Sequence[Row]) -> list[dict[str, Any]]:
    """Rows of one sample set: column of the CSV -> value; without the columns that a row has no value in."""
    about = sample_set.description
    return [
        {
            "schema": VERSION,
            "dataset": about["dataset"],
            "split": about["split"],
            "n": row.facts["n"] if "n" in row.facts else about["n"],
            "subset": row.subset,
            "table": row.table,
            "rank": row.rank,
            "ranked_by": row.ranked_by,
            "better": "; ".join(row.better),
            "captioner": row.captioner,
            "status": row.status,
            "reason": row.reason,
        }
        | {
            f"{column}{bound}": row.scores[column][key]
            for column in row.columns()
            for key, bound in zip(("score", "low", "high"), _BOUNDS, strict=True)
            if key in row.scores[column]
        }
        | {key: value for key, value in row.facts.items() if key != "n"}
        | {
            "flags": "; ".join(row.flags),
            "not_scored": "; ".join(
                f"{column}: {score['unavailable']}" for column, score in row.scores.items() if "unavailable" in score
            ),
            "dataset_fingerprint": about["fingerprint"][:12],
            "signatures": "; ".join(score["signature"] for score in row.scores.values()),
        }
        for row in found
    ]


def frame(tables: Iterable[Table]) -> pd.DataFrame:
    """Every row of the tables, in the columns and types of the CSV."""
    import pandas as pd

    tables = list(tables)
    everything = [record for table in tables for record in records(table.sample_set, table.rows)]
    asked = [f"{column}{bound}" for t in tables for row in t.rows for column in row.scores for bound in _BOUNDS]
    there = dict.fromkeys([*(column for record in everything for column in record), *asked])
    known = [f"{column}{bound}" for name in METRICS for column in METRICS[name].columns for bound in _BOUNDS]
    # The composite, and metrics of a package that is not installed here, stand behind the known ones.
    others = [column for column in there if column not in FIXED and column not in known]
    columns = [column for column in known if column in there] + others
    return _typed(pd.DataFrame(everything, columns=in_order(columns)))


def csv_of(table: pd.DataFrame) -> str:
    """A frame as CSV, numbers with six digits behind the point."""
    text = io.StringIO()
    table.to_csv(text, index=False, lineterminator="\n", float_format="%.6f")
    return text.getvalue()


def read_leaderboard(path: Path | str) -> pd.DataFrame:
    """A leaderboard.csv of this version or an older one, in the columns and types of this one.

    Integers are ``Int64``, numbers ``float64``, texts ``string`` and never missing. ``schema`` says of which version
    the file was; what that did not have is empty. Raises UserError.
    """
    import pandas as pd

    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")
        missing = {"dataset", "split", "n", "rank", "captioner", "status", "signatures"} - set(table.columns)
        if missing:
            raise ValueError(f"it has no column {min(missing)!r}")
        versions = set(table["schema"].astype(int)) if "schema" in table else {1}
        if versions - {*range(1, VERSION + 1)}:
            newer = f"its schema is of version {max(versions)}, and this program knows versions up to {VERSION}"
            raise ValueError(newer)
        return _typed(_of_version_1(table) if "schema" not in table else table)
    except (OSError, ValueError, TypeError) as error:  # pandas' own errors are of these
        raise UserError(f"cannot read {path} as a leaderboard: {error}.") from error


def _of_version_1(table: pd.DataFrame) -> pd.DataFrame:
    """The columns of today. Ranks are as they were: by score alone."""
    metrics = [column for column in table.columns if column not in FIXED]
    reasons = table[metrics].apply(
        lambda row: "; ".join(
            f"{column}: {value.removeprefix(_NOT_AVAILABLE)}"
            for column, value in row.items()
            if value.startswith(_NOT_AVAILABLE)
        ),
        axis=1,
        result_type="reduce",
    )
    numbers = table[metrics].mask(table[metrics].apply(lambda column: column.str.startswith(_NOT_AVAILABLE)), "")
    old = table.assign(**{name: numbers[name] for name in metrics}, schema="1", not_scored=reasons)
    return old.reindex(columns=in_order(metrics), fill_value="")


def _typed(table: pd.DataFrame) -> pd.DataFrame:
    """Every column in its type; an empty text in a column of numbers is a missing one."""
    import pandas as pd

    typed: dict[str, Any] = {}
    for name in table.columns:
        kind = FIXED[name].kind if name in FIXED else "number"
        if kind == "text":
            typed[name] = table[name].astype("string").fillna("")
        else:
            numbers = pd.to_numeric(table[name].replace("", None))
            typed[name] = numbers.astype("Int64") if kind == "integer" else numbers.astype("float64")
    return pd.DataFrame(typed, columns=list(table.columns))
