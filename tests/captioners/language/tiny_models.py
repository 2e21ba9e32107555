"""Tiny random language models of the real classes, and LoRA adapters for them, saved as their trainers save them."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import torch
from transformers import (
    Gemma2Config,
    Gemma2ForCausalLM,
    GenerationConfig,
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedModel,
)

from tests.captioners.language.tiny_tokenizers import gemma_tokenizer, llama_tokenizer

SIZE: dict[str, Any] = {
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 4096,
    # Large enough for every weight to matter, and for the likeliest token to be so by a margin.
    "initializer_range": 0.4,
}
LLAMA_3_ROPE: dict[str, Any] = {
    "rope_type": "llama3",
    "rope_theta": 500_000.0,
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 512,
}
MISLEADING: dict[str, Any] = {
    "do_sample": True,
    "temperature": 0.6,
    "top_p": 0.9,
    "top_k": 7,
    "repetition_penalty": 1.7,
    "num_beams": 2,
    "max_length": 20,
}


def llama(folder: Path, *, template: bool = True, seed: int = 0, **changes: Any) -> Path:
    tokenizer = llama_tokenizer() if template else llama_tokenizer(None)
    eos = tokenizer.convert_tokens_to_ids(["<|end_of_text|>", "<|eom_id|>", "<|eot_id|>"])
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=eos,
        **(SIZE | {"rope_parameters": LLAMA_3_ROPE} | changes),
    )
    return _saved(LlamaForCausalLM, config, tokenizer, folder, seed, eos)


def gemma(folder: Path, *, seed: int = 1) -> Path:
    """Both soft caps in reach of its scores, and a window that is shorter than any prompt."""
    tokenizer = gemma_tokenizer()
    config = Gemma2Config(
        vocab_size=len(tokenizer),
        head_dim=16,
        query_pre_attn_scalar=16,
        sliding_window=48,
        attn_logit_softcapping=3.0,
        final_logit_softcapping=5.0,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        **SIZE,
    )
    return _saved(Gemma2ForCausalLM, config, tokenizer, folder, seed, [tokenizer.eos_token_id])


def _saved(kind: Any, config: Any, tokenizer: Any, folder: Path, seed: int, eos: list[int]) -> Path:
    torch.manual_seed(seed)
    model: PreTrainedModel = kind(config)
    with torch.no_grad():  # or a tied head says again and again what it was told last
        model.get_input_embeddings().weight.mul_(0.05)
    model.save_pretrained(folder)
    GenerationConfig(eos_token_id=eos, **MISLEADING).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def adapter(folder: Path, base: Path | PreTrainedModel, *, seed: int, named: str = "", **settings: Any) -> Path:
    """A LoRA adapter with random matrices, saved by PEFT; ``named`` is what it calls its base."""
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    torch.manual_seed(seed)
    model = AutoModelForCausalLM.from_pretrained(base) if isinstance(base, Path) else base
    chosen = {"r": 4, "lora_alpha": 8, "target_modules": ["q_proj", "v_proj"], **settings}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # PEFT's use of transformers
        adapted = get_peft_model(model, LoraConfig(task_type="CAUSAL_LM", **chosen))
    with torch.no_grad():
        for name, parameter in adapted.named_parameters():
            if "lora_" in name and "magnitude" not in name:
                parameter.normal_(std=0.4)
    adapted.save_pretrained(folder)
    if named:
        file = folder / "adapter_config.json"
        file.write_text(json.dumps(json.loads(file.read_text()) | {"base_model_name_or_path": named}))
    return folder
