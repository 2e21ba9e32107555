"""Small tokenizers with the special tokens and chat templates of Llama 3.1 and Gemma 2, trained on a few lines."""

from __future__ import annotations

from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

TEXT = [
    '<svg viewBox="0 0 512 512"><rect x="85.3" y="85.3" width="341.4" height="340.2" fill="#d22f27"/></svg>',
    '<path fill="none" stroke="#000" stroke-width="14" d="M292 197V315h51l-23 14c8-7 18-11 28-11z"/><circle r="6"/>',
    "a red square on a blue circle; two yellow stars above the green house of the small black cat",
    "Describe in one short sentence what the drawing with this SVG code shows. system user assistant model",
] * 4

LLAMA_SPECIAL = (
    *("<|begin_of_text|>", "<|end_of_text|>", "<|finetune_right_pad_id|>", "<|start_header_id|>"),
    *("<|end_header_id|>", "<|eom_id|>", "<|eot_id|>"),
)
LLAMA_TEMPLATE = (
    "{{ bos_token }}"
    "{% set first = messages[0]['content'] | trim if messages[0]['role'] == 'system' else '' %}"
    "{% set others = messages[1:] if messages[0]['role'] == 'system' else messages %}"
    "<|start_header_id|>system<|end_header_id|>\n\nCutting Knowledge Date: December 2023\n"
    "Today Date: {{ date_string if date_string is defined else strftime_now('%d %b %Y') }}\n\n{{ first }}<|eot_id|>"
    "{% for message in others %}"
    "<|start_header_id|>{{ message['role'] }}<|end_header_id|>\n\n{{ message['content'] | trim }}<|eot_id|>"
    "{% endfor %}"
    "{% if add_generation_prompt %}<|start_header_id|>assistant<|end_header_id|>\n\n{% endif %}"
)

GEMMA_SPECIAL = ("<pad>", "<eos>", "<bos>", "<unk>", "<start_of_turn>", "<end_of_turn>")
GEMMA_TEMPLATE = (
    "{{ bos_token }}"
    "{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}"
    "{% for message in messages %}"
    "{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('Conversation roles must alternate') }}{% endif %}"
    "<start_of_turn>{{ 'model' if message['role'] == 'assistant' else message['role'] }}\n"
    "{{ message['content'] | trim }}<end_of_turn>\n"
    "{% endfor %}"
    "{% if add_generation_prompt %}<start_of_turn>model\n{% endif %}"
)


def llama_tokenizer(template: str | None = LLAMA_TEMPLATE) -> PreTrainedTokenizerFast:
    """Bytes, as Llama 3's: no unknown token, no pad token."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(
                Regex(
                    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
                    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
                ),
                behavior="isolated",
            ),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=400, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    tokenizer.train_from_iterator(TEXT, trainer)
    tokenizer.add_special_tokens([AddedToken(text, special=True, normalized=False) for text in LLAMA_SPECIAL])
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token="<|begin_of_text|>",
        eos_token="<|eot_id|>",
        chat_template=template,
        clean_up_tokenization_spaces=False,
    )


def gemma_tokenizer(template: str | None = GEMMA_TEMPLATE) -> PreTrainedTokenizerFast:
    """Spaces become ▁, characters that were never seen become bytes, as with SentencePiece."""
    trainer = trainers.BpeTrainer(
        vocab_size=600,
        special_tokens=[*GEMMA_SPECIAL, *(f"<0x{byte:02X}>" for byte in range(256))],
        show_progress=False,
    )
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", byte_fallback=True, fuse_unk=True))
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    tokenizer.pre_tokenizer = pre_tokenizers.Split(" ", behavior="merged_with_previous")
    tokenizer.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
    tokenizer.train_from_iterator(TEXT, trainer)
    trained = models.BPE(
        vocab=tokenizer.get_vocab(),
        merges=_merges(tokenizer),
        unk_token="<unk>",
        byte_fallback=True,
        fuse_unk=True,
    )
    plain = Tokenizer(trained)  # without the bytes as special tokens, which training needed them to be
    plain.normalizer, plain.pre_tokenizer, plain.decoder = (
        tokenizer.normalizer,
        tokenizer.pre_tokenizer,
        tokenizer.decoder,
    )
    plain.add_special_tokens([AddedToken(text, special=True, normalized=False) for text in GEMMA_SPECIAL])
    return PreTrainedTokenizerFast(
        tokenizer_object=plain,
        bos_token="<bos>",
        eos_token="<eos>",
        pad_token="<pad>",
        unk_token="<unk>",
        chat_template=template,
        clean_up_tokenization_spaces=False,
    )


def _merges(tokenizer: Tokenizer) -> list[tuple[str, str]]:
    import json

    return [tuple(pair) for pair in json.loads(tokenizer.to_str())["model"]["merges"]]


def saved(tokenizer: PreTrainedTokenizerFast, folder: Path) -> Path:
    tokenizer.save_pretrained(folder)
    return folder
