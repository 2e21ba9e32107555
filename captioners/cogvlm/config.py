"""What ``config.json`` of a CogVLM checkpoint says. It names no ``model_type``, so no library can read it for us."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from captioners.base import CaptionerError

# A checkpoint comes from strangers, and a module is built for every layer that it claims to have. CogVLM has 32 and 63.
_MOST_LAYERS = 1000


@dataclass(frozen=True, slots=True)
class VisionConfig:
    """Sizes of the vision tower.

    Attributes:
        image_size: side of the pictures, in pixels.
        patch_size: side of a patch, in pixels.
        num_positions: rows of the position table: the cls token and every patch.
        layer_norm_eps: of the norms of its layers; the adapter's norm has another one, which is not configured.
    """

    image_size: int
    patch_size: int
    num_positions: int
    in_channels: int
    hidden_size: int
    intermediate_size: int
    num_hidden_layers: int
    num_heads: int
    layer_norm_eps: float

    @property
    def tokens(self) -> int:
        """How many positions of a prompt one picture takes: every patch, and what begins and ends a picture."""
        return self.num_positions - 1 + 2


@dataclass(frozen=True, slots=True)
class CogVLMConfig:
    """Sizes of the language model, its special ids, and the template its checkpoint was trained for."""

    vocab_size: int
    hidden_size: int
    intermediate_size: int
    num_hidden_layers: int
    num_attention_heads: int
    rms_norm_eps: float
    template_version: str
    pad_token_id: int
    bos_token_id: int
    eos_token_id: int
    vision: VisionConfig

    @property
    def head_dim(self) -> int:
        return self.hidden_size // self.num_attention_heads


def read_config(directory: Path) -> CogVLMConfig:
    """The configuration of the checkpoint in ``directory``. Raises CaptionerError, which lists all that is wrong."""
    path = directory / "config.json"
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CaptionerError(f"{directory} is no checkpoint of CogVLM: it has no config.json") from None
    except (OSError, ValueError, RecursionError) as error:
        raise CaptionerError(f"cannot read {path}: {error}. Fetch the checkpoint anew.") from error
    problems: list[str] = []
    config = _config(_Fields(document, "", problems))
    if not problems:
        problems = _contradictions(config)
    if problems:
        raise CaptionerError(f"{path} does not describe a CogVLM model: {'; '.join(problems)}")
    return config


def _config(fields: _Fields) -> CogVLMConfig:
    # What has a default here may be absent: the original class knows the same values. Its rms_norm_eps is not the
    # one that the published checkpoints state (1e-5).
    fields.expect("hidden_act", "silu")
    fields.expect("tie_word_embeddings", False)
    return CogVLMConfig(
        vocab_size=fields.integer("vocab_size"),
        hidden_size=fields.integer("hidden_size"),
        intermediate_size=fields.integer("intermediate_size"),
        num_hidden_layers=fields.integer("num_hidden_layers", most=_MOST_LAYERS),
        num_attention_heads=fields.integer("num_attention_heads"),
        rms_norm_eps=fields.number("rms_norm_eps", default=1e-6),
        template_version=fields.choice("template_version", ("chat", "base", "vqa"), default="chat"),
        pad_token_id=fields.integer("pad_token_id", least=0, default=0),
        bos_token_id=fields.integer("bos_token_id", least=0, default=1),
        eos_token_id=fields.integer("eos_token_id", least=0, default=2),
        vision=_vision(fields.part("vision_config")),
    )


def _vision(fields: _Fields) -> VisionConfig:
    fields.expect("hidden_act", "gelu")
    fields.expect("in_channels", 3)
    return VisionConfig(
        image_size=fields.integer("image_size"),
        patch_size=fields.integer("patch_size"),
        num_positions=fields.integer("num_positions"),
        in_channels=3,
        hidden_size=fields.integer("hidden_size"),
        intermediate_size=fields.integer("intermediate_size"),
        num_hidden_layers=fields.integer("num_hidden_layers", most=_MOST_LAYERS),
        num_heads=fields.integer("num_heads"),
        layer_norm_eps=fields.number("layer_norm_eps"),
    )


def _contradictions(config: CogVLMConfig) -> list[str]:
    vision, problems = config.vision, []
    if config.hidden_size % (2 * config.num_attention_heads):
        problems.append("hidden_size cannot be shared among num_attention_heads in heads of even size")
    if vision.hidden_size % vision.num_heads:
        problems.append("vision_config.hidden_size is no multiple of its num_heads")
    patches = (vision.image_size // vision.patch_size) ** 2
    if vision.image_size % vision.patch_size or vision.num_positions != patches + 1:
        problems.append(
            f"a picture of {vision.image_size} pixels in patches of {vision.patch_size} does not have "
            f"num_positions = {vision.num_positions} (patches and one more)"
        )
    outside = [
        name for name in ("pad_token_id", "bos_token_id", "eos_token_id") if getattr(config, name) >= config.vocab_size
    ]
    if outside:
        problems.append(f"{', '.join(outside)} outside of vocab_size {config.vocab_size}")
    return problems


class _Fields:
    """Reads the fields of a JSON object; what is wrong with them is noted, so that all of it can be told at once."""

    def __init__(self, document: Any, prefix: str, problems: list[str]) -> None:
        self._prefix, self._problems = prefix, problems
        self._document: Mapping[str, Any] = document if isinstance(document, dict) else {}
        if not isinstance(document, dict):
            problems.append(f"{prefix.rstrip('.') or 'it'} is no JSON object")

    def part(self, key: str) -> _Fields:
        return _Fields(self._document.get(key), f"{self._prefix}{key}.", self._problems)

    def integer(self, key: str, *, least: int = 1, most: int = 2**31, default: int | None = None) -> int:
        value = self._document.get(key, default)
        if type(value) is not int or not least <= value <= most:
            self._wrong(key, f"an integer between {least} and {most}")
            return least
        return value

    def number(self, key: str, *, default: float | None = None) -> float:
        value = self._document.get(key, default)
        if type(value) not in (int, float) or not 0 < value < 1:
            self._wrong(key, "a number between 0 and 1")
            return 1.0
        return float(value)

    def choice(self, key: str, known: Sequence[str], *, default: str) -> str:
        value = self._document.get(key, default)
        if value not in known:
            self._wrong(key, f"one of {', '.join(known)}")
            return default
        return str(value)

    def expect(self, key: str, only: object) -> None:
        """Of the values that this key could have, one is implemented."""
        if self._document.get(key, only) != only:
            self._wrong(key, f"{json.dumps(only)}, the only one that is implemented")

    def _wrong(self, key: str, wanted: str) -> None:
        if key in self._document:
            self._problems.append(f"{self._prefix}{key} is {self._document[key]!r} instead of {wanted}")
        else:
            self._problems.append(f"{self._prefix}{key} is missing")
