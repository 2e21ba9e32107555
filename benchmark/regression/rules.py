"""By how much a score may fall."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from benchmark.comparison.columns import chosen
from benchmark.errors import UserError
from benchmark.metrics.columns import metric_columns

# Of a metric's range: BLEU, ROUGE-L and METEOR may fall by 0.001, CIDEr by 0.01, CLIPScore by 0.1.
SHARE = 0.001
# What the last digits of two scores may differ by.
ROUNDING = 1e-9


@dataclass(frozen=True)
class Rules:
    """What is allowed.

    Attributes:
        tolerances: name of a column or metric -> the largest fall, on the metric's own scale.
        everywhere: that of all other columns; None for a thousandth of each metric's range.
        alpha: judge the columns that ``tolerances`` does not name by significance instead: one that is significantly
            worse, after Holm's correction over all tests that are made, fell. None for tolerances.
    """

    tolerances: Mapping[str, float] = field(default_factory=dict)
    everywhere: float | None = None
    alpha: float | None = None

    @classmethod
    def parse(cls, texts: Sequence[str], alpha: float | None = None) -> Rules:
        """From ``"CIDEr=0.01"`` for one metric, ``"0.005"`` for all others. Raises UserError."""
        named: dict[str, float] = {}
        everywhere = None
        for text in texts:
            name, _, number = text.rpartition("=")
            try:
                value = float(number)
            except ValueError:
                value = math.nan
            if not 0 <= value < math.inf:
                raise UserError(f"--tolerance {text!r}: give NAME=NUMBER, e.g. CIDEr=0.01, or a NUMBER; from 0 on.")
            if name:
                named[name] = value
            else:
                everywhere = value
        if alpha is not None and everywhere is not None:
            raise UserError(f"--tolerance {everywhere:g} and --alpha both say how to judge every score: leave one out.")
        return cls(named, everywhere, alpha)

    def tolerance(self, columns: Sequence[str]) -> dict[str, float | None]:
        """Column -> the largest fall that is allowed; None where the test decides. Raises UserError."""
        named = {column: value for name, value in self.tolerances.items() for column in chosen([name], columns)}
        return {column: named[column] if column in named else self._default(column) for column in columns}

    def _default(self, column: str) -> float | None:
        if self.alpha is not None:
            return None
        if self.everywhere is not None:
            return self.everywhere
        known = metric_columns()
        if column not in known:
            raise UserError(f"no metric that is installed here has a column {column!r}.")
        return SHARE * known[column].high


def within(fall: float, tolerance: float) -> bool:
    """Whether a fall is allowed."""
    return fall <= tolerance + ROUNDING
