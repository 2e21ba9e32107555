"""What a folder (or a GGUF file) of a causal language model says before anything of it is loaded."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from captioners.base import CaptionerError

_CONFIGURATION = "config.json"
# Beside the weights, all that captions depend on. Code is not among it.
_DECISIVE = (
    *(_CONFIGURATION, "generation_config.json", "chat_template.jinja", "chat_template.json", "tokenizer.json"),
    *("tokenizer.model", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "vocab.json"),
    "merges.txt",
)
_TOKENIZERS = ("tokenizer.json", "tokenizer.model", "vocab.json")


def check(path: Path) -> None:
    """Raise CaptionerError for a folder that is none of a causal language model."""
    if path.is_file():
        return
    if not (path / _CONFIGURATION).is_file():
        if (path / "adapter_config.json").is_file():
            raise CaptionerError(
                f"{path} is a LoRA adapter, not a model of its own: caption with it by --adapter NAME={path}"
            )
        raise CaptionerError(f"{path} is no folder of a model: it has no {_CONFIGURATION}")
    if not any((path / name).is_file() for name in _TOKENIZERS):
        raise CaptionerError(f"{path} has no tokenizer ({', '.join(_TOKENIZERS)})")


def configuration(path: Path) -> dict[str, Any]:
    """What ``config.json`` says; empty for a GGUF file. Raises CaptionerError for a damaged one."""
    if path.is_file():
        return {}
    try:
        told = json.loads((path / _CONFIGURATION).read_text(encoding="utf-8"))
        if not isinstance(told, dict):
            raise ValueError("it is no JSON object")
        return told
    except (OSError, ValueError, RecursionError) as error:
        raise CaptionerError(f"{path / _CONFIGURATION} is damaged: {error}") from error


def quantized_as_published(path: Path) -> str:
    """The method by which the weights were quantized before they were published, "" where they were not."""
    if path.is_file():
        return "gguf"
    told = configuration(path).get("quantization_config")
    return str(told.get("quant_method", "unknown")) if isinstance(told, dict) else ""


def digest(path: Path) -> str:
    """SHA-256 (hex) over configuration and tokenizer; "" for a GGUF file, whose weights hold both."""
    if path.is_file():
        return ""
    files = [path / name for name in _DECISIVE if (path / name).is_file()]
    parts = [f"{file.name} {hashlib.sha256(file.read_bytes()).hexdigest()}\n" for file in files]
    return hashlib.sha256("".join(parts).encode()).hexdigest()
