"""A tiny CogVLM with random weights, saved as the published checkpoints are.

Names and shapes are those of the published index, written down here a second time. All parameters are drawn at a scale
at which a wrong rule shows: norms far from 1, and what goes into a norm small enough for its epsilon to count.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Weights = dict[str, npt.NDArray[np.float32]]

CONFIG: dict[str, Any] = {
    "architectures": ["CogVLMForCausalLM"],
    "auto_map": {"AutoModelForCausalLM": "modeling_cogvlm.CogVLMForCausalLM"},
    "vocab_size": 384,
    "hidden_size": 32,
    "intermediate_size": 40,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "hidden_act": "silu",
    "max_position_embeddings": 2048,
    "rms_norm_eps": 1e-05,
    "initializer_range": 0.02,
    "template_version": "chat",
    "pad_token_id": 0,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "tie_word_embeddings": False,
    "use_cache": True,
    "torch_dtype": "bfloat16",
    "transformers_version": "4.35.0",
    "vision_config": {
        "image_size": 12,
        "patch_size": 4,
        "num_positions": 10,
        "in_channels": 3,
        "hidden_size": 24,
        "intermediate_size": 36,
        "num_hidden_layers": 2,
        "num_heads": 3,
        "hidden_act": "gelu",
        "layer_norm_eps": 1e-06,
        "dropout_prob": 0.0,
    },
}
# Enough for a model of sentencepiece to have subwords; none of them is more than an example.
SENTENCES = [
    "Question: Describe this image in one sentence. Answer: a red circle beside a blue square.",
    "Question: What colour is the star? Short answer: yellow",
    "A small green triangle above two black lines on a white background.",
    "Drawings of animals, faces, flags, food and signs.",
]


def shapes(config: dict[str, Any] = CONFIG) -> dict[str, tuple[int, ...]]:
    """Every tensor of a checkpoint but the rotary tables, in the order of the published index."""
    vision = config["vision_config"]
    V, H, I = config["vocab_size"], config["hidden_size"], config["intermediate_size"]  # noqa: E741
    h, i, p = vision["hidden_size"], vision["intermediate_size"], vision["patch_size"]
    named: dict[str, tuple[int, ...]] = {"lm_head.weight": (V, H), "model.embed_tokens.weight": (V, H)}
    for n in range(config["num_hidden_layers"]):
        layer = f"model.layers.{n}"
        named[f"{layer}.input_layernorm.weight"] = named[f"{layer}.post_attention_layernorm.weight"] = (H,)
        for expert in ("language", "vision"):
            named[f"{layer}.self_attn.{expert}_expert_query_key_value.weight"] = (3 * H, H)
            named[f"{layer}.self_attn.{expert}_expert_dense.weight"] = (H, H)
            named[f"{layer}.mlp.{expert}_mlp.gate_proj.weight"] = named[f"{layer}.mlp.{expert}_mlp.up_proj.weight"] = (
                I,
                H,
            )
            named[f"{layer}.mlp.{expert}_mlp.down_proj.weight"] = (H, I)
    named["model.norm.weight"] = (H,)
    named["model.vision.boi"] = named["model.vision.eoi"] = (1, 1, H)
    named["model.vision.linear_proj.linear_proj.weight"] = (H, h)
    named["model.vision.linear_proj.norm1.weight"] = named["model.vision.linear_proj.norm1.bias"] = (H,)
    named["model.vision.linear_proj.dense_h_to_4h.weight"] = named["model.vision.linear_proj.gate_proj.weight"] = (I, H)
    named["model.vision.linear_proj.dense_4h_to_h.weight"] = (H, I)
    named["model.vision.patch_embedding.cls_embedding"] = (1, h)
    named["model.vision.patch_embedding.position_embedding.weight"] = (vision["num_positions"], h)
    named["model.vision.patch_embedding.proj.weight"] = (h, 3, p, p)
    named["model.vision.patch_embedding.proj.bias"] = (h,)
    for m in range(vision["num_hidden_layers"]):
        layer = f"model.vision.transformer.layers.{m}"
        linear = {
            "attention.query_key_value": (3 * h, h),
            "attention.dense": (h, h),
            "mlp.fc1": (i, h),
            "mlp.fc2": (h, i),
        }
        for name, shape in {**linear, "input_layernorm": (h,), "post_attention_layernorm": (h,)}.items():
            named[f"{layer}.{name}.weight"], named[f"{layer}.{name}.bias"] = shape, shape[:1]
    return named


def draw_weights(config: dict[str, Any] = CONFIG, seed: int = 0) -> Weights:
    """Random weights of :func:`shapes`."""
    random = np.random.default_rng(seed)
    return {name: (_scale(name, shape) * random.normal(size=shape) + _centre(name)).astype(np.float32)
            for name, shape in shapes(config).items()}  # fmt: skip


def _centre(name: str) -> float:
    return 1.0 if "norm" in name and name.endswith("weight") else 0.0


def _scale(name: str, shape: tuple[int, ...]) -> float:
    fan_in = int(np.prod(shape[1:])) or 1
    if "norm" in name:
        return 0.5
    if "embed_tokens" in name or ("transformer" in name and (".dense." in name or ".fc2." in name)):
        return 0.002  # goes into a norm whose epsilon is about the square of it
    if name.endswith("linear_proj.linear_proj.weight"):
        return 0.003 / fan_in**0.5
    if name.endswith("bias") or len(shape) != 2 or "embedding" in name:
        return 0.5 if "proj" not in name else 0.2
    if "query_key_value" in name:
        return 1.5 / fan_in**0.5
    return 1.0 / fan_in**0.5


def save_checkpoint(
    folder: Path,
    config: dict[str, Any] = CONFIG,
    *,
    seed: int = 0,
    shards: int = 3,
    rotary_tables: bool = True,
    tokenizer: bool = True,
    weights: Weights | None = None,
) -> Path:
    """``folder``, new, with configuration, weights in ``shards`` files with an index (one: without), and tokenizer.

    ``rotary_tables`` adds ``inv_freq`` of every layer, as the published checkpoints have them.
    """
    from safetensors.numpy import save_file

    folder.mkdir()
    weights = dict(draw_weights(config, seed) if weights is None else weights)
    if rotary_tables:
        size = config["hidden_size"] // config["num_attention_heads"]
        for n in range(config["num_hidden_layers"]):
            table = (10000.0 ** -(np.arange(0, size, 2) / size)).astype(np.float32)
            weights[f"model.layers.{n}.self_attn.rotary_emb.inv_freq"] = table
    write_config(folder, config)
    (folder / "generation_config.json").write_text(
        json.dumps({key: config[key] for key in ("bos_token_id", "eos_token_id", "pad_token_id")})
    )
    if shards == 1:
        save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    else:
        files = {f"model-{k + 1:05}-of-{shards:05}.safetensors": list(weights)[k::shards] for k in range(shards)}
        for file, names in files.items():
            save_file({name: weights[name] for name in names}, folder / file, metadata={"format": "pt"})
        index = {
            "metadata": {"total_size": sum(array.nbytes for array in weights.values())},
            "weight_map": {name: file for file, names in files.items() for name in names},
        }
        (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    if tokenizer:
        save_tokenizer(folder)
    return folder


def write_config(folder: Path, config: dict[str, Any]) -> None:
    (folder / "config.json").write_text(json.dumps(config, indent=2))


def save_tokenizer(folder: Path) -> None:
    """Files like those of vicuna-7b-v1.5: byte pairs with byte fallback, ids 0, 1, 2 for <unk>, <s>, </s>."""
    import sentencepiece

    with (folder / "tokenizer.model").open("wb") as file:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(SENTENCES),
            model_writer=file,
            model_type="bpe",
            vocab_size=CONFIG["vocab_size"],
            byte_fallback=True,
            normalization_rule_name="identity",
            remove_extra_whitespaces=False,
            split_digits=True,
            character_coverage=1.0,
            num_threads=1,
            minloglevel=2,
        )
    special = {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<unk>"}
    (folder / "tokenizer_config.json").write_text(
        json.dumps({**special, "tokenizer_class": "LlamaTokenizer", "legacy": False, "add_bos_token": True})
    )
    (folder / "special_tokens_map.json").write_text(json.dumps(special))
