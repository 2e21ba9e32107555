"""BLIP and vit-gpt2 of the real classes, small enough for a test and with random weights, saved as on the hub."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from tokenizers import BertWordPieceTokenizer, ByteLevelBPETokenizer

from captioners.torchvision_operators import spare_transformers

SENTENCES = (
    "a picture of a red circle above a blue square",
    "two small green stars and a large yellow triangle",
    "the black cat is sitting on a white house with one door",
)


def spread(model: Any, seed: int) -> None:
    """Weights so large that pictures and words matter: those that a model begins with say the same of everything."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.dim() > 1:
                width = 1.0 if "embed" in name else 2.0 / parameter[0].numel() ** 0.5
                parameter.copy_(torch.randn(parameter.shape, generator=generator) * width)


def saved_blip(folder: Path, seed: int = 0) -> Path:
    spare_transformers()
    from transformers import BertTokenizer, BlipConfig, BlipForConditionalGeneration, BlipImageProcessorPil

    words = BertWordPieceTokenizer(lowercase=True)
    words.train_from_iterator(SENTENCES * 4, vocab_size=120, show_progress=False)
    folder.mkdir(parents=True)
    words.save_model(str(folder))
    tokenizer = BertTokenizer.from_pretrained(folder)
    size = len(tokenizer)
    text = {
        "vocab_size": size + 2,  # as published: the start token is no word of the tokenizer
        "hidden_size": 32,
        "encoder_hidden_size": 32,
        "intermediate_size": 64,
        "projection_dim": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "max_position_embeddings": 48,
        "bos_token_id": size,
        "eos_token_id": 2,  # as published: not what ends a caption
        "sep_token_id": tokenizer.sep_token_id,
        "pad_token_id": tokenizer.pad_token_id,
    }
    vision = {
        "hidden_size": 32,
        "intermediate_size": 64,
        "projection_dim": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "image_size": 32,
        "patch_size": 8,
    }
    model = BlipForConditionalGeneration(BlipConfig(text_config=text, vision_config=vision, projection_dim=32))
    spread(model, seed)
    model.text_decoder.cls.predictions.bias.data[tokenizer.sep_token_id] = 4.0  # some captions end by themselves
    model.save_pretrained(folder)
    BlipImageProcessorPil(size={"height": 32, "width": 32}).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def saved_vit_gpt2(folder: Path, seed: int = 0) -> Path:
    spare_transformers()
    from transformers import (
        GPT2Config,
        GPT2Tokenizer,
        VisionEncoderDecoderConfig,
        VisionEncoderDecoderModel,
        ViTConfig,
        ViTImageProcessorPil,
    )

    pairs = ByteLevelBPETokenizer()
    pairs.train_from_iterator(SENTENCES * 4, vocab_size=320, special_tokens=["<|endoftext|>"], show_progress=False)
    folder.mkdir(parents=True)
    pairs.save_model(str(folder))
    tokenizer = GPT2Tokenizer.from_pretrained(folder)
    end = tokenizer.eos_token_id
    vision = ViTConfig(
        hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4, image_size=32, patch_size=8
    )
    text = GPT2Config(
        vocab_size=len(tokenizer), n_positions=48, n_embd=32, n_layer=2, n_head=4, bos_token_id=end, eos_token_id=end,
        add_cross_attention=True, is_decoder=True,
    )  # fmt: skip
    config = VisionEncoderDecoderConfig.from_encoder_decoder_configs(vision, text)
    config.decoder_start_token_id = config.bos_token_id = config.eos_token_id = config.pad_token_id = end
    model = VisionEncoderDecoderModel(config)
    spread(model, seed)
    model.decoder.transformer.wte.weight.data[end] *= 3.0  # some captions end by themselves
    model.save_pretrained(folder)
    ViTImageProcessorPil(size={"height": 32, "width": 32}).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
