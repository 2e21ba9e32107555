"""Files as text: plain or gzip, UTF-8 only, with bounds on what one line or one document may take."""

from __future__ import annotations

import gzip
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO, Final, cast

from benchmark.datasets.formats.source import MAX_TEXT, Source
from benchmark.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_DOCUMENT: Final = 2**30
"""The longest JSON document (bytes) that is read as a whole."""

_LFS_POINTER = b"version https://git-lfs"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


@contextmanager
def opened(source: Source) -> Iterator[BinaryIO]:
    """The file's bytes, decompressed when its name ends in ``.gz``.

    Raises:
        UserError: it cannot be opened, is empty, is a Git LFS pointer, or its compression is broken or cut
            off; the last also while the body reads.
    """
    try:
        with source.path.open("rb") as raw:
            head = raw.peek(len(_LFS_POINTER))
            if not head:
                raise UserError(f"{source.name}: the file is empty.")
            if head.startswith(_LFS_POINTER):
                raise UserError(f"{source.name}: only a Git LFS pointer, not the data. Fetch it: git lfs pull")
            if source.path.name.lower().endswith(".gz"):
                with gzip.GzipFile(fileobj=raw) as unpacked:
                    yield cast("BinaryIO", unpacked)
            else:
                yield raw
    except IsADirectoryError:
        raise UserError(f"{source.name}: this is a folder where a file is meant.") from None
    except EOFError:
        raise UserError(f"{source.name}: the gzip file is cut off. Copy or download it again.") from None
    except (gzip.BadGzipFile, zlib.error) as error:
        raise UserError(f"{source.name}: broken gzip: {error}. Copy or download the file again.") from None
    except OSError as error:
        raise UserError(f"{source.name}: cannot be read: {error.strerror or error}.") from None


def numbered_lines(source: Source) -> Iterator[tuple[int, str]]:
    """Line numbers from 1, and the lines with their line ends; a byte order mark is left out.

    Raises:
        UserError: as :func:`opened`; a line is longer than :data:`MAX_TEXT` or is not UTF-8.
    """
    with opened(source) as stream:
        number = 0
        while line := stream.readline(MAX_TEXT + 1):
            number += 1
            if len(line) > MAX_TEXT:
                raise source.error(f"line {number}", f"longer than {MAX_TEXT:,} bytes. Shorten or remove it.")
            yield number, _decode(source, line, number)


def document(source: Source) -> str:
    """The whole text; a byte order mark is left out.

    Raises:
        UserError: as :func:`opened`; the text is longer than :data:`MAX_DOCUMENT` or is not UTF-8.
    """
    with opened(source) as stream:
        data = stream.read(MAX_DOCUMENT + 1)
    if len(data) > MAX_DOCUMENT:
        raise UserError(
            f"{source.name}: longer than {MAX_DOCUMENT:,} bytes. "
            "Save it as JSON Lines (.jsonl), which is read line by line."
        )
    return _decode(source, data, 1)


def _decode(source: Source, data: bytes, first_line: int) -> str:
    try:
        return data.decode("utf-8-sig" if first_line == 1 else "utf-8")
    except UnicodeDecodeError as error:
        line = first_line + data.count(b"\n", 0, error.start)
        byte = error.start - data.rfind(b"\n", 0, error.start)
        utf16 = first_line == 1 and data.startswith(_UTF16_MARKS)
        encoding = "UTF-16" if utf16 else "WINDOWS-1252"
        guess = "It looks like UTF-16. " if utf16 else ""
        raise source.error(
            f"line {line}",
            f"byte {byte} of the line (0x{data[error.start]:02x}) is not UTF-8. {guess}"
            f"Save the file as UTF-8, e.g.: iconv -f {encoding} -t UTF-8 OLD > NEW",
        ) from None
