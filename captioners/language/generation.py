"""Greedy answers to a batch of prompts, whatever a model's own settings say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from captioners.language import prefill

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


@dataclass(frozen=True, slots=True)
class Ends:
    """How an answer ends.

    Attributes:
        stops: ids of the tokens that end it.
        pad: id that fills up shorter prompts and finished answers; it is masked.
        at_line_end: whether a line of text is an answer: a model that was not taught to chat goes on after it.
    """

    stops: frozenset[int]
    pad: int
    at_line_end: bool


@dataclass(frozen=True, slots=True)
class Said:
    """Attributes: ids: new tokens, without the one that ended them; cut: whether the limit ended them."""

    ids: list[int]
    cut: bool


def greedy(
    model: Any, tokenizer: PreTrainedTokenizerBase, prompts: Sequence[Sequence[int]], limit: int, ends: Ends
) -> list[Said]:
    """What the model says next, the likeliest token at each step.

    Prompts are read one by one (:mod:`captioners.language.prefill`) and answered together, padded on the left; the
    padding is masked.

    Args:
        model: of transformers; its generation_config is put aside, as generate takes from it what is not given.
        tokenizer: of the model.
        prompts: token ids.
        limit: of new tokens.
        ends: of the answers.
    """
    import torch
    from transformers import GenerationConfig, StoppingCriteriaList

    width = max(len(ids) for ids in prompts)
    padded = [[ends.pad] * (width - len(ids)) + list(ids) for ids in prompts]
    masks = [[0] * (width - len(ids)) + [1] * len(ids) for ids in prompts]
    lines = LineEnds(tokenizer, width) if ends.at_line_end else None
    model.generation_config = GenerationConfig(  # type: ignore[no-untyped-call]
        do_sample=False, num_beams=1, max_new_tokens=limit, eos_token_id=sorted(ends.stops), pad_token_id=ends.pad
    )
    out = model.generate(
        input_ids=torch.tensor(padded, device=model.device),
        attention_mask=torch.tensor(masks, device=model.device),
        past_key_values=prefill.read(model, prompts),
        stopping_criteria=StoppingCriteriaList([lines] if lines else []),
    )
    rows = out[:, width:].tolist()
    return [_said(row, ends, lines.at.get(place) if lines else None) for place, row in enumerate(rows)]


class LineEnds:
    """A stopping criterion of transformers: an answer ends where a line of it does, empty lines before it aside.

    Attributes: at: row of the batch -> new tokens of its line.
    """

    def __init__(self, tokenizer: PreTrainedTokenizerBase, width: int) -> None:
        self._tokenizer = tokenizer
        self._width = width
        self.at: dict[int, int] = {}

    def __call__(self, input_ids: Any, scores: Any, **_: Any) -> Any:
        import torch

        for row, ids in enumerate(input_ids[:, self._width :].tolist()):
            if row not in self.at and "\n" in str(self._tokenizer.decode(ids)).lstrip():
                self.at[row] = len(ids)
        return torch.tensor([row in self.at for row in range(len(input_ids))], device=input_ids.device)


def _said(row: Sequence[int], ends: Ends, line: int | None) -> Said:
    stop = next((place for place, token in enumerate(row) if token in ends.stops), None)
    if stop is None and line is None:
        return Said(list(row), cut=True)
    return Said(list(row[: min(place for place in (stop, line) if place is not None)]), cut=False)
