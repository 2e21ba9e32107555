"""Composite scores: a weighted sum of columns, written as people write it, read without evaluating any code.

    sum    = ["-"] term { ("+" | "-") term }
    term   = factor { ("*" | "/") factor }
    factor = NUMBER | COLUMN | "(" sum ")"

``CLIPScore/10 + BLEU-1 + METEOR + ROUGE-L``. Two columns are never multiplied, nor is anything divided by one, so the
result is linear: its range follows from those of its columns. The formula stands in the signature, as its columns are
on scales of their own and another weight is another score.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from benchmark.errors import UserError
from benchmark.metrics.columns import Column

COMPOSITE = "composite"
_LONGEST = 200
_NUMBER = r"\d{1,9}(?:\.\d{1,9})?"
_Sum = dict[str, float]
_ALONE = ""  # the weight of a number without a column


@dataclass(frozen=True)
class Formula:
    """A weighted sum of columns.

    Attributes:
        text: as it was written, in single blanks.
        weights: column -> weight, none of them 0.
    """

    text: str
    weights: Mapping[str, float]

    @classmethod
    def parse(cls, text: str, columns: Iterable[str]) -> Formula:
        """Read a formula over these columns. Raises UserError."""
        return cls(" ".join(text.split()), _Reader(text, columns).formula())

    def column(self, columns: Mapping[str, Column]) -> Column:
        """What its numbers are; the range is the sum of its columns'."""
        ends = [
            sorted((weight * columns[name].low, weight * columns[name].high)) for name, weight in self.weights.items()
        ]
        return Column(COMPOSITE, self.text, sum(low for low, _ in ends), sum(high for _, high in ends))

    def signature(self) -> str:
        return f"{COMPOSITE}|{self.text}|v1"


class _Reader:
    """Reads one formula from left to right; the longest column that fits comes before numbers and signs."""

    def __init__(self, text: str, columns: Iterable[str]) -> None:
        self._text = text
        if len(text) > _LONGEST:
            raise UserError(f"--composite: a formula of {len(text)} characters; {_LONGEST} are the most.")
        self._columns = sorted(columns, key=len, reverse=True)
        names = "|".join(re.escape(name) for name in self._columns)
        token = re.compile(
            rf"\s*(?:(?P<column>{names or '(?!)'})(?!\w)|(?P<number>{_NUMBER})(?![\w.])|(?P<sign>[-+*/()]))"
        )
        self._tokens: list[tuple[str, str]] = []
        position = 0
        while text[position:].strip():
            match = token.match(text, position)
            if match is None:
                raise self._error(f"{text[position:].strip()[:20]!r} is no column, number or sign")
            kind = str(match.lastgroup)
            self._tokens.append((kind, match[kind]))
            position = match.end()
        self._tokens.reverse()  # the next one is the last one

    def formula(self) -> Mapping[str, float]:
        found = self._sum()
        if self._tokens:
            raise self._error(f"{self._tokens[-1][1]!r} stands where a sign or the end is expected")
        weights = {column: weight for column, weight in found.items() if weight}
        if _ALONE in weights or not weights:
            raise self._error("each term needs a column")
        return weights

    def _sum(self) -> _Sum:
        total: _Sum = {}
        sign = -1.0 if self._take("-") else 1.0
        while True:
            for column, weight in self._term().items():
                total[column] = total.get(column, 0.0) + sign * weight
            if self._take("+"):
                sign = 1.0
            elif self._take("-"):
                sign = -1.0
            else:
                return total

    def _term(self) -> _Sum:
        product = self._factor()
        while True:
            if self._take("*"):
                product = self._multiplied(product, self._factor())
            elif self._take("/"):
                divisor = self._factor()
                if set(divisor) != {_ALONE} or not divisor[_ALONE]:
                    raise self._error("only a number other than 0 may divide")
                product = {column: weight / divisor[_ALONE] for column, weight in product.items()}
            else:
                return product

    def _multiplied(self, one: _Sum, other: _Sum) -> _Sum:
        number, rest = (one, other) if set(one) == {_ALONE} else (other, one)
        if set(number) != {_ALONE}:
            raise self._error("columns are added, not multiplied with each other")
        return {column: weight * number[_ALONE] for column, weight in rest.items()}

    def _factor(self) -> _Sum:
        if self._take("("):
            inside = self._sum()
            if not self._take(")"):
                raise self._error("a parenthesis is not closed")
            return inside
        kind, text = self._tokens.pop() if self._tokens else ("end", "its end")
        if kind == "column":
            return {text: 1.0}
        if kind == "number":
            return {_ALONE: float(text)}
        raise self._error(f"{text if kind == 'end' else repr(text)} stands where a column or a number is expected")

    def _take(self, sign: str) -> bool:
        if self._tokens and self._tokens[-1] == ("sign", sign):
            self._tokens.pop()
            return True
        return False

    def _error(self, what: str) -> UserError:
        known = ", ".join(sorted(self._columns)) or "none"
        return UserError(
            f"--composite {self._text!r}: {what}. Write a weighted sum such as 'CLIPScore/10 + BLEU-1'. "
            f"Columns: {known}."
        )
