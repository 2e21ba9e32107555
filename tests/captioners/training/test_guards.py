"""Every guard trips on what it is for, names what is at fault, and leaves adapter and checkpoints as they were."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from captioners.training import sealed
from captioners.training.base import Base
from captioners.training.collation import Collator
from captioners.training.config import TrainingConfig
from captioners.training.errors import TrainingStopped
from captioners.training.examples import IGNORED, Example
from captioners.training.guards import Guard
from captioners.training.trainer import train
from tests.captioners.training import tiny

EVERY_STEP = ("checkpoints.every=1", "checkpoints.evaluate=100")
RARE = 255  # a token that only one example holds


def stopped(
    tmp_path: Path,
    base: Base | None = None,
    examples: list[Example] | None = None,
    config: TrainingConfig | None = None,
    validation: list[Example] | None = None,
    collate: Collator | None = None,
) -> TrainingStopped:
    with pytest.raises(TrainingStopped) as raised:
        train(
            config or tiny.config("cpu-demo", *EVERY_STEP),
            base or tiny.base(),
            tiny.examples(32) if examples is None else examples,
            validation or [],
            tmp_path / "out",
            watcher=tiny.Notes(),
            collate=collate,
        )
    return raised.value


def without_caption(example: Example) -> Example:
    """As truncation at the end leaves it."""
    return replace(example, tokens=example.tokens[: example.prompt])


def nothing_was_written(tmp_path: Path) -> bool:
    return not list(tmp_path.rglob("*.safetensors")) and not list(tmp_path.rglob("metrics.csv"))


def clean_after(tmp_path: Path, step: int) -> bool:
    """Whether the last checkpoint is that of ``step``, whole, and its adapter finite."""
    last = sealed.newest(tmp_path / "out" / "checkpoints", "checkpoint", print)
    assert last is not None
    adapter = load_file(last / "adapter_model.safetensors")
    return last.name == f"checkpoint-{step}" and all(bool(tensor.isfinite().all()) for tensor in adapter.values())


# Before training


def test_captions_lost_to_truncation(tmp_path: Path) -> None:
    error = stopped(tmp_path, examples=[without_caption(example) for example in tiny.examples(32)])
    assert error.seen == "32 of 32 examples have no label"
    assert error.step is None and len(error.ids) == 32
    assert "likely cause: their captions were cut off" in str(error)
    assert nothing_was_written(tmp_path)


def test_a_quarter_of_the_captions_lost(tmp_path: Path) -> None:
    examples = [without_caption(e) if i % 4 == 0 else e for i, e in enumerate(tiny.examples(32))]
    error = stopped(tmp_path, examples=examples)
    assert error.seen == "8 of 32 examples have no label"
    assert error.ids == tuple(f"sample-0-{i}" for i in range(0, 32, 4))
    assert nothing_was_written(tmp_path)


def test_captions_lost_in_validation(tmp_path: Path) -> None:
    error = stopped(tmp_path, validation=[without_caption(example) for example in tiny.examples(2, seed=1)])
    assert error.ids == ("sample-1-0", "sample-1-1")


def test_captions_without_their_end(tmp_path: Path) -> None:
    examples = tiny.examples(8)
    examples[3] = replace(examples[3], tokens=examples[3].tokens[:-1])
    error = stopped(tmp_path, examples=examples)
    assert (error.seen, error.ids) == ("1 of 8 examples have no label on an end of turn", ("sample-0-3",))


@dataclass(frozen=True, slots=True)
class MaskingByNumber(Collator):
    """As collators do that know padding by its token."""

    def __call__(self, examples: Any) -> dict[str, Any]:
        batch = Collator.__call__(self, examples)
        batch["labels"] = batch["labels"].masked_fill(batch["input_ids"] == self.pad, IGNORED)
        return batch


@dataclass(frozen=True, slots=True)
class SeeingPadding(Collator):
    def __call__(self, examples: Any) -> dict[str, Any]:
        batch = Collator.__call__(self, examples)
        return batch | {"attention_mask": torch.ones_like(batch["attention_mask"])}


def test_padding_that_is_the_end_of_turn(tmp_path: Path) -> None:
    """Our batches keep its label; those that mask by number lose it, and are stopped."""
    base = replace(tiny.base(), pad=tiny.END)
    batch = Collator(tiny.END)(tiny.examples(4))
    assert batch["labels"].eq(tiny.END).sum().item() == 4
    error = stopped(tmp_path, base, collate=MaskingByNumber(tiny.END))
    assert error.seen == "32 of 32 examples have no label on an end of turn"
    assert "masked by number" in error.cause
    assert train(tiny.config(), base, tiny.examples(8), [], tmp_path / "ours", watcher=tiny.Notes()).steps == 1


def test_padding_that_is_seen(tmp_path: Path) -> None:
    assert stopped(tmp_path, collate=SeeingPadding(tiny.PAD)).seen == "padding is not told from tokens"


def test_a_frozen_weight_that_is_not_a_number(tmp_path: Path) -> None:
    base = tiny.base()
    with torch.no_grad():
        base.model.model.layers[0].mlp.down_proj.weight[3, 5] = float("nan")
    error = stopped(tmp_path, base)
    assert error.seen == "the loss is nan; the first output that is not finite is that of model.layers.0.mlp.down_proj"
    assert error.step is None and error.ids
    assert nothing_was_written(tmp_path)


def overflowing(dtype: torch.dtype) -> Base:
    base = tiny.base("gemma2", hidden=64)
    with torch.no_grad():
        for projection in ("gate_proj", "up_proj"):
            getattr(base.model.model.layers[1].mlp, projection).weight.mul_(3000)
    base.model.to(dtype)
    return base


def test_numbers_beyond_float16(tmp_path: Path) -> None:
    error = stopped(tmp_path, overflowing(torch.float16), config=tiny.config("cpu-demo", "model.dtype=float16"))
    assert "model.layers.1.mlp." in error.seen
    assert "model.dtype=bfloat16" in error.remedy
    assert nothing_was_written(tmp_path)
    healthy = tiny.config("cpu-demo", "model.dtype=bfloat16")
    result = train(healthy, overflowing(torch.bfloat16), tiny.examples(8), [], tmp_path / "b", watcher=tiny.Notes())
    assert result.steps == 1


def test_a_learning_rate_of_a_million(tmp_path: Path) -> None:
    error = stopped(tmp_path, config=tiny.config("cpu-demo", "optimizer.learning_rate=1e6"))
    assert error.seen.startswith("a learning rate of 1e+06 is too high for this adapter")
    assert nothing_was_written(tmp_path)


def test_gradients_that_are_cut_off(tmp_path: Path) -> None:
    base = tiny.base()
    base.model.model.layers[1].register_forward_hook(lambda _module, _inputs, output: output.detach())
    with pytest.raises(RuntimeError, match="does not require grad"):
        train(tiny.config(), base, tiny.examples(8), [], tmp_path / "out", watcher=tiny.Notes())


# While training


def with_a_rare_token(count: int = 32) -> list[Example]:
    """The shortest example, so that it is not in the dry step, holds a token that no other has."""
    examples = [replace(e, tokens=tuple(t if t != RARE else 0 for t in e.tokens)) for e in tiny.examples(count)]
    return [*examples, Example("the one", (tiny.BOS, RARE, 65, 66, tiny.END), 3)]


def with_a_broken_embedding() -> Base:
    base = tiny.base()
    with torch.no_grad():
        base.model.model.embed_tokens.weight[RARE] = float("nan")
    return base


def test_a_weight_that_one_sample_uses(tmp_path: Path) -> None:
    error = stopped(
        tmp_path, with_a_broken_embedding(), with_a_rare_token(), tiny.config("cpu-demo", *EVERY_STEP, "seed=7")
    )
    assert error.seen == "the loss is nan; the first output that is not finite is that of model.embed_tokens"
    assert "the one" in error.ids and len(error.ids) <= 4
    assert error.step is not None and error.step > 0
    assert f"in step {error.step + 1}, the adapter is as step {error.step} left it" in str(error)
    assert clean_after(tmp_path, error.step)
    assert (tmp_path / "out" / "loss.png").is_file()


def test_a_validation_loss_that_is_not_a_number(tmp_path: Path) -> None:
    error = stopped(tmp_path, with_a_broken_embedding(), with_a_rare_token()[:-1], validation=with_a_rare_token(0))
    assert (error.seen, error.ids) == ("the validation loss is nan", ("the one",))


def meddling(change: Callable[[torch.Tensor], torch.Tensor], after: int) -> Base:
    """A base in whose backward passes, but for the first ``after``, something happens to the gradients."""
    base = tiny.base()
    passes = 0

    def meddle(_module: Any, _inputs: Any, outputs: tuple[torch.Tensor]) -> tuple[torch.Tensor]:
        nonlocal passes
        passes += 1
        return (change(outputs[0]),) if passes > after else outputs

    base.model.lm_head.register_full_backward_pre_hook(lambda module, outputs: meddle(module, None, outputs))
    return base


@pytest.mark.parametrize("step", [0, 2])
def test_gradients_that_are_not_finite(tmp_path: Path, step: int) -> None:
    base = meddling(lambda gradient: gradient * float("inf"), after=1 + 2 * step)  # a dry pass, then two a step
    error = stopped(tmp_path, base)
    assert error.seen.startswith("the gradients are not finite in 16 of 16 adapter matrices")
    assert error.step == step and len(error.ids) == 8
    assert step == 0 or clean_after(tmp_path, step)


def test_gradients_that_are_zero(tmp_path: Path) -> None:
    error = stopped(tmp_path, meddling(lambda gradient: gradient * 0, after=3))
    assert (error.seen, error.step) == ("the gradients are exactly 0", 1)
    assert clean_after(tmp_path, 1)


def test_a_loss_that_is_exactly_zero(tmp_path: Path) -> None:
    base = tiny.base()
    loss, calls = base.model.loss_function, 0

    def vanishing(logits: Any, *given: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        return loss(logits, *given, **named) * (calls <= 3)

    base.model.loss_function = vanishing
    error = stopped(tmp_path, base)
    assert (error.seen, error.step) == ("the loss is exactly 0", 1)
    assert clean_after(tmp_path, 1)


def test_a_spike(tmp_path: Path) -> None:
    base = tiny.base()
    loss, calls = base.model.loss_function, 0

    def jumping(logits: Any, *given: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        return loss(logits, *given, **named) * (10 if calls > 5 else 1)

    base.model.loss_function = jumping
    error = stopped(tmp_path, base)
    assert error.seen.startswith("the loss jumped to ") and error.seen.endswith("the median of 2 steps")
    assert error.step == 2 and len(error.ids) == 8
    assert clean_after(tmp_path, 2)


@pytest.mark.parametrize(("before", "loss", "trips"), [([0.1] * 9, 4.0, False), ([0.1] * 9, 4.2, True),
                                                       ([3.0, 1.0, 2.0], 7.9, False), ([3.0, 1.0, 2.0], 8.1, True),
                                                       ([], 99.0, False)])  # fmt: skip
def test_what_a_spike_is(before: list[float], loss: float, trips: bool) -> None:
    guard = Guard()
    guard.remember(before)
    guard.batch(loss, ["a"], 3, str)
    gradients = [("x", torch.ones(3))]
    if trips:
        with pytest.raises(TrainingStopped, match="the loss jumped"):
            guard.before_step(gradients, 3)
    else:
        guard.before_step(gradients, 3)
        assert guard.norm == pytest.approx(3**0.5)


def test_debug_says_what_is_in_each_step(tmp_path: Path) -> None:
    examples = tiny.examples(12)
    train(tiny.config(), tiny.base(), examples, [], tmp_path / "out", watcher=tiny.Notes(), debug=True)
    rows = [json.loads(line) for line in (tmp_path / "out" / "debug.jsonl").read_text().splitlines()]
    assert [row["step"] for row in rows] == [1, 2]
    known = {e.id: (len(e.tokens) - e.prompt, len(e.tokens)) for e in examples}
    said = {i: (n, t) for row in rows for i, n, t in zip(row["samples"], row["labels"], row["tokens"], strict=True)}
    assert said == known
    assert all(row["loss"] > 1 and row["clipped_gradient_norm"] > 0 and row["peak_memory"] > 1e7 for row in rows)
