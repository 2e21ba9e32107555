"""LoRA adapters of strangers: what their files say, checked before PEFT gets any of it.

PEFT never sees the folder. Its configuration is made here from the few settings that a plain LoRA adapter has, and the
tensors come from ``adapter_model.safetensors`` alone, so that no setting can make it import, download or read
anything else.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from captioners import safetensors_files
from captioners.base import CaptionerError

Shape = tuple[int, ...]

CONFIGURATION = "adapter_config.json"
WEIGHTS = "adapter_model.safetensors"
_LONGEST = 1_000_000  # characters of adapter_config.json
_TENSOR = re.compile(
    r"base_model\.model\.(?P<layer>[\w.]+)\.(?P<part>lora_A\.weight|lora_B\.weight|lora_B\.bias|lora_magnitude_vector)"
)
_PATTERN = re.compile(r"[\w.]+")  # of layers' names; PEFT would match any regular expression, for any time

# What is followed, and what says nothing about a trained adapter. Everything else must be off.
_FOLLOWED = {
    *("peft_type", "task_type", "base_model_name_or_path", "revision", "r", "lora_alpha", "use_rslora", "use_dora"),
    *("rank_pattern", "alpha_pattern", "fan_in_fan_out", "lora_bias", "bias", "init_lora_weights"),
}
_WITHOUT_EFFECT = {
    *("inference_mode", "peft_version", "lora_dropout", "target_modules", "exclude_modules", "layers_to_transform"),
    *("layers_pattern", "qalora_group_size", "loftq_config", "eva_config", "corda_config", "ensure_weight_tying"),
    *("lora_ga_config", "megatron_core"),
}
# Other ways to begin change the base model too, and must be repeated before their adapters fit.
_PLAIN_BEGINNINGS = (True, False, None, "gaussian", "orthogonal")


@dataclass(frozen=True)
class Adapter:
    """A LoRA adapter in a folder.

    Attributes:
        folder: where its files are.
        base: the model it was trained on, as its configuration calls it.
        revision: of that model, "" where it is not said.
        rank: of the matrices, unless ``ranks`` says otherwise.
        alpha: their weight, over the rank, unless ``alphas`` says otherwise.
        ranks: end of a layer's name -> rank.
        alphas: end of a layer's name -> alpha.
        rank_stabilized: whether alpha is divided by the rank's root (Kalajdzievski 2023).
        dora: whether directions and magnitudes are apart (Liu et al. 2024).
        fan_in_fan_out: whether the base's matrices are stored transposed, as GPT-2's are.
        bias: whether the second matrix has a bias.
        layers: of the base that it changes.
    """

    folder: Path
    base: str
    revision: str
    rank: int
    alpha: float
    ranks: Mapping[str, int]
    alphas: Mapping[str, float]
    rank_stabilized: bool
    dora: bool
    fan_in_fan_out: bool
    bias: bool
    layers: tuple[str, ...]

    @property
    def key(self) -> str:
        """Equal for adapters that do the same, wherever they lie; a name that PEFT can use."""
        return hashlib.sha256(json.dumps(self.fingerprint(), sort_keys=True).encode()).hexdigest()[:16]

    def fingerprint(self) -> dict[str, object]:
        """What of it determines captions; JSON values only."""
        told = asdict(self)
        for name in ("folder", "base", "revision", "layers"):
            told.pop(name)
        return {"weights": safetensors_files.digest(self.folder / WEIGHTS), **told}

    def rank_of(self, layer: str) -> int:
        """The rank of its matrices for a layer, as PEFT reads ``rank_pattern``: the first end that fits."""
        return next((rank for end, rank in self.ranks.items() if f".{layer}".endswith(f".{end}")), self.rank)

    def check(self, size: Callable[[str], tuple[int, int] | None]) -> None:
        """Whether it fits a base model.

        Args:
            size: layer -> features in and out of a linear layer of that name in the base, None if there is none.

        Raises:
            CaptionerError: a layer is missing, has another size, or the ranks contradict the configuration.
        """
        shapes = _parts(self.folder)
        for layer in self.layers:
            there = size(layer)
            if there is None:
                raise CaptionerError(f"the base model has no linear layer {layer!r}, which the adapter changes")
            first, second = shapes[layer, "lora_A.weight"], shapes[layer, "lora_B.weight"]
            rank = self.rank_of(layer)
            if (first[0], second[1]) != (rank, rank):
                raise CaptionerError(
                    f"{self.folder}: the matrices of {layer} have rank {first[0]} and {second[1]}, and {CONFIGURATION} "
                    f"says {rank}: its files do not belong together"
                )
            if (first[1], second[0]) != there:
                raise CaptionerError(
                    f"the adapter was made for another base model: for {layer} it takes {first[1]:,} numbers and "
                    f"gives {second[0]:,}; the base's layer takes {there[0]:,} and gives {there[1]:,}"
                )


def read(folder: Path) -> Adapter:
    """The adapter in a folder. Raises CaptionerError for one that is damaged, or more than a plain LoRA adapter."""
    told = _configuration(folder)
    _refuse_others(folder, told)
    layers = tuple(dict.fromkeys(layer for layer, _ in _parts(folder)))
    try:
        return Adapter(
            folder,
            base=_text(told, "base_model_name_or_path"),
            revision=_text(told, "revision"),
            rank=_positive(told.get("r", 8)),
            alpha=float(told.get("lora_alpha", 8)),
            ranks={_end(name): _positive(rank) for name, rank in (told.get("rank_pattern") or {}).items()},
            alphas={_end(name): float(alpha) for name, alpha in (told.get("alpha_pattern") or {}).items()},
            rank_stabilized=bool(told.get("use_rslora")),
            dora=bool(told.get("use_dora")),
            fan_in_fan_out=bool(told.get("fan_in_fan_out")),
            bias=bool(told.get("lora_bias")),
            layers=layers,
        )
    except (ValueError, TypeError, AttributeError) as error:
        raise CaptionerError(f"{folder / CONFIGURATION} is damaged: {error}") from error


def _configuration(folder: Path) -> dict[str, Any]:
    file = folder / CONFIGURATION
    if not file.is_file():
        raise CaptionerError(f"{folder} holds no LoRA adapter: it has no {CONFIGURATION}")
    try:
        text = file.read_text(encoding="utf-8")
        if len(text) > _LONGEST:
            raise ValueError(f"it has {len(text):,} characters")
        told = json.loads(text)
        if not isinstance(told, dict):
            raise ValueError("it is no JSON object")
        return told
    except (OSError, ValueError, RecursionError) as error:
        raise CaptionerError(f"{file} is damaged: {error}") from error


def _refuse_others(folder: Path, told: Mapping[str, Any]) -> None:
    file = folder / CONFIGURATION
    if str(told.get("peft_type")).upper() != "LORA":
        raise CaptionerError(f"{file}: peft_type is {told.get('peft_type')!r}; only LORA is used here")
    if told.get("task_type") not in ("CAUSAL_LM", None):
        raise CaptionerError(f"{file}: task_type is {told['task_type']!r}; only CAUSAL_LM captions")
    if told.get("bias", "none") != "none":
        raise CaptionerError(
            f"{file}: bias is {told['bias']!r}: it changes the base model's own biases, which is not done"
        )
    if told.get("init_lora_weights") not in _PLAIN_BEGINNINGS:
        raise CaptionerError(
            f"{file}: init_lora_weights is {told['init_lora_weights']!r}, which changes the base model as well: "
            "let PEFT convert the adapter to a plain one when saving (path_initial_model_for_weight_conversion)"
        )
    if others := [name for name, value in told.items() if value and name not in _FOLLOWED | _WITHOUT_EFFECT]:
        raise CaptionerError(
            f"{file}: {others[0]} is {_short(told[others[0]])}: only plain LoRA adapters of linear layers are used, "
            "nothing that needs code, files or layers of its own. Merge it into its base model with the program that "
            "trained it, and name the result as hf:FOLDER"
        )


def _parts(folder: Path) -> dict[tuple[str, str], Shape]:
    """(layer, part) -> shape. Raises CaptionerError for what is no LoRA matrix of a linear layer."""
    if not (folder / WEIGHTS).is_file():
        raise CaptionerError(f"{folder} has no {WEIGHTS}")
    parts: dict[tuple[str, str], Shape] = {}
    for name, shape in safetensors_files.shapes(folder / WEIGHTS).items():
        found = _TENSOR.fullmatch(name)
        if not found:
            raise CaptionerError(f"{folder}: {name!r} is no LoRA matrix of a linear layer, and nothing else is loaded")
        parts[found["layer"], found["part"]] = shape
    for layer in dict.fromkeys(layer for layer, _ in parts):
        for part in ("lora_A.weight", "lora_B.weight"):
            if len(parts.get((layer, part), ())) != 2:
                raise CaptionerError(f"{folder}: {layer} has no matrix {part}: the adapter is not whole")
    if not parts:
        raise CaptionerError(f"{folder}: the adapter is empty")
    return parts


def _text(told: Mapping[str, Any], name: str) -> str:
    value = told.get(name) or ""
    if not isinstance(value, str):
        raise TypeError(f"{name} is {value!r}")
    return value


def _positive(value: object) -> int:
    if not isinstance(value, int) or value < 1:
        raise ValueError(f"a rank is {value!r}")
    return value


def _end(name: str) -> str:
    if not _PATTERN.fullmatch(name):
        raise ValueError(f"{name!r} is no name of layers; other patterns are not matched")
    return name


def _short(value: object) -> str:
    text = json.dumps(value)
    return text if len(text) <= 80 else f"{text[:79]}…"
