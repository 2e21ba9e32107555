"""The whole flow on one page: dataset -> render -> caption -> score -> leaderboard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import renderers
from benchmark import defaults, leaderboard
from benchmark.captioning import Job
from benchmark.datasets.registry import load_dataset
from benchmark.errors import NothingToRun, UserError
from benchmark.metrics.base import METRICS
from benchmark.progress import Unwatched, Watcher
from benchmark.ranking import Row, rows
from benchmark.samples import Dataset, Sample
from benchmark.scoring import score_run
from benchmark.store import Run, SampleSet, Shard, safe_name
from captioners import CAPTIONERS, Captioner, CaptionerError
from renderers import RENDERERS, RendererUnavailable, RenderOptions


@dataclass(frozen=True)
class RunConfig:
    """What ``python -m benchmark run`` is asked for; the fields are its options."""

    captioners: tuple[str, ...] = ("all",)
    dataset: str = "openmoji"
    split: str = "test"
    limit: int | None = None
    seed: int = 0
    metrics: tuple[str, ...] = defaults.METRICS
    renderer: str = "auto"
    background: str = "white"
    batch_size: int = 8
    shard: Shard = field(default_factory=Shard)
    output_dir: Path = Path("results")
    overwrite: bool = False
    retry_failed: bool = False
    own_data: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if (self.limit is not None and self.limit < 1) or self.batch_size < 1:
            raise ValueError(f"limit ({self.limit}) and batch_size ({self.batch_size}) are at least 1")

    def options(self) -> dict[str, Any]:
        """The options that determine a run's captions, under the names that a configuration file takes."""
        chosen = {
            "dataset": self.dataset,
            "split": self.split,
            "limit": self.limit,
            "seed": self.seed,
            "metrics": ",".join(self.metrics),
            "renderer": self.renderer,
            "background": self.background,
            "batch_size": self.batch_size,
            **self.own_data,
        }
        return {name: value for name, value in chosen.items() if value not in (None, ())}


@dataclass(frozen=True)
class Outcome:
    """What a run left behind.

    Attributes:
        sample_set: the folder with all runs on these samples.
        rows: the leaderboard of that sample set.
        notes: of the dataset: source, licence, attribution.
        unfinished: captioner -> captions that other shards still owe.
    """

    sample_set: SampleSet
    rows: list[Row]
    notes: Mapping[str, str]
    unfinished: Mapping[str, int]


def run(config: RunConfig, watcher: Watcher | None = None) -> Outcome:
    """Caption, score and rank; what a former run of the same configuration finished is not done again.

    Raises:
        UserError: bad input, a captioner named explicitly that cannot run, or a folder that cannot be written.
        NothingToRun: none of the captioners can run here.
        MetricError: Java is there and does not work.
        UnknownName: a captioner, metric, dataset or renderer that does not exist.
    """
    watcher = watcher or Unwatched()
    for name in config.metrics:
        METRICS[name]
    options = _render_options(config)
    whole = load_dataset(config.dataset, **config.own_data)
    dataset = whole.split(config.split).limit(config.limit, config.seed)
    if "fields" in dataset.notes:
        watcher.note(f"{dataset.notes['source']}: {dataset.notes['fields']}")
    candidates = [CAPTIONERS[name]() for name in _names(config.captioners)]
    unavailable = _unavailable(candidates, whole, dataset, options)
    _refuse(config.captioners, candidates, unavailable)

    sample_set = SampleSet.create(config.output_dir, dataset, config.split)
    jobs = [
        Job(
            captioner=captioner,
            dataset=dataset,
            training=_training(whole, dataset) if captioner.learns else (),
            options=options,
            run=Run(sample_set.path / safe_name(captioner.name)),
        )
        for captioner in candidates
        if captioner.name not in unavailable
    ]
    with ExitStack() as locks:
        for job in jobs:  # all of them before any work: a second process is told at once
            locks.enter_context(job.run.lock(config.shard))
        for job in jobs:
            job.run.begin(job.manifest(config.options()), config.shard, overwrite=config.overwrite)
        for job in jobs:
            try:
                job.caption(config.shard, config.batch_size, watcher, retry_failed=config.retry_failed)
            except CaptionerError as error:
                if "all" not in config.captioners:
                    raise UserError(f"{job.captioner.name}: {error}") from error
                unavailable[job.captioner.name] = " ".join(str(error).split())
        sample_set.record_unavailable(unavailable)
        unfinished = _score([job for job in jobs if job.captioner.name not in unavailable], config.metrics, watcher)
    leaderboard.write(config.output_dir)
    return Outcome(sample_set, rows(sample_set), dataset.notes, unfinished)


def _score(jobs: Sequence[Job], metrics: Sequence[str], watcher: Watcher) -> dict[str, int]:
    """Score what is complete; captioner -> captions that other shards still owe."""
    unfinished = {}
    with watcher.task("scoring", len(jobs)) as advance:
        for job in jobs:
            if missing := job.missing():
                unfinished[job.captioner.name] = missing
            else:
                score_run(job.run, job.dataset, metrics)
            advance(1)
    return unfinished


def _names(captioners: Sequence[str]) -> list[str]:
    """The captioners asked for. Raises UnknownName, also for a name beside "all"."""
    named = [name for name in dict.fromkeys(captioners) if name != "all"]
    for name in named:
        CAPTIONERS[name]
    return CAPTIONERS.names() if "all" in captioners else named


def _unavailable(
    candidates: Sequence[Captioner], whole: Dataset, dataset: Dataset, options: RenderOptions
) -> dict[str, str]:
    """Captioner -> why it cannot run here or on these samples."""
    pictures = _no_pictures(options) if any(c.reads == "image" for c in candidates) else ""
    learning = (
        ""
        if _training(whole, dataset)
        else f"dataset {whole.name!r} has no training drawings outside the evaluated ones"
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


def _refuse(asked: Sequence[str], candidates: Sequence[Captioner], unavailable: Mapping[str, str]) -> None:
    """Raise when what was asked for cannot be done."""
    lines = "".join(f"\n  {name}: {reason}" for name, reason in unavailable.items())
    if len(unavailable) == len(candidates):
        raise NothingToRun(f"none of the captioners can run:{lines}")
    if "all" not in asked and unavailable:
        raise UserError(f"these captioners were named and cannot run (leave them out, or use 'all'):{lines}")


def _training(whole: Dataset, dataset: Dataset) -> tuple[Sample, ...]:
    """The training samples that are not evaluated."""
    evaluated = {sample.id for sample in dataset.samples}
    return tuple(s for s in whole.samples if s.split == "train" and s.id not in evaluated)


def _render_options(config: RunConfig) -> RenderOptions:
    if config.renderer != "auto":
        RENDERERS[config.renderer]
    try:
        return RenderOptions(background=config.background, backend=config.renderer)
    except ValueError as error:
        raise UserError(str(error)) from error
