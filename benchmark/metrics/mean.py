"""Metrics whose corpus score is the mean of the sample scores."""

from __future__ import annotations

import numpy as np

from benchmark.metrics.base import Array


class MeanOfRows:
    """A row is ``[score, 1]``: the sum of rows holds the total and how many samples it is of."""

    @staticmethod
    def rows(scores: Array) -> Array:
        """Scores ``[n]`` as rows ``[n, 2]``."""
        return np.stack([scores, np.ones_like(scores)], axis=-1)

    def score(self, sums: Array) -> Array:
        """Means ``[..., 1]``."""
        return sums[..., :1] / sums[..., 1:]
