"""The text of an SVG file, whatever it is encoded in; guesses are named, and bombs are not unpacked."""

from __future__ import annotations

import gzip
import time
import tracemalloc

import pytest

from renderers.base import InvalidSvg, TruncatedSvg, UnsafeSvg
from renderers.encoding import decode
from renderers.limits import Limits

DRAWING = '<svg xmlns="http://www.w3.org/2000/svg"><text>é “ß”</text></svg>'
LIMITS = Limits()


def declared(encoding: str) -> str:
    return f'<?xml version="1.0" encoding="{encoding}"?>\n' + DRAWING


@pytest.mark.parametrize("repair", [True, False])
@pytest.mark.parametrize(
    ("data", "text"),
    [
        (DRAWING.encode(), DRAWING),
        (DRAWING.encode("utf-8-sig"), DRAWING),
        (DRAWING.encode("utf-16"), DRAWING),
        (b"\xfe\xff" + DRAWING.encode("utf-16-be"), DRAWING),
        (DRAWING.encode("utf-32"), DRAWING),
        (declared("UTF-16").encode("utf-16-be"), declared("UTF-16")),
        (declared("UTF-16").encode("utf-16-le"), declared("UTF-16")),
        (declared("windows-1252").encode("cp1252"), declared("windows-1252")),
        (declared("Shift_JIS").replace("é “ß”", "絵").encode("cp932"), declared("Shift_JIS").replace("é “ß”", "絵")),
        (b"<?xml version='1.0' encoding='ISO-8859-1'?><svg>\xe9</svg>", None),
    ],
    ids=["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "utf-32", "be", "le", "cp1252", "shift-jis", "latin-1"],
)
def test_what_the_xml_standard_says_is_no_repair(data: bytes, text: str | None, repair: bool) -> None:
    expected = "<?xml version='1.0' encoding='ISO-8859-1'?><svg>é</svg>" if text is None else text
    assert decode(data, LIMITS, repair=repair) == (expected, ())


@pytest.mark.parametrize(
    ("data", "text", "name"),
    [
        (DRAWING.encode("cp1252"), DRAWING, "undeclared-encoding"),
        (b"<svg>\x8f\xe9</svg>", "<svg>\x8fé</svg>", "undeclared-encoding"),  # 8f means nothing in cp1252
        (DRAWING.encode("utf-16-le"), DRAWING, "undeclared-encoding"),
        (declared("UTF-8").encode("cp1252"), declared("UTF-8"), "wrong-encoding"),
        (declared("UTF-16").encode(), declared("UTF-16"), "wrong-encoding"),
        (declared("us-ascii").encode(), declared("us-ascii"), "wrong-encoding"),
        (declared("none-such").encode(), declared("none-such"), "wrong-encoding"),
        (declared("punycode").encode(), declared("punycode"), "wrong-encoding"),
        (declared("hex").encode(), declared("hex"), "wrong-encoding"),
    ],
)
def test_bytes_in_another_encoding_are_a_named_repair_and_refused_without(data: bytes, text: str, name: str) -> None:
    assert decode(data, LIMITS) == (text, (name,))
    with pytest.raises(InvalidSvg):
        decode(data, LIMITS, repair=False)


def test_the_message_names_the_byte_that_cannot_be_decoded() -> None:
    with pytest.raises(InvalidSvg, match="not in utf-8: byte 5 cannot"):
        decode(b"<svg>\xe9</svg>", LIMITS, repair=False)


@pytest.mark.parametrize("repair", [True, False])
def test_a_compressed_file_is_unpacked_whether_or_not_repairs_are_wanted(repair: bool) -> None:
    packed = gzip.compress(DRAWING.encode())
    assert decode(packed, LIMITS, repair=repair) == (DRAWING, ())
    assert decode(packed + bytes(100), LIMITS, repair=repair) == (DRAWING, ())


def test_a_compressed_file_may_be_in_another_encoding() -> None:
    assert decode(gzip.compress(DRAWING.encode("cp1252")), LIMITS) == (DRAWING, ("undeclared-encoding",))


def test_a_compressed_file_that_ends_early_is_truncated() -> None:
    packed = gzip.compress((DRAWING * 1000).encode())
    with pytest.raises(TruncatedSvg, match="ends early"):
        decode(packed[: len(packed) // 2], LIMITS)


def test_broken_compression_is_told_apart() -> None:
    packed = bytearray(gzip.compress((DRAWING * 1000).encode()))
    packed[12:20] = b"\xff" * 8
    with pytest.raises(InvalidSvg, match="is broken"):
        decode(bytes(packed), LIMITS)


def test_a_gzip_bomb_is_not_unpacked_beyond_the_limit() -> None:
    bomb = gzip.compress(b" " * 200_000_000, 1)
    tracemalloc.start()
    start = time.process_time()
    with pytest.raises(UnsafeSvg, match=r"at most 1,000,000"):
        decode(bomb, Limits(bytes=1_000_000))
    assert time.process_time() - start < 1
    assert tracemalloc.get_traced_memory()[1] < 10_000_000
    tracemalloc.stop()


def test_what_follows_the_end_of_a_compressed_file_is_not_left_out_in_silence() -> None:
    with pytest.raises(InvalidSvg, match="goes on after its end"):
        decode(gzip.compress(b"<svg>") + gzip.compress(b"</svg>"), LIMITS)


def test_a_file_at_the_limit_passes_and_one_beyond_it_does_not() -> None:
    text = DRAWING * 100
    data = text.encode()
    assert decode(data, Limits(bytes=len(data))) == (text, ())
    assert decode(gzip.compress(data), Limits(bytes=len(data))) == (text, ())
    with pytest.raises(UnsafeSvg, match="at most"):
        decode(data, Limits(bytes=len(data) - 1))
    with pytest.raises(UnsafeSvg, match="at most"):
        decode(gzip.compress(data), Limits(bytes=len(data) - 1))
