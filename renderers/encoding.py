"""From the bytes of an SVG file to its text: gzip, byte order marks, declared, undeclared and wrong encodings.

The XML standard (appendix F) leaves few doubts: a byte order mark decides, then the declaration, else it is
UTF-8. Files that break it were nearly always written by Windows programs as code page 1252 (Latin-1 with curly
quotes), which is what browsers assume too.
"""

from __future__ import annotations

import codecs
import re
import zlib

from renderers.base import InvalidSvg, TruncatedSvg, UnsafeSvg
from renderers.limits import Limits

UNDECLARED = "undeclared-encoding"
"""The repair of a file that is not in UTF-8 and does not say what it is in."""
WRONG = "wrong-encoding"
"""The repair of a file that is not in the encoding that it declares."""

_GZIP = b"\x1f\x8b"
# The UTF-32 mark begins with that of UTF-16, so it comes first.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# How "<?" looks in encodings of two and four bytes without a mark. An SVG begins with "<" in any case.
_WIDE = (
    (b"<\0\0\0", "utf-32-le"),
    (b"\0\0\0<", "utf-32-be"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)
_DECLARED = re.compile(rb"""\s*+<\?xml\s[^>]*?\bencoding\s*+=\s*+["']([A-Za-z][\w.-]{0,40})["']""")
# Python has codecs that are no encodings of text files (punycode, unicode_escape), some of them slow.
_OF_FILES = re.compile(
    r"utf-8(-sig)?|ascii|(iso8859|mac|euc|iso2022|shift)[-_]\w+|(cp|gb|big5|koi8|tis-|ptcp|kz)[-_\w]+|johab|hz"
)


def decode(data: bytes, limits: Limits, *, repair: bool = True) -> tuple[str, tuple[str, ...]]:
    """The text of an SVG file, compressed (.svgz) or not, and names of what had to be put right.

    Args:
        data: the file.
        limits: ``bytes`` bounds both the file and what is unpacked from it.
        repair: guess the encoding of a file that is not in the one that it declares.

    Raises:
        UnsafeSvg: larger than ``limits.bytes``; nothing beyond the limit is unpacked.
        TruncatedSvg: the compressed data ends early.
        InvalidSvg: broken compression; without ``repair`` also text in another encoding than declared.
    """
    _hold(len(data), limits)
    if data.startswith(_GZIP):
        data = _unpacked(data, limits)
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _strictly(data, encoding), ()
    for start, encoding in _WIDE:
        if data.startswith(start):
            return _without_mark(data, encoding, repair=repair)
    declared = _DECLARED.match(data)
    name = declared[1].decode() if declared else "utf-8"
    encoding = _encoding_of_files(name)
    try:
        if not encoding:
            raise InvalidSvg(f"the SVG declares an encoding that cannot be read: {name!r}")
        return _strictly(data, encoding), ()
    except InvalidSvg:
        if not repair:
            raise
        return _guessed(data), (WRONG if declared else UNDECLARED,)


def _hold(size: int, limits: Limits) -> None:
    if size > limits.bytes:
        raise UnsafeSvg(f"the SVG has {size:,} bytes or more; at most {limits.bytes:,} are drawn")


def _unpacked(data: bytes, limits: Limits) -> bytes:
    """The content of a gzip file, unpacked no further than the limit."""
    stream = zlib.decompressobj(wbits=31)
    try:
        unpacked = stream.decompress(data, limits.bytes + 1)
    except zlib.error as error:
        raise InvalidSvg(f"the compressed SVG (.svgz) is broken: {error}") from error
    _hold(len(unpacked), limits)
    if not stream.eof:
        raise TruncatedSvg(f"the compressed SVG (.svgz) ends early, after {len(unpacked):,} bytes of text")
    if stream.unused_data.strip(b"\0"):  # zeros are padding; anything else would be left out in silence
        raise InvalidSvg("the compressed SVG (.svgz) goes on after its end; compress it anew as one file")
    return unpacked


def _encoding_of_files(name: str) -> str:
    """Python's name of an encoding with one byte for "<", "" when there is none."""
    try:
        codec = codecs.lookup(name).name
    except LookupError:
        return ""
    return codec if _OF_FILES.fullmatch(codec) else ""


def _strictly(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise InvalidSvg(f"the SVG is not in {encoding}: byte {error.start} cannot be decoded") from error


def _without_mark(data: bytes, encoding: str, *, repair: bool) -> tuple[str, tuple[str, ...]]:
    """Text in UTF-16 or UTF-32 without a byte order mark: allowed only with a declaration."""
    text = _strictly(data, encoding)
    if text.startswith("<?xml"):
        return text, ()
    if not repair:
        raise InvalidSvg(f"the SVG is in {encoding} without a byte order mark and without a declaration")
    return text, (UNDECLARED,)


def _guessed(data: bytes) -> str:
    """Text by what the bytes allow: UTF-8, code page 1252, or Latin-1, in which every byte means something."""
    for encoding in ("utf-8", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")
