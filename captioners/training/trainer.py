"""A training from end to end: checks, one dry step, the run with its guards, and what comes out.

A training's folder holds ``training.json`` (what determines it), ``metrics.csv``, ``loss.png`` and ``loss.svg``,
``checkpoints/``, and at the end ``adapter/``, which appears whole.
"""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from captioners.base import CaptionerError
from captioners.offline import offline
from captioners.training import card, folder, records, sealed, surroundings, trackers
from captioners.training.base import Base
from captioners.training.config import TrainingConfig
from captioners.training.examples import Example
from captioners.training.interruption import TrainingInterrupted, heard
from captioners.training.launch import deepspeed

if TYPE_CHECKING:
    from captioners.training.collation import Collator
    from captioners.training.stopping import Evaluated


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a training came from, for the adapter's card.

    Attributes:
        preset: its name, or the file it came from.
        data: what the examples were made of.
    """

    preset: str = ""
    data: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """What came out.

    Attributes:
        adapter: folder of the adapter, as captioning takes it.
        steps: optimizer steps that were taken, those before a resume included.
        processes: that trained side by side.
        loss: of the last step, in nats per learnt token.
        best: the lowest validation loss; None where there was no validation.
        seconds: of training, pauses left out.
        peak_memory: bytes: of the GPU, or of this process on a CPU.
    """

    adapter: Path
    steps: int
    processes: int
    loss: float
    best: Evaluated | None
    seconds: float
    peak_memory: int

    def outcome(self) -> dict[str, Any]:
        """What the adapter's card says of it."""
        return {
            "steps": self.steps,
            "processes": self.processes,
            "training_loss": self.loss,
            "best_step": self.best.step if self.best else self.steps,
            "best_validation_loss": self.best.loss if self.best else None,
            "seconds": round(self.seconds, 1),
            "peak_memory": self.peak_memory,
        }


