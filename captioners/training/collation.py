"""Batches of examples: padded on the right, of similar length, with logits only where something is learnt.

The head of a language model turns each position into as many numbers as the vocabulary has tokens, and all but those in
front of caption tokens go unused. ``logits_to_keep`` picks positions before the head, ``shift_labels`` are
their labels; loss and gradients are the same numbers. A base's soft-cap comes after the choice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch.utils.data import Sampler

from captioners.training.examples import IGNORED, Example

# Batches whose examples are sorted by length together: more save padding, fewer keep the order random.
_WINDOW = 50


@dataclass(frozen=True, slots=True)
class Collator:
    """Makes a batch of B examples, the longest of T tokens, K of all of them learnt.

    Attributes:
        pad: the token behind shorter examples; the mask hides it, so it may be any.
        everywhere: compute logits at all positions, as a plain training does; for comparison.
    """

    pad: int
    everywhere: bool = False

    def __call__(self, examples: Sequence[Example]) -> dict[str, Any]:
        """``input_ids``, ``attention_mask`` and ``labels`` ``[B, T]``; ``logits_to_keep`` ``[B, T]``, true in front of
        the K tokens that are learnt; ``shift_labels`` ``[K]``, those tokens; ``ids``, of the samples.
        """
        length = max(len(example.tokens) for example in examples)
        ids = torch.full((len(examples), length), self.pad)
        mask = torch.zeros_like(ids)
        labels = torch.full_like(ids, IGNORED)
        for row, example in enumerate(examples):
            end = len(example.tokens)
            ids[row, :end] = torch.tensor(example.tokens)
            mask[row, :end] = 1
            labels[row, :end] = torch.tensor(example.labels)
        batch = {"input_ids": ids, "attention_mask": mask, "labels": labels, "ids": [e.id for e in examples]}
        if not self.everywhere:
            following = torch.nn.functional.pad(labels, (0, 1), value=IGNORED)[:, 1:]
            kept = following != IGNORED
            batch |= {"logits_to_keep": kept, "shift_labels": following[kept]}
        return batch


class LengthGrouped(Sampler[int]):
    """Positions of the examples in an order of seed and epoch alone, which a resumed training repeats.

    Examples are shuffled, sorted by length within windows of many batches, and the batches shuffled. A batch is that of
    all processes together: then all of them get examples of similar length at a time.
    """

    def __init__(self, lengths: Sequence[int], batch: int, seed: int) -> None:
        self._lengths, self._batch, self._seed = lengths, batch, seed
        self.epoch = 0

    def __len__(self) -> int:
        return len(self._lengths)

    def __iter__(self) -> Iterator[int]:
        generator = torch.Generator().manual_seed(self._seed * 1_000_003 + self.epoch)
        shuffled = torch.randperm(len(self._lengths), generator=generator).tolist()
        window = _WINDOW * self._batch
        grouped: list[int] = []
        for start in range(0, len(shuffled), window):
            grouped += sorted(shuffled[start : start + window], key=lambda i: self._lengths[i])
        whole = len(grouped) // self._batch
        for place in torch.randperm(whole, generator=generator).tolist():
            yield from grouped[place * self._batch : (place + 1) * self._batch]
        yield from grouped[whole * self._batch :]


def longest(examples: Sequence[Example], size: int) -> list[Example]:
    """The examples of the largest batch that there can be."""
    return sorted(examples, key=lambda example: len(example.tokens), reverse=True)[:size]
