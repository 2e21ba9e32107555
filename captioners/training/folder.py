"""The folder of a training: whose it is, and whether a training may go on in it."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from captioners.base import CaptionerError
from captioners.training.base import Base
from captioners.training.config import TrainingConfig
from captioners.training.examples import Example
from captioners.training.sealed import write_atomic

ADAPTER, CHECKPOINTS, FACTS = "adapter", "checkpoints", "training.json"
METRICS, DEBUG = "metrics.csv", "debug.jsonl"


def facts(
    config: TrainingConfig, base: Base, examples: Sequence[Example], validation: Sequence[Example]
) -> dict[str, Any]:
    """What determines a training. ``data`` holds the numbers of examples and a hash over ids, tokens and labels."""
    total = hashlib.sha256()
    for part in (examples, validation):
        for example in part:
            total.update(json.dumps([example.id, example.tokens, example.prompt]).encode())
        total.update(b"\n")
    return {
        "base": {"name": base.name, "revision": base.card.revision, "weights": base.card.weights},
        "config": config.model_dump(mode="json"),
        "data": {"examples": len(examples), "validation": len(validation), "fingerprint": total.hexdigest()},
    }


def check_free(output: Path, *, resume: bool) -> None:
    """Raises CaptionerError where a training has ended, or has not and is not to be resumed."""
    if (output / ADAPTER).exists():
        raise CaptionerError(f"the training in {output} has ended: {output / ADAPTER}. Choose another --output.")
    if not resume and any((output / CHECKPOINTS).glob("checkpoint-*")):
        raise CaptionerError(
            f"{output} holds a training that has not ended: --resume goes on, or choose another --output."
        )


def claim(output: Path, now: Mapping[str, Any], *, resume: bool) -> None:
    """Make the folder of a new training, or see that the one to resume is this one.

    What a training without a checkpoint has left goes: it would begin anew anyway.

    Raises:
        CaptionerError: as :func:`check_free`, or the training in it is another one.
        OSError: the folder cannot be written.
    """
    check_free(output, resume=resume)
    file = output / FACTS
    if not any((output / CHECKPOINTS).glob("checkpoint-*")):
        output.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(output / CHECKPOINTS, ignore_errors=True)
        for name in (METRICS, DEBUG):
            (output / name).unlink(missing_ok=True)
        write_atomic(file, json.dumps(now, indent=2, ensure_ascii=False) + "\n")
        return
    try:
        before = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CaptionerError(f"{file} cannot be read: {error}. Choose another --output.") from error
    old, new = _flat(before), _flat(now)
    if changed := [name for name in sorted(old.keys() | new.keys()) if old.get(name) != new.get(name)]:
        lines = "".join(f"\n  {name}: {old.get(name)!r} before, {new.get(name)!r} now" for name in changed)
        raise CaptionerError(f"the training in {output} is another one, and cannot be resumed as this one:{lines}")


def _flat(document: Any, prefix: str = "") -> dict[str, Any]:
    if not isinstance(document, Mapping):
        return {prefix: document}
    return {k: v for name, part in document.items() for k, v in _flat(part, f"{prefix}.{name}".lstrip(".")).items()}
