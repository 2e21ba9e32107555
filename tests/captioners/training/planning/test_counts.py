"""Numbers of parameters are those of the real classes; the published ones were wrong."""

from __future__ import annotations

import pytest

from captioners import CaptionerError
from captioners.training.config import load
from captioners.training.planning.counts import configuration, count
from captioners.training.planning.memory import estimate

# By hand: r * (inputs + outputs) of each target, times layers. Llama: q and o are 4096 x 4096, k and v 4096 x 1024.
# Gemma 2: q is 3584 x 4096, o its reverse, k and v 3584 x 2048.
LLAMA, GEMMA = 8_030_261_248, 9_241_705_984
EXPECTED = {
    ("llama-3.1-8b", "test1"): (LLAMA, 32 * 4 * (8192 + 5120)),
    ("llama-3.1-8b", "test3"): (LLAMA, 32 * 16 * (2 * 8192 + 2 * 5120)),
    ("gemma-2-9b", "test2"): (GEMMA, 42 * 4 * (7680 + 5632)),
    ("gemma-2-9b", "test3-multi-gpu"): (GEMMA, 42 * 16 * (2 * 7680 + 2 * 5632)),
}


@pytest.mark.parametrize(("base", "preset"), EXPECTED)
def test_parameters_are_counted_exactly(base: str, preset: str) -> None:
    counts = count(configuration(base), load(preset).lora)
    assert (counts.total, counts.trainable) == EXPECTED[base, preset]


def test_the_share_is_that_of_peft() -> None:
    counts = count(configuration("llama-3.1-8b"), load("test3").lora)
    assert counts.trainable == 13_631_488
    assert f"{counts.share:.5%}" == "0.16946%"


def test_targets_that_the_base_lacks_are_named() -> None:
    with pytest.raises(CaptionerError, match="adapters on query"):
        count(configuration("llama-3.1-8b"), load("test3", ['lora.targets=["query"]']).lora)


def test_a_base_without_a_configuration_is_an_error() -> None:
    with pytest.raises(CaptionerError, match=r"Known: gemma-2-9b, llama-3.1-8b; or a folder"):
        configuration("nowhere")


def test_memory_follows_its_formula() -> None:
    """By hand for Llama, test 3, 1,024 tokens, 24 of them the caption."""
    config = load("test3")
    memory = estimate(count(configuration("llama-3.1-8b"), config.lora), config, length=1024, answer=24, eager=False)
    assert memory.adapter == 136_314_880
    assert memory.activations == 32 * 2 * 1024 * 4096 * 4
    assert memory.layer == 2 * 1024 * (4 * 4096 + 3 * 14336) * 2
    assert memory.logits == int(2.8 * 2 * 24 * 128256 * 4)
    assert memory.weights / 1e9 == pytest.approx(7.80, abs=0.01)
    assert memory.total == memory.weights + 136_314_880 + memory.activations + memory.layer + memory.logits
