"""What a training is asked for: a preset in TOML, overridden by ``--set KEY=VALUE``, checked before any work."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from captioners.base import CaptionerError

_FOLDER = resources.files("captioners.training") / "presets"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Hardware(_Part):
    """What the preset was published for.

    Attributes:
        gpus: processes that train side by side, one GPU each; 0 for the CPU.
        gpu_memory: GB of each.
    """

    gpus: int = Field(ge=0)
    gpu_memory: int = Field(ge=0)


class Model(_Part):
    """How the base is loaded.

    Attributes:
        quantization: ``nf4`` or ``none``.
        double_quantization: whether the scales of nf4 are quantized too.
        dtype: of computing, and of weights that are not quantized.
        context: tokens of prompt and caption together at most; the drawing gives way.
    """

    quantization: Literal["nf4", "none"]
    double_quantization: bool
    dtype: Literal["bfloat16", "float16", "float32"]
    context: int = Field(ge=64)


class Lora(_Part):
    """The adapter (Hu et al. 2022): beside a target ``alpha / r`` times the product of two matrices of rank r."""

    r: int = Field(ge=1)
    alpha: int = Field(ge=1)
    dropout: float = Field(ge=0, lt=1)
    targets: tuple[str, ...] = Field(min_length=1, strict=False)


class Optimizer(_Part):
    """Optimizer and schedule.

    Attributes:
        name: as transformers calls it.
        learning_rate: after the warm-up.
        warmup: share of all steps.
    """

    name: Literal["paged_adamw_8bit", "adamw_8bit", "paged_adamw_32bit", "adamw_torch"]
    learning_rate: float = Field(gt=0)
    weight_decay: float = Field(ge=0)
    schedule: Literal["cosine", "linear", "constant", "constant_with_warmup"]
    warmup: float = Field(ge=0, lt=1)
    gradient_norm: float = Field(gt=0)


class Batch(_Part):
    """Examples of a step: ``size * accumulation`` on each process."""

    size: int = Field(ge=1)
    accumulation: int = Field(ge=1)
    gradient_checkpointing: bool


class Stopping(_Part):
    """Early stopping: after ``patience`` optimizer steps without a validation loss ``minimum_delta`` below the best."""

    patience: int = Field(ge=1)
    minimum_delta: float = Field(ge=0)


class Checkpoints(_Part):
    """When the validation loss is computed and when a checkpoint is written, in optimizer steps.

    Attributes:
        evaluate: the loss is computed so often; where it is the best so far, the adapter is kept as the best one.
        every: a checkpoint to resume from is written so often.
        keep: how many of them stay; the best adapter stays whatever its age.
    """

    evaluate: int = Field(ge=1)
    every: int = Field(ge=1)
    keep: int = Field(ge=1)


class DeepSpeed(_Part):
    """ZeRO (Rajbhandari et al. 2020).

    Attributes:
        stage: 2 shares gradients and optimizer states between the processes.
        offload_optimizer: keep the optimizer's states in the memory of the CPU.
        offload_parameters: the same of parameters; without effect below stage 3, and kept as published.
    """

    stage: Literal[1, 2, 3]
    offload_optimizer: bool
    offload_parameters: bool


class Slurm(_Part):
    """What a job asks for, on one node.

    Attributes:
        cores: of the CPU.
        memory: GB.
        hours: after which the job is ended; it checkpoints, and goes back into the queue, ``signal`` seconds before.
    """

    cores: int = Field(ge=1)
    memory: int = Field(ge=1)
    hours: int = Field(ge=1)
    signal: int = Field(ge=30)


class TrainingConfig(_Part):
    """Everything that determines a training but for base and data.

    Attributes:
        summary: one line for lists.
        epochs: passes over the examples.
        seed: of the order of examples, of dropout and of the adapter's first numbers.
    """

    summary: str
    epochs: int = Field(ge=1)
    seed: int = Field(ge=0)
    hardware: Hardware
    model: Model
    lora: Lora
    optimizer: Optimizer
    batch: Batch
    stopping: Stopping
    checkpoints: Checkpoints
    slurm: Slurm
    deepspeed: DeepSpeed | None = None


def presets() -> dict[str, str]:
    """Name -> summary of the presets that come with this package."""
    return {name: str(_table(name)["summary"]) for name in _names()}


def load(preset: str, overrides: Sequence[str] = ()) -> TrainingConfig:
    """A preset, or a TOML file of the same form, with ``KEY=VALUE`` in the place of its values.

    Args:
        preset: name of a preset, or path of a file.
        overrides: e.g. ``lora.r=8``, ``optimizer.learning_rate=2e-4``; values as TOML, or bare text.

    Raises:
        CaptionerError: no such preset, or wrong values: all of them, one a line.
    """
    table = _table(preset)
    errors = [error for text in overrides if (error := _override(table, text))]
    try:
        config = TrainingConfig.model_validate(table)
    except ValidationError as error:
        errors += [f"{'.'.join(map(str, one['loc'])) or 'as a whole'}: {_said(one)}" for one in error.errors()]
    errors += _conflicts(table)
    if errors:
        raise CaptionerError(f"the configuration {preset!r} is wrong:" + "".join(f"\n  {error}" for error in errors))
    return config


def _names() -> list[str]:
    return sorted(file.name.removesuffix(".toml") for file in _FOLDER.iterdir() if file.name.endswith(".toml"))


def _table(preset: str) -> dict[str, Any]:
    own = Path(preset)
    if preset not in _names() and not own.is_file():
        raise CaptionerError(f"there is no preset {preset!r}, and no such file. Known: {', '.join(_names())}.")
    try:
        file = _FOLDER / f"{preset}.toml" if preset in _names() else own
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CaptionerError(f"{preset} cannot be read as a preset: {error}") from error


def _override(table: dict[str, Any], text: str) -> str:
    """Set ``a.b=value`` in nested tables; returns what is wrong with it, or ""."""
    key, equals, value = text.partition("=")
    *parents, name = key.strip().split(".")
    there: Any = table
    if not equals or not name:
        return f"--set {text!r}: write KEY=VALUE, e.g. lora.r=8"
    for parent in parents:
        there = there.setdefault(parent, {})
        if not isinstance(there, dict):
            return f"--set {text!r}: {parent} has no parts"
    try:
        there[name] = tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        there[name] = value
    return ""


def _conflicts(table: Mapping[str, Any]) -> list[str]:
    """Values that are right one by one and do not go together; looked for whatever else is wrong."""
    values = {f"{part}.{name}": v for part, of in table.items() if isinstance(of, dict) for name, v in of.items()}
    found = []
    if values.get("model.double_quantization") is True and values.get("model.quantization") == "none":
        found.append("model.double_quantization: is for model.quantization = 'nf4'")
    if values.get("model.double_quantization") is False and values.get("model.quantization") == "nf4":
        found.append("model.double_quantization: captioning unpacks nf4 with doubly quantized scales; train with them")
    often, patience = values.get("checkpoints.evaluate"), values.get("stopping.patience")
    if isinstance(often, int) and isinstance(patience, int) and often > patience:
        found.append(
            f"checkpoints.evaluate: {often} is above stopping.patience ({patience}); the loss would be looked at too "
            "rarely to stop in time"
        )
    return found


def _said(error: Mapping[str, Any]) -> str:
    message = str(error["msg"]).removeprefix("Value error, ")
    given = error["input"]
    return message if isinstance(given, Mapping) else f"{message} (it is {given!r})"
