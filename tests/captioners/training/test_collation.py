"""Logits where labels are give the same losses and gradients; the order of examples can be repeated."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from captioners.training.adaptation import adapted
from captioners.training.checks import split
from captioners.training.collation import Collator, LengthGrouped, longest
from captioners.training.examples import IGNORED, Example
from tests.captioners.training import tiny


def step(model: Any, batch: dict[str, Any], items: int) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
    """Loss and gradients, with the same dropout each time."""
    torch.manual_seed(5)
    model.train()
    model.zero_grad()
    _, inputs = split(batch, "cpu")
    loss = model(**inputs, num_items_in_batch=items).loss
    loss.backward()
    return loss.detach(), {n: p.grad.clone() for n, p in model.named_parameters() if p.grad is not None}


@pytest.fixture(scope="module", params=["llama", "gemma2", "gemma2 without a soft-cap"])
def model(request: pytest.FixtureRequest) -> Any:
    base = tiny.base(request.param.split()[0], deviation=0.5)
    if "without" in request.param:
        base.model.config.final_logit_softcapping = None
    made = adapted(base, tiny.config("test3", "model.quantization=none", "model.double_quantization=false"))
    torch.manual_seed(1)
    for name, parameter in made.named_parameters():
        if "lora_B" in name:  # zero at the start, which would leave no gradient in lora_A
            torch.nn.init.normal_(parameter, std=0.1)
    return made


def test_loss_and_gradients_are_those_of_logits_everywhere(model: Any) -> None:
    examples = tiny.examples(4)
    learnt = sum(len(e.tokens) - e.prompt for e in examples)
    plain = step(model, Collator(tiny.PAD, everywhere=True)(examples), learnt)
    chosen = step(model, Collator(tiny.PAD)(examples), learnt)
    assert len(plain[1]) == 2 * 2 * 4  # two layers, four targets, two matrices each
    assert plain[0].item() == pytest.approx(chosen[0].item(), rel=2e-7)  # the same terms, added in another order
    assert all(torch.equal(plain[1][name], chosen[1][name]) for name in plain[1])


def test_the_comparison_sees_one_label_fewer(model: Any) -> None:
    examples = tiny.examples(4)
    fewer = [Example(e.id, e.tokens, e.prompt + (i == 0)) for i, e in enumerate(examples)]
    all_of_them, without = (step(model, Collator(tiny.PAD)(some), 20)[1] for some in (examples, fewer))
    assert not any(torch.equal(all_of_them[name], without[name]) for name in all_of_them)


def test_the_soft_cap_stays() -> None:
    """By hand: logits of the last hidden states at chosen positions, capped, and their cross-entropy."""
    base = tiny.base("gemma2", deviation=0.5)
    cap = base.model.config.final_logit_softcapping
    _, inputs = split(Collator(tiny.PAD)(tiny.examples(3)), "cpu")
    with torch.no_grad():
        hidden = base.model.model(inputs["input_ids"], attention_mask=inputs["attention_mask"]).last_hidden_state
        raw = base.model.lm_head(hidden[inputs["logits_to_keep"]])
        expected = torch.nn.functional.cross_entropy(cap * torch.tanh(raw / cap), inputs["shift_labels"])
        uncapped = torch.nn.functional.cross_entropy(raw, inputs["shift_labels"])
        loss = base.model(**inputs).loss
    assert loss.item() == pytest.approx(expected.item(), abs=1e-6)
    assert abs(uncapped.item() - expected.item()) > 1e-3


def test_a_batch_says_what_is_seen_and_what_is_learnt() -> None:
    batch = Collator(9)([Example("a", (1, 2, 3, 4), 2), Example("b", (5, 6), 1)])
    assert batch["input_ids"].tolist() == [[1, 2, 3, 4], [5, 6, 9, 9]]
    assert batch["attention_mask"].tolist() == [[1, 1, 1, 1], [1, 1, 0, 0]]
    assert batch["labels"].tolist() == [[IGNORED, IGNORED, 3, 4], [IGNORED, 6, IGNORED, IGNORED]]
    assert batch["logits_to_keep"].tolist() == [[False, True, True, False], [True, False, False, False]]
    assert batch["shift_labels"].tolist() == [3, 4, 6]
    assert batch["ids"] == ["a", "b"]


def test_the_order_is_that_of_seed_and_epoch() -> None:
    lengths = [len(example.tokens) for example in tiny.examples(203)]
    order = LengthGrouped(lengths, 4, seed=1)
    first = list(order)
    assert sorted(first) == list(range(203))
    assert list(order) == first
    order.epoch = 1
    assert list(order) != first
    assert list(LengthGrouped(lengths, 4, seed=2)) != first


def test_batches_are_of_similar_length_in_any_order() -> None:
    lengths = [len(example.tokens) for example in tiny.examples(400)]

    def padded(order: list[int]) -> int:
        return sum(4 * max(lengths[i] for i in order[start : start + 4]) for start in range(0, 400, 4))

    order = list(LengthGrouped(lengths, 4, seed=0))
    assert padded(order) < 1.05 * sum(lengths) < 1.2 * sum(lengths) < padded(list(range(400)))
    firsts = [lengths[order[start]] for start in range(0, 400, 4)]
    assert firsts != sorted(firsts) and firsts != sorted(firsts, reverse=True)


def test_the_largest_batch_is_that_of_the_longest_examples() -> None:
    examples = [Example(name, tuple(range(n)), 1) for name, n in (("a", 3), ("b", 9), ("c", 5))]
    assert [example.id for example in longest(examples, 2)] == ["b", "c"]
