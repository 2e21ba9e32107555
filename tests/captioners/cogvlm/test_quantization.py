from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from bitsandbytes.functional import dequantize_4bit, quantize_4bit
from bitsandbytes.nn import Linear4bit

from captioners.cogvlm import CogVLMForCausalLM
from captioners.cogvlm.config import read_config
from captioners.cogvlm.generation import generate
from captioners.cogvlm.prompt import padded, prompt
from captioners.cogvlm.tokenizer import Tokenizer
from tests.captioners.cogvlm.tiny import CONFIG, draw_weights, save_checkpoint

KEPT = ("norm", "embed", "lm_head", "bias", "boi", "eoi", "patch_embedding")


def rounded(name: str, value: Any) -> Any:
    """A matrix as four bits and double quantization leave it."""
    if any(part in name for part in KEPT):
        return value
    packed, state = quantize_4bit(torch.from_numpy(value), quant_type="nf4", compress_statistics=True, blocksize=64)
    return dequantize_4bit(packed, state).numpy()


@pytest.fixture(scope="module")
def quantized(checkpoint: Path) -> Any:
    return CogVLMForCausalLM.from_pretrained(checkpoint, quantization="nf4")


def test_all_linear_layers_but_the_last_have_four_bits(quantized: Any) -> None:
    names = {name for name, module in quantized.named_modules() if isinstance(module, Linear4bit)}
    linear = {
        n.removesuffix(".weight") for n, v in draw_weights().items() if v.ndim == 2 and not any(k in n for k in KEPT)
    }
    assert names == linear
    for name in names:
        weight = quantized.get_submodule(name).weight
        assert weight.dtype == torch.uint8
        assert (weight.quant_state.quant_type, weight.quant_state.nested) == ("nf4", True)
    assert quantized.lm_head.weight.dtype == torch.float32


# In shapes that fit, some processors compute in bfloat16 unless they are kept from it.
FITTING: dict[str, Any] = {
    **CONFIG,
    "hidden_size": 64,
    "intermediate_size": 128,
    "vision_config": {**CONFIG["vision_config"], "hidden_size": 64, "intermediate_size": 128, "num_heads": 4},
}


@pytest.mark.parametrize("config", [CONFIG, FITTING], ids=["any shapes", "fitting shapes"])
def test_logits_are_those_of_the_rounded_weights(tmp_path: Path, images: Any, config: dict[str, Any]) -> None:
    weights = draw_weights(config)
    exact = save_checkpoint(tmp_path / "exact", config, weights=weights)
    nearest = {name: rounded(name, value) for name, value in weights.items()}
    plain = save_checkpoint(tmp_path / "rounded", config, weights=nearest, tokenizer=False)
    read, tokenizer = read_config(exact), Tokenizer(exact / "tokenizer.model")
    prompts = [prompt(read, tokenizer.encode, text, picture=True) for text in ("Question: Red? Answer:", "")]
    ids, types, mask = padded(prompts, 0)
    loaded = [
        CogVLMForCausalLM.from_pretrained(exact),
        CogVLMForCausalLM.from_pretrained(plain),
        CogVLMForCausalLM.from_pretrained(exact, quantization="nf4"),
    ]
    with torch.inference_mode():
        full, expected, got = (m(ids, types, torch.from_numpy(images[:2]), mask).logits[:, -1] for m in loaded)
    assert got.numpy() == pytest.approx(expected.numpy(), abs=1e-4)
    assert (full - expected).abs().max() > 0.1


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_four_bits_generate(checkpoint: Path, images: Any, dtype: torch.dtype) -> None:
    """Also in bfloat16, where some processors want shapes that the small vision tower does not have."""
    quantized = CogVLMForCausalLM.from_pretrained(checkpoint, dtype=dtype, quantization="nf4")
    config, tokenizer = read_config(checkpoint), Tokenizer(checkpoint / "tokenizer.model")
    prompts = [prompt(config, tokenizer.encode, text, picture=True) for text in ("Question: Red? Answer:", "")]
    pictures = torch.from_numpy(images[:2])
    together = generate(quantized, prompts, pictures, 6)
    assert [len(answer.ids) for answer in together] == [6, 6]
    if dtype == torch.float32:
        assert together == [generate(quantized, [p], pictures[k : k + 1], 6)[0] for k, p in enumerate(prompts)]
