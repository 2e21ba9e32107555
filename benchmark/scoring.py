"""Captions against references: scores with intervals, kept until anything they depend on changes."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from benchmark import __version__, predictions
from benchmark.errors import UserError
from benchmark.files import sha256_of, write_atomic
from benchmark.metrics import Evaluation, evaluate, validity
from benchmark.metrics.base import METRICS, Metric, Seeing
from benchmark.metrics.images import Images
from benchmark.metrics.tokenizer import tokenizer_name
from benchmark.predictions import Prediction
from benchmark.progress import Watcher
from benchmark.samples import Dataset
from benchmark.statistics import CONFIDENCE, RESAMPLES, SEED, bootstrap_intervals
from benchmark.store import SCHEMA, Run


@dataclass(frozen=True)
class Scoring:
    """Scored captions.

    Attributes:
        evaluation: statistics of every metric for every sample.
        rows: one prediction per sample, in the order of the evaluation; missing ones as failed.
        problems: what is wrong with each caption, kinds of :mod:`benchmark.metrics.validity`.
    """

    evaluation: Evaluation
    rows: Sequence[Prediction]
    problems: Sequence[tuple[str, ...]]

    def summary(self) -> dict[str, Any]:
        """Corpus scores with intervals and what must be known beside them, as JSON values."""
        count = len(self.rows)
        return {
            "n": count,
            "coverage": sum(row.status == "ok" for row in self.rows) / count,
            "invalid": validity.counts(self.problems),
            "invalid_captions": validity.invalid(self.problems),
            "flags": {name: int(mask.sum()) for name, mask in self.evaluation.flags.items() if mask.any()}
            | self._details(),
            "held_out": sum(row.held_out is not None for row in self.rows),
            "renderings": self._renderings(),
            "caption_words": sum(len(row.caption.split()) for row in self.rows) / count,
            "seconds_per_sample": sum(row.seconds for row in self.rows) / count,
            "captions_sha256": sha256_of([[row.id, row.caption] for row in self.rows]),
            "scores": {column: self._score(column) for column in self.evaluation.signatures},
        }

    def per_sample_csv(self) -> str:
        """One line per sample: id, caption, what is wrong with it, every score."""
        frame = self.evaluation.per_sample
        # A lone surrogate, which a model may say and no file can hold, is written as its code.
        said = [row.caption.encode("utf-8", "backslashreplace").decode() for row in self.rows]
        frame.insert(0, "caption", said)
        frame.insert(1, "problems", ["; ".join(kinds) for kinds in self.problems])
        if self.evaluation.flags:
            frame.insert(2, "flags", self._flags())
        text = io.StringIO()
        frame.to_csv(text, float_format="%.6f", lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
        return text.getvalue()

    def _flags(self) -> list[str]:
        """What metrics have to say of each sample."""
        flags = self.evaluation.flags
        return ["; ".join(name for name, mask in flags.items() if mask[row]) for row in range(len(self.rows))]

    def _details(self) -> dict[str, int]:
        """What captioners tell of their answers: captions that something was cut from, drawings shown in part."""
        told = [row.details for row in self.rows if row.details]
        rules = Counter(rule for details in told for rule in details.get("cleaned", ()))
        counts = {f"captions cleaned of {rule}": count for rule, count in sorted(rules.items())}
        shortened = sum(bool(details.get("dropped")) for details in told)
        return counts | ({"drawings shortened for the model": shortened} if shortened else {})

    def _renderings(self) -> dict[str, Any]:
        """How many pictures each backend drew and how many were blank; how many drawings were repaired or doubtful."""
        sources = [row.rendering for row in self.rows if row.rendering]
        return {
            "backends": dict(sorted(Counter(source["backend"] for source in sources if "backend" in source).items())),
            "blank": sum(bool(source.get("blank")) for source in sources),
            "repaired": sum(bool(source["repairs"]) for source in sources),
            "flagged": sum(bool(source.get("flags")) for source in sources),
        }

    def _score(self, column: str) -> dict[str, Any]:
        signature = self.evaluation.signatures[column]
        if column in self.evaluation.unavailable:
            return {"unavailable": self.evaluation.unavailable[column], "signature": signature}
        low, high = self._intervals[column]
        return {
            "score": self._corpus[column],
            "low": low,
            "high": high,
            "signature": f"{signature}|ci:{CONFIDENCE:.0%}|bs:{RESAMPLES}|seed:{SEED}",
        }

    @cached_property
    def _corpus(self) -> Mapping[str, float]:
        return self.evaluation.corpus

    @cached_property
    def _intervals(self) -> Mapping[str, tuple[float, float]]:
        return bootstrap_intervals(self.evaluation)


def score_captions(
    captions: Mapping[str, str],
    references: Mapping[str, Sequence[str]],
    metrics: Sequence[str],
    watcher: Watcher | None = None,
    *,
    images: Images | None = None,
    configured: Mapping[str, Metric] | None = None,
    cut: Collection[str] = (),
    prompt: str = "",
) -> Scoring:
    """Score captions that were made elsewhere: id -> caption against id -> references.

    A sample without a caption counts as an empty one. ``cut`` names the captions that a token limit ended, ``prompt``
    is what the captioner was asked; both serve to find damaged captions. ``images`` and ``configured`` are those of
    :func:`benchmark.metrics.evaluate`. Raises UserError for captions of unknown samples.
    """
    if strangers := captions.keys() - references.keys():
        named = ", ".join(map(repr, sorted(strangers)[:3]))
        raise UserError(
            f"{len(strangers)} of {len(captions)} captions belong to samples without references: {named}"
            f"{', …' if len(strangers) > 3 else ''}; the references know ids such as {next(iter(references))!r}. "
            "Name the field that holds the ids with --id-field, or leave these captions out."
        )
    rows = [
        Prediction(id, captions[id], captions[id], cut=id in cut) if id in captions else _missing(id)
        for id in references
    ]
    return _scoring(
        rows,
        captions,
        references,
        metrics,
        watcher=watcher,
        images=images,
        configured=configured,
        prompt=prompt,
    )


def score_run(
    run: Run,
    dataset: Dataset,
    metrics: Sequence[str],
    watcher: Watcher | None = None,
    *,
    images: Images | None = None,
    configured: Mapping[str, Metric] | None = None,
) -> int:
    """Write scores.json and per_sample.csv of a complete run, unless they stand already. Raises UserError.

    ``images``, in the order of the dataset, and ``configured`` are those of :func:`benchmark.metrics.evaluate`.

    Returns:
        how many samples have no prediction yet, from any shard; the run is scored when there is none.
    """
    rows = list(run.predictions([s.id for s in dataset.samples]).values())
    if missing := len(dataset.samples) - len(rows):
        return missing
    parts = {name: (configured or {}).get(name) or METRICS[name] for name in metrics}
    inputs = {
        "schema": SCHEMA,
        "version": __version__,
        "predictions": predictions.digest(rows),
        "dataset": dataset.fingerprint(),
        "metrics": {name: part.signature for name, part in parts.items()},
        "available": [name for name, part in parts.items() if part.availability()],
        "images": dict(images.source) if images and any(isinstance(part, Seeing) for part in parts.values()) else {},
        "tokenizer": tokenizer_name(),
        "validity": validity.VERSION,
    }
    kept = run.scores
    beside = all((run.path / name).exists() for name in ("per_sample.csv", "statistics.npz"))
    if kept is not None and kept.get("inputs") == inputs and beside:
        return 0
    hypotheses = {row.id: row.caption for row in rows}
    references = {s.id: _without(s.references, row.held_out) for s, row in zip(dataset.samples, rows, strict=True)}
    scoring = _scoring(
        rows,
        hypotheses,
        references,
        metrics,
        watcher=watcher,
        images=images,
        configured=configured,
        prompt=_prompt(run),
    )
    write_atomic(run.path / "per_sample.csv", scoring.per_sample_csv())
    # A metric that failed although it is available is tried again next time.
    done = inputs | {"available": list(scoring.evaluation.statistics)}
    run.write_scores({"schema": SCHEMA, "inputs": done, **scoring.summary()}, scoring.evaluation)
    return 0


def _scoring(
    rows: Sequence[Prediction],
    captions: Mapping[str, str],
    references: Mapping[str, Sequence[str]],
    metrics: Sequence[str],
    *,
    watcher: Watcher | None,
    images: Images | None,
    configured: Mapping[str, Metric] | None,
    prompt: str,
) -> Scoring:
    problems = validity.problems(
        [row.caption for row in rows],
        list(references.values()),
        failed=[row.status == "failed" for row in rows],
        cut=[row.cut for row in rows],
        prompt=prompt,
    )
    evaluation = evaluate(captions, references, metrics, watcher, images=images, configured=configured)
    return Scoring(evaluation, rows, problems)


def _prompt(run: Run) -> str:
    """What the captioner was asked, as its fingerprint says; "" where it does not."""
    prompt = run.manifest["identity"]["captioner"].get("prompt")
    return prompt if isinstance(prompt, str) else ""


def _without(references: tuple[str, ...], held_out: int | None) -> tuple[str, ...]:
    return tuple(reference for i, reference in enumerate(references) if i != held_out)


def _missing(id: str) -> Prediction:
    return Prediction(id, "", "", status="failed", error="there is no caption")
