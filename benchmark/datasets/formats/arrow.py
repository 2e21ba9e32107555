"""Parquet files and Arrow streams (the files of a saved Hugging Face dataset). Needs pyarrow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmark.datasets.formats.lines import opened
from benchmark.datasets.formats.source import Record, Source
from benchmark.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator

_ROWS_AT_ONCE = 64  # bounds the memory that rows with large cells take


def read_parquet(source: Source) -> Iterator[Record]:
    """The rows of a Parquet file. Raises UserError when it is broken or pyarrow is missing."""
    pyarrow = _pyarrow(source)
    from pyarrow.parquet import ParquetFile

    with opened(source) as stream:
        try:
            batches = ParquetFile(stream).iter_batches(batch_size=_ROWS_AT_ONCE)
            yield from _records(source, batches)
        except (pyarrow.ArrowException, OSError, UnicodeDecodeError) as error:
            raise UserError(f"{source.name}: not a readable Parquet file: {error}.") from None


def read_arrow_stream(source: Source) -> Iterator[Record]:
    """The rows of an Arrow stream. Raises UserError when it is broken or pyarrow is missing."""
    pyarrow = _pyarrow(source)
    with opened(source) as stream:
        try:
            yield from _records(source, pyarrow.ipc.open_stream(stream))
        except (pyarrow.ArrowException, OSError, UnicodeDecodeError) as error:
            raise UserError(f"{source.name}: not a readable Arrow stream: {error}.") from None


def _records(source: Source, batches: Any) -> Iterator[Record]:
    position = 0
    for batch in batches:
        for start in range(0, batch.num_rows, _ROWS_AT_ONCE):
            for row in batch.slice(start, _ROWS_AT_ONCE).to_pylist():
                position += 1
                yield Record(row, source, f"row {position}")


def _pyarrow(source: Source) -> Any:
    try:
        import pyarrow
        import pyarrow.ipc
    except ImportError:
        raise UserError(
            f"{source.name}: reading this format needs pyarrow: pip install 'svg-caption-bench[parquet]'"
        ) from None
    return pyarrow
