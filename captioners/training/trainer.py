"""A training from end to end: checks, one dry step, the run with its guards, and what comes out.

A training's folder holds ``training.json`` (what determines it), ``metrics.csv``, ``loss.png`` and ``loss.svg``,
``checkpoints/``, and at the end ``adapter/``, which appears whole.
"""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator, Mapping, Sequence
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

if TYPE_CHECKING:
    from captioners.training.collation import Collator
    from captioners.training.stopping import Evaluated


@dataclass(frozen=True, slots=True)
class Result:
    """What came out.

    Attributes:
        adapter: folder of the adapter, as captioning takes it.
        steps: optimizer steps that were taken, those before a resume included.
        loss: of the last step, in nats per learnt token.
        best: the lowest validation loss; None where there was no validation.
        seconds: of training, pauses left out.
        peak_memory: bytes: of the GPU, or of this process on a CPU.
    """

    adapter: Path
    steps: int
    loss: float
    best: Evaluated | None
    seconds: float
    peak_memory: int


def train(
    config: TrainingConfig,
    base: Base,
    examples: Sequence[Example],
    validation: Sequence[Example],
    output: Path,
    *,
    watcher: records.Watcher,
    preset: str = "",
    data: str = "",
    prompt: Mapping[str, Any] | None = None,
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
        preset, data, prompt: what the adapter's card says of where config and examples came from.
        tracker: one of :data:`captioners.training.trackers.TRACKERS`.
        resume: go on from the last whole checkpoint; from the start where there is none.
        debug: also write label counts, lengths, norms and memory of each step to ``debug.jsonl``.
        collate: makes batches; our own by default.

    Raises:
        CaptionerError: it cannot start, and nothing was changed; or TrainingStopped: a guard has tripped, and the
            checkpoints are as the last good step left them; or TrainingInterrupted: SIGTERM or SIGUSR2 came.
        OSError: the folder cannot be written.
    """
    from captioners.torchvision_operators import declare_missing

    declare_missing()
    import torch

    from captioners.training import checks
    from captioners.training.adaptation import adapted
    from captioners.training.arguments import arguments
    from captioners.training.collation import Collator, longest
    from captioners.training.keeping import CHECKPOINT, Keeper
    from captioners.training.loop import CaptionTrainer
    from captioners.training.recording import Recorder, peak_memory
    from captioners.training.yielding import Yielding

    trackers.check(tracker)
    if not examples:
        raise CaptionerError("there is nothing to learn from: no example")
    collate = collate or Collator(base.pad)
    checks.check_examples([*examples, *validation], collate, base.ends)
    checks.check_padding(examples, collate)
    facts = folder.facts(config, base, examples, validation)
    folder.claim(output, facts, resume=resume)

    kept = output / folder.CHECKPOINTS
    checkpoint = sealed.newest(kept, CHECKPOINT, watcher.note) if resume else None
    gpus = torch.cuda.device_count()
    with contextlib.ExitStack() as stack:
        stack.enter_context(trackers.environment(output))
        stack.enter_context(offline())
        stack.enter_context(_said_already())
        model = adapted(base, config)
        checks.check_adapters(model, config.optimizer.learning_rate)
        device = next(model.parameters()).device
        with torch.autocast(device.type, torch.bfloat16, enabled=config.model.dtype == "bfloat16"):
            checks.dry_step(model, collate(longest(examples, config.batch.size)), device)
        yielding = Yielding(stack.enter_context(heard()))
        recorder = Recorder(output, watcher, stack, debug=debug)
        keeper = Keeper(kept, config, model, watcher.note)
        trainer = CaptionTrainer(
            examples=examples,
            validation=validation,
            model=model,
            args=arguments(
                config,
                kept,
                tracker=tracker,
                validates=bool(validation),
                resumes=checkpoint is not None,
                gpus=gpus,
            ),
            data_collator=collate,
            callbacks=[recorder, keeper, yielding],
        )
        recorder.trainer = trainer
        for sentence in surroundings.unmet(
            config, gpus=gpus, processes=trainer.args.world_size, deepspeed=trainer.is_deepspeed_enabled
        ):
            watcher.note(sentence)
        if not validation:
            watcher.note("no validation examples: no early stopping, and the last adapter is the one")
        trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)

    steps, best = trainer.state.global_step, keeper.progress.best
    if yielding.heeded and not keeper.progress.exhausted(steps):
        raise TrainingInterrupted(steps)
    rows = records.read(output / folder.METRICS)
    result = Result(
        adapter=output / folder.ADAPTER,
        steps=steps,
        loss=[row["loss"] for row in rows if "loss" in row][-1],
        best=best,
        seconds=recorder.seconds,
        peak_memory=peak_memory(),
    )
    if trainer.is_world_process_zero():
        if best is None:
            keeper.keep(steps, writes=True)
        document = card.card(
            base,
            config,
            preset=preset,
            data={"name": data, **facts["data"]},
            prompt=prompt or {},
            outcome={
                "steps": steps,
                "processes": trainer.args.world_size,
                "training_loss": result.loss,
                "best_step": best.step if best else steps,
                "best_validation_loss": best.loss if best else None,
                "seconds": round(result.seconds, 1),
                "peak_memory": result.peak_memory,
            },
        )
        records.plot(rows, best.step if best else None, output / "loss.png", output / "loss.svg")
        card.publish(keeper.best(best.step if best else steps), document, result.adapter)
    return result


@contextlib.contextmanager
def _said_already() -> Iterator[None]:
    """Warnings of libraries about what :mod:`captioners.training.surroundings` says."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Paged optimizers are not supported on CPU")
        warnings.filterwarnings("ignore", "Could not find a config file")  # of a GGUF base; PEFT asks the hub
        warnings.filterwarnings("ignore", "`is_gradient_checkpointing` is deprecated", FutureWarning)
        yield
