"""From pictures or texts to rows of embeddings: in batches, each distinct one once, and none that is on disk."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

import numpy as np

from benchmark.metrics.base import Array
from benchmark.metrics.clip_score.embedding_store import EmbeddingStore, Vector

Item = TypeVar("Item")


def embedded(
    items: Iterable[Item | None],
    key: Callable[[Item], bytes],
    encode: Callable[[Sequence[Item]], Iterable[Vector]],
    store: EmbeddingStore,
    batch_size: int,
) -> Array:
    """Embeddings ``[n, d]`` of the items, row by row; zeros for None, so that every cosine with it is 0.

    Args:
        items: read a batch ahead at most; of a batch only the keys are kept.
        key: of an item in the store.
        encode: up to ``batch_size`` items to embeddings ``[m, d]``.
        store: where embeddings are looked up and kept.
        batch_size: items encoded at once.
    """
    found: dict[bytes, Vector] = {}
    pending: dict[bytes, Item] = {}
    rows: list[bytes | None] = []

    def compute() -> None:
        for name, embedding in zip(pending, encode(list(pending.values())), strict=True):
            found[name] = embedding
            store.add(name, embedding)
        pending.clear()

    for item in items:
        name = None if item is None else key(item)
        rows.append(name)
        if item is None or name is None or name in found or name in pending:
            continue
        if (kept := store.get(name)) is not None:
            found[name] = kept
            continue
        pending[name] = item
        if len(pending) == batch_size:
            compute()
    if pending:
        compute()
    nothing = np.zeros(len(next(iter(found.values()))) if found else 1)
    return np.array([nothing if name is None else found[name] for name in rows], dtype=np.float64)
