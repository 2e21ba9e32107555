"""What a training will do, need and leave undone: computed before it starts, without weights, GPU or network."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from captioners.base import CaptionerError
from captioners.training import config as presets
from captioners.training import surroundings
from captioners.training.config import Slurm, TrainingConfig
from captioners.training.data import Prepared
from captioners.training.planning import counts
from captioners.training.planning.counts import Counts
from captioners.training.planning.lengths import Lengths, lengths
from captioners.training.planning.memory import Memory, estimate
from captioners.training.planning.unloaded import Unloaded
from captioners.training.token_estimate import TokenEstimate


@dataclass(frozen=True, slots=True)
class Steps:
    """Optimizer steps, as the trainer of transformers counts them.

    Attributes:
        examples: of one step, on all processes together.
        per_epoch, total: where nothing stops the training early.
        warmup: steps in which the learning rate rises.
        evaluations: of the validation loss, that before the first step and that after the last included.
        checkpoints: that are written, that after the last step included.
    """

    examples: int
    per_epoch: int
    total: int
    warmup: int
    evaluations: int
    checkpoints: int


@dataclass(frozen=True, slots=True)
class Plan:
    """A training before it starts.

    Attributes:
        base, preset: names.
        processes: that train side by side.
        gpus: that they compute on, 0 for the CPU.
        gpu_memory: GB of each.
        counts: parameters.
        training, validation: what became of the samples.
        lengths: of the examples to learn from.
        estimated: how lengths were estimated, "" where the base's tokenizer counted them.
        steps: of the optimizer.
        memory: of each GPU in bytes, for a batch of the longest examples, and for one of the 95th percentile's length.
        slurm: what a job asks for.
        notes: what is not as the preset makes one believe.
    """

    base: str
    preset: str
    processes: int
    gpus: int
    gpu_memory: int
    counts: Counts
    training: Prepared
    validation: Prepared
    lengths: Lengths
    estimated: str
    steps: Steps
    memory: Memory
    usual_memory: Memory
    slurm: Slurm
    notes: tuple[str, ...]

    @property
    def fits(self) -> bool | None:
        """Whether a batch of the longest examples fits a GPU (GB of 10^9 bytes); None for the CPU."""
        return self.memory.total <= self.gpu_memory * 10**9 if self.gpus else None

    def document(self) -> dict[str, Any]:
        """For JSON: everything but the tokens."""
        return {
            "base": self.base,
            "preset": self.preset,
            "parameters": {**asdict(self.counts), "share": self.counts.share},
            "training": _told(self.training),
            "validation": _told(self.validation),
            "lengths": {**asdict(self.lengths), "estimated": self.estimated},
            "steps": asdict(self.steps),
            "memory": {
                "processes": self.processes,
                "gpus": self.gpus,
                "gpu_bytes": self.gpu_memory * 10**9,
                "longest": {**asdict(self.memory), "total": self.memory.total},
                "95th_percentile": {**asdict(self.usual_memory), "total": self.usual_memory.total},
                "fits": self.fits,
            },
            "slurm": {"nodes": 1, "gpus": self.gpus, **self.slurm.model_dump()},
            "notes": list(self.notes),
        }


def plan(base: Unloaded, config: TrainingConfig, training: Prepared, validation: Prepared, *, preset: str) -> Plan:
    """Plan a training.

    Args:
        base: whose tokenizer, or estimate, made the examples.
        config: of the training, on the hardware that it names.
        training: to learn from.
        validation: to compute the validation loss on.
        preset: what the configuration is called.

    Raises:
        CaptionerError: there is nothing to learn from, or no adapter can be put on the base.
    """
    if not training.examples:
        causes = "".join(f"\n  {id}: {why}" for id, why in list(training.left_out.items())[:5])
        raise CaptionerError(f"there is nothing to learn from: no sample became an example{causes}")
    counted = counts.count(base.configuration, config.lora)
    gpus = config.hardware.gpus
    processes = max(gpus, 1)
    found = lengths(training.examples)
    every = lengths([*training.examples, *validation.examples])
    taken = steps(config, len(training.examples), processes=processes, validates=bool(validation.examples))
    return Plan(
        base=base.name,
        preset=preset,
        processes=processes,
        gpus=gpus,
        gpu_memory=config.hardware.gpu_memory,
        counts=counted,
        training=training,
        validation=validation,
        lengths=found,
        estimated=str(base.tokenizer) if isinstance(base.tokenizer, TokenEstimate) else "",
        steps=taken,
        memory=estimate(counted, config, length=every.longest, answer=every.longest_answer, eager=base.eager),
        usual_memory=estimate(
            counted, config, length=found.percentile_95, answer=found.answer_percentile_95, eager=base.eager
        ),
        slurm=config.slurm,
        notes=(
            *surroundings.unmet(config, gpus=gpus, processes=processes, obstacle=""),
            *_doubts(config, taken, validates=bool(validation.examples)),
        ),
    )


def steps(config: TrainingConfig, examples: int, *, processes: int, validates: bool) -> Steps:
    """Steps of a training that nothing stops early.

    Batches are shared out evenly, the last ones filled up with examples from the beginning; a step at the end of an
    epoch may have less of them (transformers 5, ``Trainer.set_initial_training_values``; accelerate,
    ``BatchSamplerShard``).
    """
    batches = math.ceil(math.ceil(examples / config.batch.size) / processes)
    per_epoch = math.ceil(batches / config.batch.accumulation)
    total = per_epoch * config.epochs
    return Steps(
        examples=config.batch.size * config.batch.accumulation * processes,
        per_epoch=per_epoch,
        total=total,
        warmup=math.ceil(total * config.optimizer.warmup) if config.optimizer.schedule != "constant" else 0,
        evaluations=1 + math.ceil(total / config.checkpoints.evaluate) if validates else 0,
        checkpoints=math.ceil(total / config.checkpoints.every),
    )


def trainable() -> list[tuple[str, str, Counts]]:
    """Preset, base and parameters: of the presets for GPUs on the bases that are known."""
    found = []
    for preset in presets.presets():
        config = presets.load(preset)
        if config.hardware.gpus:
            found += [
                (preset, base, counts.count(counts.configuration(base), config.lora)) for base in counts.known_bases()
            ]
    return found


def _doubts(config: TrainingConfig, taken: Steps, *, validates: bool) -> list[str]:
    said = []
    if not validates:
        said.append("no validation examples: no early stopping, and the last adapter is the one")
    elif taken.total <= config.stopping.patience:
        said.append(
            f"early stopping waits for {config.stopping.patience} steps, and there are {taken.total}: it cannot happen"
        )
    return said


def _told(prepared: Prepared) -> dict[str, Any]:
    told: Mapping[str, Any] = {
        "examples": len(prepared.examples),
        "shortened": prepared.shortened,
        "left_out": prepared.left_out,
        "repairs": prepared.repairs,
        "not_simplified": prepared.not_simplified,
    }
    return {name: dict(value) if isinstance(value, Mapping) else value for name, value in told.items()}
