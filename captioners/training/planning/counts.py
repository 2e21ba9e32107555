"""How many parameters a base and its adapter have: counted on the real classes, without weights.

The models are built on torch's ``meta`` device, where tensors have shapes and no content. The configurations of the two
published bases are kept here, as the hub's copies are gated; they say what the numbers of parameters depend on.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from captioners.base import CaptionerError
from captioners.training.config import Lora

_FOLDER = resources.files("captioners.training.planning") / "bases"


@dataclass(frozen=True, slots=True)
class Counts:
    """Numbers of parameters, and the sizes that memory depends on.

    Attributes:
        total: of the base; a tied head is counted once.
        trainable: of the adapter.
        quantized: weights of the linear layers that nf4 packs: all but embeddings and head.
        layers, hidden, intermediate, heads, vocabulary: of the architecture.
    """

    total: int
    trainable: int
    quantized: int
    layers: int
    hidden: int
    intermediate: int
    heads: int
    vocabulary: int

    @property
    def share(self) -> float:
        """Trainable parameters per parameter of base and adapter, as PEFT prints it; 0 to 1."""
        return self.trainable / (self.total + self.trainable)


def known_bases() -> list[str]:
    """The bases whose configurations come with this package."""
    return sorted(file.name.removesuffix(".json") for file in _FOLDER.iterdir() if file.name.endswith(".json"))


def configuration(base: str) -> Mapping[str, Any]:
    """The configuration of a known base, or of a folder. Raises CaptionerError."""
    own = Path(base) / "config.json"
    if base not in known_bases() and not own.is_file():
        raise CaptionerError(f"no configuration of {base!r} is here. Known: {', '.join(known_bases())}; or a folder")
    try:
        file = _FOLDER / f"{base}.json" if base in known_bases() else own
        document = json.loads(file.read_text(encoding="utf-8"))
        if not isinstance(document, dict) or not isinstance(document.get("model_type"), str):
            raise ValueError("it names no model_type")
        return document
    except (OSError, ValueError) as error:
        raise CaptionerError(f"{own} is no configuration of a model: {error}") from error


def count(configuration: Mapping[str, Any], lora: Lora) -> Counts:
    """Count a base and its adapter. Raises CaptionerError for a model or targets that cannot be built."""
    from captioners.offline import offline
    from captioners.torchvision_operators import declare_missing

    declare_missing()
    import torch

    with offline():
        from peft import LoraConfig, get_peft_model
        from transformers import AutoConfig, AutoModelForCausalLM

    try:
        named = dict(configuration)
        config = AutoConfig.for_model(named.pop("model_type"), **named)
        with torch.device("meta"):
            model: Any = AutoModelForCausalLM.from_config(config, attn_implementation="eager")  # type: ignore[no-untyped-call]
        total = model.num_parameters()
        head = model.get_output_embeddings()
        linear = [m for m in model.modules() if isinstance(m, torch.nn.Linear) and m is not head]
        quantized = sum(module.weight.numel() for module in linear)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # what PEFT asks of transformers is theirs to settle
            settings = LoraConfig(r=lora.r, lora_alpha=lora.alpha, target_modules=list(lora.targets))
            adapted = get_peft_model(model, settings)
        trainable, _ = adapted.get_nb_trainable_parameters()
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CaptionerError(
            f"this base cannot be built with adapters on {', '.join(lora.targets)}: {error}"
        ) from error
    text = config.get_text_config()
    return Counts(
        total=total,
        trainable=trainable,
        quantized=quantized,
        layers=text.num_hidden_layers,
        hidden=text.hidden_size,
        intermediate=text.intermediate_size,
        heads=text.num_attention_heads,
        vocabulary=text.vocab_size,
    )
