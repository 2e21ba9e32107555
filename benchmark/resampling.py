"""Random weights of samples, and sums of rows under them: what bootstrap and randomization tests are made of.

The weights depend on the seed and on the number of samples alone, so all captioners and all metrics meet the same ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from benchmark.metrics.base import Array

# Numbers of weights at a time, 16 MiB: what the memory is bounded by, whatever the number of samples and resamples.
_BLOCK = 1 << 21
# Weights that are kept for the next captioner, at most; drawing them takes longer than using them.
_KEPT = 1 << 23

Integers = npt.NDArray[np.uint16]
Weigh = Callable[[np.random.Generator, int], npt.NDArray[np.integer]]


def exact(rows: Array) -> Array:
    """Rows ``[n, K]`` whose sums have no rounding error, be they added up in any order, n of them at most.

    Each column is rounded to a multiple of a power of two that leaves room for the largest sum in 52 bits: integers
    stay, and a mean of 8,000 samples changes by 1e-12 of its largest value at most. The sums are then the same in
    blocks of any size, in any order of metrics and with any BLAS.
    """
    largest = np.abs(rows).max(axis=0, initial=0) * max(1, len(rows))
    _, exponents = np.frexp(largest)
    quantum = np.ldexp(1.0, exponents - 52)
    return np.asarray(np.rint(rows / quantum) * quantum)


def draws(generator: np.random.Generator, count: int) -> npt.NDArray[np.integer]:
    """How often each sample occurs in a resample of as many, drawn with replacement."""
    return np.bincount(generator.integers(count, size=count, dtype=np.uint32), minlength=count)


def coins(generator: np.random.Generator, count: int) -> npt.NDArray[np.integer]:
    """1 for each sample whose captions change places, else 0."""
    return np.unpackbits(np.frombuffer(generator.bytes(-(-count // 8)), dtype=np.uint8), count=count)


def sums(weigh: Weigh, resamples: int, seed: int, rows: Array) -> Array:
    """Sums of the rows ``[n, K]`` under random weights, one set for each resample: ``[resamples, K]``."""
    return np.concatenate([weights @ rows for weights in _weights(weigh, len(rows), resamples, seed)])


def _weights(weigh: Weigh, count: int, resamples: int, seed: int) -> Iterator[Array]:
    """Weights of ``count`` samples in each resample, ``[<= a block, count]``."""
    blocks = [_kept(weigh, count, resamples, seed)] if count * resamples <= _KEPT else None
    for weights in blocks or _drawn(weigh, count, resamples, seed):
        step = max(1, _BLOCK // count)
        for start in range(0, len(weights), step):
            yield weights[start : start + step].astype(np.float64)


@lru_cache(maxsize=2)
def _kept(weigh: Weigh, count: int, resamples: int, seed: int) -> Integers:
    return np.concatenate(list(_drawn(weigh, count, resamples, seed)))


def _drawn(weigh: Weigh, count: int, resamples: int, seed: int) -> Iterator[Integers]:
    """Every resample takes its own share of random numbers, so the blocks' size changes none of them.

    No sample occurs 65,536 times: the chance of that is smaller than that of a wrong bit in memory.
    """
    generator = np.random.default_rng(seed)
    step = max(1, _BLOCK // count)
    for start in range(0, resamples, step):
        block = np.empty((min(step, resamples - start), count), dtype=np.uint16)
        for row in block:
            row[:] = weigh(generator, count)
        yield block
