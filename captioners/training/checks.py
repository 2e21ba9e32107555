"""What is looked at before a training: its examples, its batches, its adapter, and one step that changes nothing.

Each of these has let a training run to its end and learn nothing: captions cut off by truncation, an end of turn
without a label (the model then never stops), weights or activations that are not finite, adapters without gradient.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import torch

from captioners.training.collation import Collator
from captioners.training.errors import TrainingStopped
from captioners.training.examples import IGNORED, Example

# Adam moves each number by about the learning rate; ten times their size in one step leaves nothing of the start.
_LARGEST_MOVE = 10.0


def check_examples(examples: Sequence[Example], collate: Collator, ends: frozenset[int]) -> None:
    """Every example has something to learn, and learns to end its turn. Raises TrainingStopped, which names the others.

    Looked at in the labels as training gets them, one example at a time.
    """
    bare, endless = [], []
    for example in examples:
        labels = collate([example])["labels"][0, 1:].tolist()
        learnt = [label for label in labels if label != IGNORED]
        if not learnt:
            bare.append(example.id)
        elif not ends.intersection(learnt):
            endless.append(example.id)
    if bare:
        raise TrainingStopped(
            f"{len(bare)} of {len(examples)} examples have no label",
            ids=bare,
            cause="their captions were cut off to fit the context",
            remedy="shorten the drawings, never the captions; or leave these samples out",
        )
    if endless:
        raise TrainingStopped(
            f"{len(endless)} of {len(examples)} examples have no label on an end of turn",
            ids=endless,
            cause="padding has the token that ends a turn, and was masked by number; or the caption's end was cut off",
            remedy="mask padding by its place, and append the end of turn to every caption",
        )


def check_padding(examples: Sequence[Example], collate: Collator) -> None:
    """In a batch of unequal lengths, tokens are seen and padding is neither seen nor learnt. Raises TrainingStopped."""
    ordered = sorted(examples, key=lambda example: len(example.tokens))
    pair = [ordered[0], ordered[-1]]
    batch = collate(pair)
    seen = batch["attention_mask"].bool()
    right = [int(row.sum()) for row in seen] == [len(example.tokens) for example in pair]
    if not right or bool((batch["labels"][~seen] != IGNORED).any()):
        raise TrainingStopped(
            "padding is not told from tokens",
            ids=[example.id for example in pair],
            cause="the attention mask or the labels were made from token numbers, and padding shares one with a token",
            remedy="make both from the examples' lengths",
        )


def check_adapters(model: Any, learning_rate: float) -> None:
    """Adapters are there, and only they are trained, at a rate that they can bear. Raises TrainingStopped."""
    frozen: list[tuple[str, Any]] = []
    trained: list[tuple[str, Any]] = []
    others: list[tuple[str, Any]] = []
    for name, parameter in model.named_parameters():
        if "lora_" in name:
            (trained if parameter.requires_grad else frozen).append((name, parameter))
        elif parameter.requires_grad:
            others.append((name, parameter))
    if frozen or others or not trained:
        name = (frozen + others)[0][0] if frozen or others else "none is there"
        raise TrainingStopped(
            f"the adapters are not what is trained: {name}",
            cause="parameters were frozen or released after the adapter was made",
            remedy="make the adapter with PEFT and leave requires_grad alone",
        )
    size = min(_rms(p) for name, p in trained if "lora_A" in name)
    if learning_rate > _LARGEST_MOVE * size:
        raise TrainingStopped(
            f"a learning rate of {learning_rate:g} is too high for this adapter, whose numbers are about {size:.2g}",
            cause="a slip in the exponent: each step moves each number by about the learning rate",
            remedy="1e-5 to 1e-3 is usual: --set optimizer.learning_rate=2e-4",
        )


def dry_step(model: Any, batch: Mapping[str, Any], device: Any) -> None:
    """Forward and backward on a batch, the largest one best; no parameter changes. Raises TrainingStopped.

    Where a number is not finite, the first module that gave one is named. Random numbers are used up.
    """
    ids, inputs = split(batch, device)
    model.train()
    with not_finite(model) as found:
        loss = model(**inputs).loss
    if not math.isfinite(loss.item()):
        raise TrainingStopped(
            f"the loss is {loss.item()}; the first output that is not finite is that of {first(found)}",
            ids=ids,
            cause="weights that are not finite (a damaged file), or numbers beyond the range of float16",
            remedy="fetch the weights again; compute in bfloat16: --set model.dtype=bfloat16",
        )
    loss.backward()
    gradients = {n: p.grad for n, p in model.named_parameters() if p.requires_grad}
    model.zero_grad()
    if missing := [name for name, gradient in gradients.items() if gradient is None]:
        raise TrainingStopped(
            f"{len(missing)} of {len(gradients)} adapter matrices get no gradient, such as {missing[0]}",
            ids=ids,
            cause="the path from them to the loss is cut",
            remedy="train without gradient checkpointing: --set batch.gradient_checkpointing=false",
        )
    check_gradients(gradients.items(), ids=ids, step=None)


def check_gradients(
    gradients: Iterable[tuple[str, torch.Tensor | None]], *, ids: Sequence[str], step: int | None
) -> float:
    """The norm of all gradients together, which is finite and above 0. Raises TrainingStopped."""
    there = [(name, gradient) for name, gradient in gradients if gradient is not None]
    norm = float(torch.nn.utils.get_total_norm([gradient for _, gradient in there]))
    if not math.isfinite(norm):
        names = [name for name, gradient in there if not bool(gradient.isfinite().all())]
        raise TrainingStopped(
            f"the gradients are not finite in {len(names)} of {len(there)} adapter matrices, such as {names[-1]}"
            if names
            else f"the norm of the gradients is {norm}",
            ids=ids,
            step=step,
            cause="numbers beyond the range of float16, or a learning rate that has driven the adapter away",
            remedy="compute in bfloat16: --set model.dtype=bfloat16; lower optimizer.learning_rate; resume",
        )
    if norm == 0.0:
        raise TrainingStopped(
            "the gradients are exactly 0",
            ids=ids,
            step=step,
            cause="no token of the batch is learnt, or the adapter is cut off from the loss",
            remedy="look at these samples with --debug",
        )
    return norm


def split(batch: Mapping[str, Any], device: Any) -> tuple[list[str], dict[str, Any]]:
    """The samples' ids of a batch, and the rest of it on a device."""
    return list(batch["ids"]), {name: value.to(device) for name, value in batch.items() if name != "ids"}


@contextlib.contextmanager
def not_finite(model: Any) -> Iterator[list[str]]:
    """Names of modules whose output held a number that is not finite, in the order in which they were computed."""
    found: list[str] = []
    handles = []
    for name, module in model.named_modules():

        def look(_module: Any, _inputs: Any, output: Any, name: str = name) -> None:
            if any(not bool(tensor.isfinite().all()) for tensor in _tensors(output)):
                found.append(name)

        handles.append(module.register_forward_hook(look))
    try:
        yield found
    finally:
        for handle in handles:
            handle.remove()


def first(found: Sequence[str]) -> str:
    """The module to name: without what PEFT puts in front."""
    return found[0].removeprefix("base_model.model.") if found else "the loss itself"


def _tensors(output: Any) -> list[torch.Tensor]:
    parts = output if isinstance(output, tuple | list) else output.values() if isinstance(output, dict) else (output,)
    # Detached: a layer that is computed anew in the backward pass must leave the same tensors as before.
    return [part.detach() for part in parts if isinstance(part, torch.Tensor) and part.is_floating_point()]


def _rms(parameter: torch.Tensor) -> float:
    return float(parameter.detach().float().square().mean().sqrt())
