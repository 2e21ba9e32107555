"""What comes out of a training: a folder with the adapter, its card, and a page that says what it is."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from captioners.language.cards import NAME
from captioners.training.base import Base
from captioners.training.config import TrainingConfig
from captioners.training.sealed import write_atomic

_PACKAGES = ("torch", "transformers", "peft", "accelerate", "bitsandbytes", "safetensors")
_WEIGHTS, _SETTINGS = "adapter_model.safetensors", "adapter_config.json"


def card(
    base: Base,
    config: TrainingConfig,
    *,
    preset: str,
    data: Mapping[str, Any],
    outcome: Mapping[str, Any],
) -> dict[str, Any]:
    """The document that captioning compares itself with before it uses the adapter, and all else that determined it.

    Args:
        base: that was adapted.
        config: of the training.
        preset: its name, or the file it came from.
        data: name, sizes and fingerprint of what was learnt from.
        outcome: losses, best step, seconds, memory.
    """
    return {
        **asdict(base.card),
        "preset": preset,
        "config": config.model_dump(mode="json"),
        "data": dict(data),
        "outcome": dict(outcome),
        "versions": versions(),
    }


def versions() -> dict[str, str]:
    """Package -> version, of those that a training's numbers depend on and that are installed."""
    found = {}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def publish(best: Path, base: str, document: Mapping[str, Any], folder: Path) -> None:
    """Make ``folder`` of the best adapter on a base: there whole, or not at all. Raises OSError."""
    part = folder.with_name(f".{folder.name}.{os.getpid()}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        shutil.copyfile(best / _WEIGHTS, part / _WEIGHTS)
        with (part / _WEIGHTS).open("rb") as file:
            os.fsync(file.fileno())
        settings = json.loads((best / _SETTINGS).read_text(encoding="utf-8"))
        # PEFT knows the base by where it was loaded from; others know it by its name.
        settings |= {"base_model_name_or_path": base, "revision": document["revision"] or None}
        write_atomic(part / _SETTINGS, json.dumps(settings, indent=2) + "\n")
        write_atomic(part / NAME, json.dumps(document, indent=2, ensure_ascii=False) + "\n")
        write_atomic(part / "README.md", page(document))
        part.rename(folder)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise


def page(document: Mapping[str, Any]) -> str:
    """The model card, in Markdown with the header that model hubs read."""
    config, data, outcome = document["config"], document["data"], document["outcome"]
    lora, optimizer, batch = config["lora"], config["optimizer"], config["batch"]
    hub = f"base_model: {document['base']}\n" if document["revision"] else ""
    best = outcome["best_validation_loss"]
    rows = {
        "base": document["base"] + (f" at {document['revision']}" if document["revision"] else ""),
        "preset": document["preset"],
        "adapter": f"LoRA, r {lora['r']}, alpha {lora['alpha']}, on {', '.join(lora['targets'])}",
        "base weights": f"{document['quantization']}, computed in {document['dtype']}",
        "optimizer": f"{optimizer['name']}, learning rate {optimizer['learning_rate']:g}, {optimizer['schedule']}",
        "batch": f"{batch['size']} x {batch['accumulation']}, {outcome['processes']} process(es)",
        "data": f"{data['name']}: {data['examples']} examples, {data['validation']} for validation",
        "steps": f"{outcome['steps']}, the adapter is that of step {outcome['best_step']}",
        "validation loss": "none computed" if best is None else f"{best:.4f} nats per caption token",
        "time": f"{outcome['seconds']:.0f} s, at most {outcome['peak_memory'] / 2**30:.2f} GiB",
    }
    table = "\n".join(f"| {name} | {value} |" for name, value in rows.items())
    return (
        f"---\nlibrary_name: peft\n{hub}tags:\n- svg\n- image-captioning\n- lora\n---\n\n"
        "# Adapter that captions SVG drawings\n\n"
        "It reads the code of a drawing and answers with one caption. Its prompt and the way drawings are\n"
        "written in it are part of what it learnt. Caption with the program that trained it, which checks them:\n\n"
        "    python -m benchmark run --captioners NAME --adapter NAME=THIS_FOLDER\n\n"
        f"| | |\n|---|---|\n{table}\n\n"
        f"Everything else that determined it is in `{NAME}`.\n"
    )
