"""What the numbers of a metric's column are: unit, range, direction. Tables are checked against it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from benchmark.metrics.base import METRICS, ByColumn

# A mean of numbers that are all at the end of a scale may lie the last bits beyond it.
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Column:
    """One column of numbers; higher is better.

    Attributes:
        name: as tables head it.
        unit: what is measured: precision, F-score, cosine.
        low, high: the lowest and the highest possible value.
    """

    name: str
    unit: str
    low: float
    high: float

    def holds(self, value: float) -> bool:
        """Whether a value may stand in this column; one that is not a number may not."""
        return math.isfinite(value) and self.low - _ROUNDING <= value <= self.high + _ROUNDING

    def scale(self) -> str:
        """``"0 to 100"``."""
        return f"{self.low:.4g} to {self.high:.4g}"


def metric_columns() -> dict[str, Column]:
    """The columns of all registered metrics, by name, in the order of the registry."""
    found = {}
    for name in METRICS:
        metric = METRICS[name]
        for column in metric.columns:
            upper = metric.column_upper(column) if isinstance(metric, ByColumn) else metric.upper
            found[column] = Column(column, metric.unit, 0.0, upper)
    return found
