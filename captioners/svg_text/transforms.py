"""Affine transforms: read from an attribute, put one behind the other, told apart by kind, written short."""

from __future__ import annotations

import math
import re
from enum import Enum
from typing import NamedTuple

from captioners.svg_text.numbers import joined, numbers, rounded, significant

_FUNCTION = re.compile(r"[\s,]*+(matrix|translate|scale|rotate|skewX|skewY)\s*+\(([^()]*+)\)[\s,]*+")
_ARGUMENTS = {"matrix": (6,), "translate": (1, 2), "scale": (1, 2), "rotate": (1, 3), "skewX": (1,), "skewY": (1,)}
_SAME = 1e-5
"""Relative difference up to which entries count as equal; they are written with five significant digits."""

_DIGITS = 5
_FAR = 4096.0
"""Rotation centres beyond this many units of the normalised drawing are written as a matrix: they amplify rounding."""


class Kind(Enum):
    """What a transform does, from the least to the most general."""

    TRANSLATION = "moves"
    UNIFORM = "scales both axes alike, and moves"
    AXES = "scales each axis by its own positive factor, and moves"
    SIMILAR = "rotates or mirrors, scales both axes alike, and moves"
    AFFINE = "anything else"


class Matrix(NamedTuple):
    """x' = a x + c y + e, y' = b x + d y + f."""

    a: float = 1.0
    b: float = 0.0
    c: float = 0.0
    d: float = 1.0
    e: float = 0.0
    f: float = 0.0

    def of(self, inner: Matrix) -> Matrix:
        """First ``inner``, then this."""
        a, b, c, d, e, f = self
        return Matrix(
            a * inner.a + c * inner.b,
            b * inner.a + d * inner.b,
            a * inner.c + c * inner.d,
            b * inner.c + d * inner.d,
            a * inner.e + c * inner.f + e,
            b * inner.e + d * inner.f + f,
        )

    def point(self, x: float, y: float) -> tuple[float, float]:
        return self.a * x + self.c * y + self.e, self.b * x + self.d * y + self.f

    def scaled(self, factor: float) -> Matrix:
        """The same transform of a drawing whose coordinates are all multiplied by ``factor``."""
        return self._replace(e=self.e * factor, f=self.f * factor)

    @property
    def determinant(self) -> float:
        return self.a * self.d - self.b * self.c

    @property
    def stretch(self) -> float:
        """By how much it stretches lengths at most (the larger singular value)."""
        a, b, c, d = self[:4]
        return (math.hypot(a + d, b - c) + math.hypot(a - d, b + c)) / 2

    def kind(self) -> Kind:
        a, b, c, d = self[:4]
        little = _SAME * self.stretch

        def same(one: float, other: float) -> bool:
            return abs(one - other) <= little

        if same(b, 0) and same(c, 0) and a > little and d > little:
            if same(a, d):
                return Kind.TRANSLATION if same(a, 1) else Kind.UNIFORM
            return Kind.AXES
        if (same(a, d) and same(b, -c)) or (same(a, -d) and same(b, c)):
            return Kind.SIMILAR
        return Kind.AFFINE


IDENTITY = Matrix()


def matrix(text: str) -> Matrix:
    """The transform in an attribute.

    Raises ValueError when it cannot be read, which includes units of angles and of lengths.
    """
    product, position = IDENTITY, 0
    while position < len(text):
        function = _FUNCTION.match(text, position)
        if function is None:
            if not text[position:].strip():
                break
            raise ValueError(f"not a transform: {text[:40]!r}")
        name, arguments = function[1], numbers(function[2].strip())
        if len(arguments) not in _ARGUMENTS[name]:
            raise ValueError(f"{name}() has {len(arguments)} numbers")
        product = product.of(_of_function(name, arguments))
        position = function.end()
    if not all(map(math.isfinite, product)):
        raise ValueError("a transform beyond the range of floats")
    return product


def _of_function(name: str, arguments: list[float]) -> Matrix:
    if name == "matrix":
        return Matrix(*arguments)
    if name in ("translate", "scale"):
        x, y = arguments if len(arguments) > 1 else (arguments[0], arguments[0] if name == "scale" else 0.0)
        return Matrix(a=x, d=y) if name == "scale" else Matrix(e=x, f=y)
    angle = math.radians(arguments[0])
    if name in ("skewX", "skewY"):
        return Matrix(c=math.tan(angle)) if name == "skewX" else Matrix(b=math.tan(angle))
    x, y = arguments[1:] if len(arguments) > 1 else (0.0, 0.0)
    turn = Matrix(math.cos(angle), math.sin(angle), -math.sin(angle), math.cos(angle))
    return Matrix(e=x, f=y).of(turn).of(Matrix(e=-x, f=-y))


def written(transform: Matrix, decimals: int) -> str:
    """The shortest function that says it, with ``decimals`` for what it moves by; "" when it does nothing."""
    a, _, _, d, e, f = transform
    kind = transform.kind()
    moved = [rounded(e, decimals), rounded(f, decimals)]
    still = moved == ["0", "0"]
    if kind == Kind.TRANSLATION:
        return "" if still else f"translate({joined(moved if moved[1] != '0' else moved[:1])})"
    if still and kind == Kind.UNIFORM:
        return f"scale({significant(a, _DIGITS)})"
    if still and kind == Kind.AXES:
        return f"scale({joined([significant(a, _DIGITS), significant(d, _DIGITS)])})"
    if kind == Kind.SIMILAR and (turn := _turn(transform, decimals)):
        return turn
    largest = max(map(abs, (*transform[:4], 1e-9)))
    places = _DIGITS - 1 - math.floor(math.log10(largest))
    return f"matrix({joined([*(rounded(entry, places) for entry in transform[:4]), *moved])})"


def _turn(transform: Matrix, decimals: int) -> str:
    """A rotation around a point; "" where it is none, or the point is far away."""
    a, b, _, _, e, f = transform
    if abs(transform.determinant - 1) > 2 * _SAME or abs(a - transform.d) > _SAME:
        return ""
    angle = rounded(math.degrees(math.atan2(b, a)), 2)
    if not e and not f:
        return f"rotate({angle})"
    away = 2 * (1 - a)  # determinant of 1 - rotation
    x, y = ((1 - a) * e - b * f) / away, (b * e + (1 - a) * f) / away
    if max(abs(x), abs(y)) * 10.0**decimals > _FAR * 10:
        return ""
    centre = [rounded(x, decimals), rounded(y, decimals)]
    return f"rotate({joined([angle, *centre])})" if centre != ["0", "0"] else f"rotate({angle})"
