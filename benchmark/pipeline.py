"""The whole flow on one page: dataset -> render -> caption -> score -> leaderboard."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from benchmark import leaderboard
from benchmark.captioning import Job
from benchmark.config import RunConfig
from benchmark.datasets.checks import Finding, check_samples
from benchmark.datasets.registry import load_dataset
from benchmark.drawn import drawn
from benchmark.errors import UserError
from benchmark.metrics.base import METRICS, Metric, Seeing
from benchmark.metrics.images import Images
from benchmark.progress import Unwatched, Watcher
from benchmark.ranking import Row, rows
from benchmark.scoring import score_run
from benchmark.selection import select
from benchmark.store import Run, SampleSet, safe_name
from captioners import CaptionerError, loaded

__all__ = ["Outcome", "RunConfig", "run"]


@dataclass(frozen=True)
class Outcome:
    """What a run left behind.

    Attributes:
        sample_set: the folder with all runs on these samples.
        rows: the leaderboard of that sample set.
        notes: of the dataset: source, licence, attribution.
        unfinished: captioner -> captions that other shards still owe.
        findings: doubts about the data.
    """

    sample_set: SampleSet
    rows: list[Row]
    notes: Mapping[str, str]
    unfinished: Mapping[str, int]
    findings: Sequence[Finding] = ()


def run(config: RunConfig, watcher: Watcher | None = None) -> Outcome:
    """Caption, score and rank; what a former run of the same configuration finished is not done again.

    Raises:
        UserError: bad input, a captioner named explicitly that cannot run, or a folder that cannot be written.
        NothingToRun: none of the captioners can run here.
        UnknownName: a captioner, metric, dataset or renderer that does not exist.
    """
    watcher = watcher or Unwatched()
    config.check_metrics()
    options, configured = config.render_options(), config.configured_metrics()
    whole = load_dataset(config.dataset, **config.own_data)
    dataset = whole.split(config.split).limit(config.limit, config.seed)
    if "fields" in dataset.notes:
        watcher.note(f"{dataset.notes['source']}: {dataset.notes['fields']}")
    training = whole.training_without(dataset)
    findings = check_samples(dataset.samples, training.samples)
    for finding in findings:
        watcher.note(f"{dataset.name}: {finding}")
    captioners, unavailable = select(config.captioners, dataset, training, options, config.models)

    sample_set = SampleSet.create(config.output_dir, dataset, config.split)
    jobs = [
        Job(captioner, dataset, training, options, Run(sample_set.path / safe_name(captioner.name)), written)
        for written, captioner in captioners.items()
    ]
    with ExitStack() as locks:
        for job in jobs:  # all of them before any work: a second process is told at once
            locks.enter_context(job.run.lock(config.shard))
        for job in jobs:
            with _excused(job.captioner.name, config, unavailable):
                job.run.begin(job.manifest(config.options()), config.shard, overwrite=config.overwrite)
        begun = [job for job in jobs if job.captioner.name not in unavailable]
        sample_set.record_unavailable(unavailable, able=[job.captioner.name for job in begun])
        for job in begun:
            with _excused(job.captioner.name, config, unavailable):
                job.caption(config.shard, config.batch_size, watcher, retry_failed=config.retry_failed)
        sample_set.record_unavailable(unavailable)
        loaded.release()  # CLIP Score may want the memory
        seen = any(isinstance(METRICS[name], Seeing) for name in config.metrics)
        images = drawn([sample.svg for sample in dataset.samples], options) if seen else None
        able = [job for job in jobs if job.captioner.name not in unavailable]
        unfinished = _score(able, config.metrics, watcher, images, configured)
    leaderboard.write(config.output_dir)
    return Outcome(sample_set, rows(sample_set), dataset.notes, unfinished, findings)


@contextmanager
def _excused(name: str, config: RunConfig, unavailable: dict[str, str]) -> Iterator[None]:
    """A captioner that cannot load ends the run where it was named, and is left out where all were asked for."""
    try:
        yield
    except CaptionerError as error:
        if "all" not in config.captioners:
            raise UserError(f"{name}: {error}") from error
        unavailable[name] = " ".join(str(error).split())


def _score(
    jobs: Sequence[Job],
    metrics: Sequence[str],
    watcher: Watcher,
    images: Images | None,
    configured: Mapping[str, Metric],
) -> dict[str, int]:
    """Score what is complete; captioner -> captions that other shards still owe."""
    unfinished = {}
    with watcher.task("scoring", len(jobs)) as advance:
        for job in jobs:
            if missing := score_run(job.run, job.dataset, metrics, watcher, images=images, configured=configured):
                unfinished[job.captioner.name] = missing
            advance(1)
    return unfinished