def train(
    config: TrainingConfig,
    base: Base,
    examples: Sequence[Example],
    validation: Sequence[Example],
    output: Path,
    *,
    watcher: records.Watcher,
    origin: Origin | None = None,
    tracker: str = "none",
    resume: bool = False,
    debug: bool = False,
    collate: Collator | None = None,
) -> Result:
    """Train an adapter for a base.

    Args:
        config: what is asked for.
        base: to adapt; its model is changed in place.
        examples: to learn from.
        validation: to compute the validation loss on; empty for none, and then the last adapter is the one.
        output: folder of the training; must hold none yet unless ``resume``.
        watcher: is told what is done, and what is not as the preset says.
        origin: of config and examples.
        tracker: one of :data:`captioners.training.trackers.TRACKERS`.
        resume: go on from the last whole checkpoint; from the start where there is none.
        debug: also write label counts, lengths, norms and memory of each step to ``debug.jsonl``.
        collate: makes batches; our own by default.

    Raises:
        CaptionerError: it cannot start, and nothing was changed; or TrainingStopped: a guard has tripped, and the
            checkpoints are as the last good step left them; or TrainingInterrupted: SIGTERM, SIGUSR2 or Ctrl-C came.
        OSError: the folder cannot be written.
    """
    from captioners.torchvision_operators import declare_missing

    declare_missing()
    import torch

    from captioners.training.arguments import arguments
    from captioners.training.collation import Collator
    from captioners.training.keeping import Keeper
    from captioners.training.loop import CaptionTrainer
    from captioners.training.recording import Recorder, peak_memory
    from captioners.training.yielding import Yielding

    trackers.check(tracker)
    if not validation:
        watcher.note("no validation examples: no early stopping, and the last adapter is the one")
    collate = collate or Collator(base.pad)
    _check(base, examples, validation, collate)
    facts = folder.facts(config, base, examples, validation)
    folder.claim(output, facts, resume=resume)
    with contextlib.ExitStack() as stack:
        stack.enter_context(trackers.environment(output))
        stack.enter_context(offline())
        stack.enter_context(_said_already())
        model = _ready(config, base, examples, collate)
        checkpoint = _checkpoint(output, watcher) if resume else None
        gpus = torch.cuda.device_count()
        obstacle = deepspeed.obstacle(config, gpus)
        told = arguments(
            config,
            output / folder.CHECKPOINTS,
            tracker=tracker,
            validates=bool(validation),
            resumes=checkpoint is not None,
            gpus=gpus,
            deepspeed=not obstacle,
        )
        yielding = Yielding(stack.enter_context(heard(watcher.note)))
        recorder = Recorder(output, watcher, stack, debug=debug)
        keeper = Keeper(output / folder.CHECKPOINTS, config, model, watcher.note)
        trainer = CaptionTrainer(
            examples=examples,
            validation=validation,
            model=model,
            args=told,
            data_collator=collate,
            callbacks=[recorder, keeper, yielding],
        )
        recorder.trainer = trainer
        for sentence in surroundings.unmet(config, gpus=gpus, processes=told.world_size, obstacle=obstacle):
            watcher.note(sentence)
        trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)

    if yielding.heeded and not keeper.progress.exhausted(trainer.state.global_step):
        raise TrainingInterrupted(trainer.state.global_step)
    rows = records.read(output / folder.METRICS)
    result = Result(
        adapter=output / folder.ADAPTER,
        steps=trainer.state.global_step,
        processes=told.world_size,
        loss=[row["loss"] for row in rows if "loss" in row][-1],
        best=keeper.progress.best,
        seconds=recorder.seconds,
        peak_memory=peak_memory(),
    )
    if result.best and result.best.step == 0:
        watcher.note("no step has lowered the validation loss: the adapter is that of step 0, which changes nothing")
    if trainer.is_world_process_zero():
        if result.best is None:
            keeper.keep(result.steps, writes=True)
        best = keeper.best(result.best.step if result.best else result.steps)
        origin = origin or Origin()
        data = {"name": origin.data, **facts["data"]}
        document = card.card(base, config, preset=origin.preset, data=data, outcome=result.outcome())
        card.publish(best, base.name, document, result.adapter)
    return result


def _check(base: Base, examples: Sequence[Example], validation: Sequence[Example], collate: Collator) -> None:
    """What is looked at before the base is touched. Raises CaptionerError."""
    from captioners.training import checks

    if not examples:
        raise CaptionerError("there is nothing to learn from: no example")
    checks.check_examples([*examples, *validation], collate, base.ends)
    checks.check_padding(examples, collate)


def _ready(config: TrainingConfig, base: Base, examples: Sequence[Example], collate: Collator) -> Any:
    """The base with its adapter, after a dry step that has changed nothing."""
    import torch

    from captioners.training import checks
    from captioners.training.adaptation import adapted
    from captioners.training.collation import longest

    model = adapted(base, config)
    checks.check_adapters(model, config.optimizer.learning_rate)
    device = next(model.parameters()).device
    with torch.autocast(device.type, torch.bfloat16, enabled=config.model.dtype == "bfloat16"):
        checks.dry_step(model, collate(longest(examples, config.batch.size)), device)
    return model


def _checkpoint(output: Path, watcher: records.Watcher) -> Path | None:
    from captioners.training.keeping import CHECKPOINT

    found = sealed.newest(output / folder.CHECKPOINTS, CHECKPOINT, watcher.note)
    watcher.note(f"goes on from {found}" if found else "there is no checkpoint: begins anew")
    return found


@contextlib.contextmanager
def _said_already() -> Iterator[None]:
    """Warnings of libraries about what :mod:`captioners.training.surroundings` says."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Paged optimizers are not supported on CPU")
        warnings.filterwarnings("ignore", "Could not find a config file")  # of a GGUF base; PEFT asks the hub
        warnings.filterwarnings("ignore", "`is_gradient_checkpointing` is deprecated", FutureWarning)
        yield
