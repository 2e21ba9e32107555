"""A tiny model as a GGUF file, written with the format's own library."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from gguf import GGUFWriter, TokenType
from numpy.typing import NDArray
from safetensors.numpy import load_file

from tests.captioners.language.tiny_tokenizers import LLAMA_SPECIAL, LLAMA_TEMPLATE

HEADS, KEYS, WIDTH = 4, 2, 64
NAMES = {
    "model.embed_tokens": "token_embd",
    "model.norm": "output_norm",
    "lm_head": "output",
    "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}


def interleaved(weight: NDArray[np.float32], heads: int) -> NDArray[np.float32]:
    """The rows of queries and keys in llama.cpp's order: it rotates neighbours, transformers rotates halves."""
    half = weight.shape[0] // heads // 2
    return np.ascontiguousarray(weight.reshape(heads, 2, half, WIDTH).swapaxes(1, 2).reshape(weight.shape))


def write_gguf(folder: Path, file: Path) -> Path:
    """A folder of :func:`tiny_models.llama` as llama.cpp would have converted it."""
    config = json.loads((folder / "config.json").read_text())
    tokenizer = json.loads((folder / "tokenizer.json").read_text())
    writer = GGUFWriter(file, "llama")
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KEYS)
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    writer.add_rope_freq_base(10_000.0)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_vocab_size(config["vocab_size"])
    ids = tokenizer["model"]["vocab"] | {token["content"]: token["id"] for token in tokenizer["added_tokens"]}
    tokens = sorted(ids, key=ids.__getitem__)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("llama-bpe")
    writer.add_token_list(tokens)
    writer.add_token_types([TokenType.CONTROL if token in LLAMA_SPECIAL else TokenType.NORMAL for token in tokens])
    writer.add_token_merges([" ".join(pair) for pair in tokenizer["model"]["merges"]])
    writer.add_bos_token_id(ids["<|begin_of_text|>"])
    writer.add_eos_token_id(ids["<|eot_id|>"])
    writer.add_chat_template(LLAMA_TEMPLATE)
    for name, tensor in load_file(folder / "model.safetensors").items():
        layer = name.removeprefix("model.layers.").removesuffix(".weight")
        number, _, part = layer.partition(".")
        stored = f"blk.{number}.{NAMES[part]}" if number.isdigit() else NAMES[layer]
        heads = {"attn_q": HEADS, "attn_k": KEYS}.get(stored.rpartition(".")[2])
        writer.add_tensor(f"{stored}.weight", interleaved(tensor, heads) if heads else tensor)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return file
