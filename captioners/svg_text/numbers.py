"""Numbers as SVG writes them, and as short as they can be written at a given precision."""

from __future__ import annotations

import math
import re

NUMBER = r"[-+]?(?:\d++\.?\d*+|\.\d++)(?:[eE][-+]?\d++)?"

_NUMBERS = re.compile(NUMBER, re.ASCII)
_LIST = re.compile(rf"\s*+(?:{NUMBER}(?:\s*+,\s*+|\s++|(?=[-+.])|(?=\s*+\Z)))*+", re.ASCII)
_LENGTH = re.compile(rf"\s*+({NUMBER})(%|[a-zA-Z]*+)\s*+", re.ASCII)

_PLAIN = 1e7
"""From here on, numbers are written with an exponent."""


def numbers(text: str) -> list[float]:
    """The numbers of a list, separated by blanks or commas.

    Raises ValueError for anything else, and for numbers beyond the range of floats.
    """
    found, end = leading_numbers(text)
    if end != len(text):
        raise ValueError(f"not a list of numbers: {text[:40]!r}")
    return found


def leading_numbers(text: str) -> tuple[list[float], int]:
    """The numbers at the beginning of a text, and the position behind them and the blanks that follow.

    Raises ValueError for numbers beyond the range of floats.
    """
    listed = _LIST.match(text)
    end = listed.end() if listed else 0
    found = [float(number) for number in _NUMBERS.findall(text, 0, end)]
    if not all(map(math.isfinite, found)):
        raise ValueError("a number beyond the range of floats")
    return found, end


def length(text: str) -> tuple[float, str]:
    """The number and the unit of a length, "" for none; ValueError when it is none, or beyond the range of floats."""
    found = _LENGTH.fullmatch(text)
    if found is None or not math.isfinite(float(found[1])):
        raise ValueError(f"not a length: {text[:40]!r}")
    return float(found[1]), found[2]


def plain(text: str) -> float:
    """A length in user units; ValueError when it is none, or has another unit than "px"."""
    number, unit = length(text)
    if unit not in ("", "px"):
        raise ValueError(f"a length in {unit}")
    return number


def exact(value: float) -> str:
    """As many digits as arithmetic is good for; what is written between two steps of the work."""
    return f"{value:.12g}"


def rounded(value: float, decimals: int) -> str:
    """To that many decimals (negative: to tens, hundreds ...), without a zero that can be left out.

    Raises ValueError for infinity and what is no number.
    """
    if not math.isfinite(value):
        raise ValueError("a number beyond the range of floats")
    if abs(value) >= _PLAIN:
        return f"{value:.6g}".replace("e+", "e")
    return in_ticks(round(value * 10.0**decimals), decimals)


def in_ticks(ticks: int, decimals: int) -> str:
    """A whole number of steps of 10^-decimals."""
    if decimals <= 0:
        return str(ticks * 10**-decimals)
    digits = str(abs(ticks)).rjust(decimals + 1, "0")
    fraction = digits[-decimals:].rstrip("0")
    whole = digits[:-decimals]
    text = f"{'' if whole == '0' and fraction else whole}{'.' if fraction else ''}{fraction}"
    return f"-{text}" if ticks < 0 else text


def significant(value: float, digits: int, least: int = 0) -> str:
    """To that many significant digits, but never fewer decimals than ``least``."""
    if not value:
        return "0"
    return rounded(value, max(least, digits - 1 - math.floor(math.log10(abs(value)))))


def joined(texts: list[str]) -> str:
    """Numbers one behind the other, with a blank where the next one does not begin with its sign."""
    parts = [text if not index or text[0] == "-" else f" {text}" for index, text in enumerate(texts)]
    return "".join(parts)
