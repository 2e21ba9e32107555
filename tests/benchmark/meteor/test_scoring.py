"""The formula of METEOR: what the last bit depends on."""

from __future__ import annotations

from decimal import Decimal, localcontext

import numpy as np

from benchmark.metrics.meteor.scoring import BETA, meteor, power_of_beta


def test_the_power_is_correctly_rounded() -> None:
    draw = np.random.default_rng(0)
    # The first is one where Python's own power is a bit off with some C libraries.
    values = np.concatenate([[6 / 23.5, 1.0, 1e-6, 3.0], draw.integers(1, 200, 400) / draw.integers(1, 400, 400)])
    with localcontext(prec=50):
        exact = [float(Decimal(value) ** Decimal(BETA)) for value in values.tolist()]
    assert power_of_beta(values).tolist() == exact


def test_nothing_matched_and_nothing_said_are_zero_without_a_warning() -> None:
    nothing, unmatched = np.zeros(23), np.zeros(23)
    unmatched[:2] = 5
    assert power_of_beta(np.zeros(1)).tolist() == [0.0]
    assert meteor(np.stack([nothing, unmatched])).tolist() == [0.0, 0.0]
