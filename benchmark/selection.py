"""Who captions: the captioners asked for, and why some of them cannot run here or on these samples."""

from __future__ import annotations

from collections.abc import Sequence

import captioners
import renderers
from benchmark.errors import NothingToRun, UserError
from benchmark.samples import Dataset
from captioners import Captioner, CaptionerError, ModelOptions
from renderers import RendererUnavailable, RenderOptions


def select(
    asked: Sequence[str], dataset: Dataset, training: Dataset, options: RenderOptions, models: ModelOptions
) -> tuple[dict[str, Captioner], dict[str, str]]:
    """The captioners that can run, as they were asked for, and for the others captioner -> why not.

    Args:
        asked: names as :func:`captioners.named` takes them.
        dataset: the samples to caption.
        training: the samples to learn from.
        options: how pictures are to be drawn.
        models: how models are to run.

    Raises:
        UnknownName: a name that is not registered, also beside "all".
        UserError: a captioner was named that cannot run.
        NothingToRun: none of them can run.
    """
    try:
        named = captioners.named(asked, models)
    except CaptionerError as error:
        raise UserError(str(error)) from error
    candidates = list(named.values())
    unavailable = _unavailable(candidates, dataset, training, options)
    lines = "".join(f"\n  {name}: {reason}" for name, reason in unavailable.items())
    if len(unavailable) == len(candidates):
        raise NothingToRun(f"none of the captioners can run:{lines}")
    if "all" not in asked and unavailable:
        raise UserError(f"these captioners were named and cannot run (leave them out, or use 'all'):{lines}")
    return {written: one for written, one in named.items() if one.name not in unavailable}, unavailable


def _unavailable(
    candidates: Sequence[Captioner], dataset: Dataset, training: Dataset, options: RenderOptions
) -> dict[str, str]:
    pictures = _no_pictures(options) if any(c.reads == "image" for c in candidates) else ""
    learning = (
        "" if training.samples else f"dataset {dataset.name!r} has no training drawings outside the evaluated ones"
    )
    lone = sum(len(sample.references) < 2 for sample in dataset.samples)
    human = f"{lone} of {len(dataset.samples)} samples have a single reference; it needs two" if lone else ""
    reasons = {
        captioner.name: _reason(captioner)
        or (learning if captioner.learns else "")
        or (pictures if captioner.reads == "image" else "")
        or (human if captioner.reads == "references" else "")
        for captioner in candidates
    }
    return {name: reason for name, reason in reasons.items() if reason}


def _reason(captioner: Captioner) -> str:
    availability = captioner.availability()
    return "" if availability else str(availability)


def _no_pictures(options: RenderOptions) -> str:
    """Why no picture can be drawn here; "" when one can."""
    try:
        renderers.fingerprint(options)
    except RendererUnavailable as error:
        return str(error)
    return ""
