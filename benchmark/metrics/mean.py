"""Metrics whose corpus score is the mean of the sample scores."""

from __future__ import annotations

import numpy as np

from benchmark.metrics.base import Array


class MeanOfRows:
    """A row is the scores of a sample and 1: the sum of rows holds the totals and how many samples they are of."""

    @staticmethod
    def rows(scores: Array) -> Array:
        """Scores ``[n]`` or ``[n, columns]`` as rows ``[n, columns + 1]``."""
        return np.column_stack([scores, np.ones(len(scores))])

    def score(self, sums: Array) -> Array:
        """Means ``[..., columns]``."""
        return sums[..., :-1] / sums[..., -1:]
