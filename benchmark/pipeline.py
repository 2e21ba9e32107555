"""The whole flow on one page: dataset -> render -> caption -> score -> leaderboard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmark import leaderboard
from benchmark.captioning import Job
from benchmark.datasets.registry import load_dataset
from benchmark.errors import NothingToRun, UserError
from benchmark.metrics import DEFAULT_METRICS
from benchmark.metrics.base import METRICS
from benchmark.progress import Unwatched, Watcher
from benchmark.ranking import Row, rows
from benchmark.samples import Dataset
from benchmark.scoring import score_run
from benchmark.store import Run, SampleSet, Shard, safe_name
from captioners import CAPTIONERS, Captioner
from renderers import RenderOptions


@dataclass(frozen=True)
class RunConfig:
    """What ``python -m benchmark run`` is asked for; the fields are its options."""

    captioners: tuple[str, ...] = ("all",)
    dataset: str = "openmoji"
    split: str = "test"
    limit: int | None = None
    seed: int = 0
    metrics: tuple[str, ...] = DEFAULT_METRICS
    renderer: str = "auto"
    background: str = "white"
    batch_size: int = 8
    shard: Shard = field(default_factory=Shard)
    output_dir: Path = Path("results")
    overwrite: bool = False
    own_data: Mapping[str, Any] = field(default_factory=dict)

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
    unavailable = _unavailable(candidates, whole, dataset)
    _refuse(config.captioners, candidates, unavailable)

    description = {"limit": config.limit, "seed": config.seed}
    sample_set = SampleSet.create(config.output_dir, dataset, config.split, description)
    jobs = [
        Job(
            captioner=captioner,
            dataset=dataset,
            training=_training(whole, dataset).samples if captioner.learns else (),
            options=options,
            run=Run(sample_set.path / safe_name(captioner.name)),
        )
        for captioner in candidates
        if captioner.name not in unavailable
    ]
    unfinished = {}
    with ExitStack() as locks:
        for job in jobs:  # all of them before any work: a second process is told at once
            locks.enter_context(job.run.lock(config.shard))
        for job in jobs:
            job.run.begin(job.manifest(config.options()), overwrite=config.overwrite)
        sample_set.record_unavailable(unavailable)
        for job in jobs:
            job.caption(config.shard, config.batch_size, watcher)
        with watcher.task("scoring", len(jobs)) as advance:
            for job in jobs:
                missing = len(dataset.samples) - len(job.run.predictions([s.id for s in dataset.samples]))
                if missing:
                    unfinished[job.captioner.name] = missing
                else:
                    score_run(job.run, dataset, config.metrics)
                advance(1)
    leaderboard.write(config.output_dir)
    return Outcome(sample_set, rows(sample_set), dataset.notes, unfinished)


def _names(captioners: Sequence[str]) -> list[str]:
    return CAPTIONERS.names() if "all" in captioners else list(dict.fromkeys(captioners))


def _unavailable(candidates: Sequence[Captioner], whole: Dataset, dataset: Dataset) -> dict[str, str]:
    """Captioner -> why it cannot run here or on these samples."""
    reasons = {}
    lone = sum(len(sample.references) < 2 for sample in dataset.samples)
    for captioner in candidates:
        if not (availability := captioner.availability()):
            reasons[captioner.name] = str(availability)
        elif captioner.learns and not _training(whole, dataset).samples:
            reasons[captioner.name] = f"dataset {whole.name!r} has no training drawings outside the evaluated ones"
        elif captioner.reads == "references" and lone:
            reasons[captioner.name] = f"{lone} of {len(dataset.samples)} samples have a single reference; it needs two"
    return reasons


def _refuse(asked: Sequence[str], candidates: Sequence[Captioner], unavailable: Mapping[str, str]) -> None:
    """Raise when what was asked for cannot be done."""
    lines = "".join(f"\n  {name}: {reason}" for name, reason in unavailable.items())
    if len(unavailable) == len(candidates):
        raise NothingToRun(f"none of the captioners can run:{lines}")
    if "all" not in asked and unavailable:
        raise UserError(f"these captioners were named and cannot run (leave them out, or use 'all'):{lines}")


def _training(whole: Dataset, dataset: Dataset) -> Dataset:
    """The training samples that are not evaluated."""
    evaluated = {sample.id for sample in dataset.samples}
    chosen = tuple(s for s in whole.samples if s.split == "train" and s.id not in evaluated)
    return Dataset(whole.name, chosen)


def _render_options(config: RunConfig) -> RenderOptions:
    try:
        return RenderOptions(background=config.background, backend=config.renderer)
    except ValueError as error:
        raise UserError(str(error)) from error
