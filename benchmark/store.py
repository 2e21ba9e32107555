"""Run directories: what is on disk of an evaluation, and how it survives being killed.

::

    results/
        leaderboard.csv  .md  .tex              all sample sets, made from what is below
        runs/openmoji-test-400-1a2b3c4d/        one sample set: dataset, split, size, fingerprint
            samples.json                        what the set is, and which captioners could not run
            nearest-neighbour/                  one run: one captioner on that set
                manifest.json                   everything that determines the captions
                predictions.jsonl               append-only, one line per sample, flushed per batch
                scores.json  per_sample.csv     derived, made anew when anything above changes

A process may be killed at any moment: at most the batch in flight is lost, and the same command goes on where it
stopped. One process writes a predictions file at a time; shards of a run write files of their own.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from benchmark import predictions
from benchmark.errors import UserError
from benchmark.files import cannot_write, make_folder, read_json, write_json, writing
from benchmark.predictions import Prediction
from benchmark.samples import Dataset

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Shard:
    """Every ``count``-th sample, starting at ``index`` (1-based)."""

    index: int = 1
    count: int = 1

    @classmethod
    def parse(cls, text: str) -> Shard:
        """From ``"I/N"``. Raises UserError."""
        match = re.fullmatch(r"(\d+)/(\d+)", text)
        if not match or not 1 <= int(match[1]) <= int(match[2]):
            raise UserError(f"--shard {text!r}: give I/N with 1 <= I <= N, e.g. 2/4 for the second of four.")
        return cls(int(match[1]), int(match[2]))

    def file_name(self) -> str:
        return "predictions.jsonl" if self.count == 1 else f"predictions-{self.index}-of-{self.count}.jsonl"


@dataclass(frozen=True)
class SampleSet:
    """One sample set on disk: the folder that holds a run for each captioner."""

    path: Path

    @classmethod
    def create(cls, output_dir: Path, dataset: Dataset, split: str, description: Mapping[str, Any]) -> SampleSet:
        """The folder of these samples, made when it is missing. Raises UserError."""
        name = f"{safe_name(dataset.name)}-{split}-{len(dataset.samples)}-{dataset.fingerprint()[:8]}"
        path = make_folder(output_dir / "runs" / name)
        stored = cls(path)
        write_json(
            path / "samples.json",
            {
                "schema": SCHEMA,
                "dataset": dataset.name,
                "split": split,
                "n": len(dataset.samples),
                "fingerprint": dataset.fingerprint(),
                "notes": dict(dataset.notes),
                "unavailable": stored.unavailable,
                **description,
            },
        )
        return stored

    @property
    def description(self) -> dict[str, Any]:
        """The content of samples.json."""
        return read_json(self.path / "samples.json") or {}

    @property
    def unavailable(self) -> dict[str, str]:
        """Captioner -> why it could not run when it was last asked for."""
        return dict(self.description.get("unavailable", {}))

    def record_unavailable(self, reasons: Mapping[str, str]) -> None:
        """Keep why captioners did not run; a captioner that has a run here is not listed."""
        known = {name: why for name, why in (self.unavailable | dict(reasons)).items() if not self.has_run(name)}
        write_json(self.path / "samples.json", self.description | {"unavailable": known})

    def has_run(self, captioner: str) -> bool:
        return (self.path / safe_name(captioner) / "manifest.json").exists()

    def runs(self) -> list[Run]:
        """The runs in this set, by name."""
        return [Run(path.parent) for path in sorted(self.path.glob("*/manifest.json"))]


@dataclass(frozen=True)
class Run:
    """One captioner on one sample set."""

    path: Path

    @property
    def manifest(self) -> dict[str, Any]:
        return read_json(self.path / "manifest.json") or {}

    @property
    def scores(self) -> dict[str, Any] | None:
        """The content of scores.json; None before scoring."""
        content: dict[str, Any] | None = read_json(self.path / "scores.json")
        return content

    def begin(self, manifest: Mapping[str, Any], *, overwrite: bool) -> None:
        """Start this run or go on with it.

        Raises UserError when the folder holds captions of another run: those of another model, prompt, renderer or
        training set must not be mixed with new ones.
        """
        make_folder(self.path)
        there = self.manifest.get("identity")
        if there not in (None, manifest["identity"]) and not overwrite:
            raise UserError(
                f"{self.path} holds the captions of another run; different: "
                f"{', '.join(_differences(there, manifest['identity']))}. "
                "Use --overwrite to caption anew, or another --output-dir to keep both."
            )
        if overwrite:
            self._clear()
        if overwrite or there is None:
            write_json(self.path / "manifest.json", manifest)

    def predictions(self, ids: Sequence[str]) -> dict[str, Prediction]:
        """id -> prediction of the samples ``ids`` that have one, in that order; from all shards."""
        found: dict[str, Prediction] = {}
        for file in sorted(self.path.glob("predictions*.jsonl")):
            for prediction in predictions.read(file):
                found.setdefault(prediction.id, prediction)
        return {id: found[id] for id in ids if id in found}

    def append(self, shard: Shard, batch: Iterable[Prediction]) -> None:
        """Add a batch to the shard's file. Raises UserError."""
        predictions.append(self.path / shard.file_name(), batch)

    @contextlib.contextmanager
    def lock(self, shard: Shard) -> Iterator[None]:
        """Be the only process that writes this shard's file. Raises UserError when another one is at it."""
        make_folder(self.path)
        file = self.path / shard.file_name()
        lock = FileLock(self.path / f".{shard.file_name()}.lock", blocking=False)
        try:
            lock.acquire()
        except Timeout:
            raise UserError(
                f"another process is writing {file}. Wait for it to end, or give each process its own "
                "--shard I/N or --output-dir."
            ) from None
        except OSError as error:
            raise cannot_write(file, error) from error
        with lock:
            predictions.cut_torn_line(file)
            yield

    def _clear(self) -> None:
        with writing(self.path):
            for name in ("manifest.json", "scores.json", "per_sample.csv", "predictions*.jsonl"):
                for file in self.path.glob(name):
                    file.unlink()


def sample_sets(output_dir: Path) -> list[SampleSet]:
    """The sample sets below ``output_dir``, by name."""
    return [SampleSet(path.parent) for path in sorted(output_dir.glob("runs/*/samples.json"))]


def safe_name(name: str) -> str:
    """``name`` as a folder name on every file system; a hash is added when characters had to go."""
    safe = re.sub(r"[^A-Za-z0-9._-]+", "_", name).strip("._")
    return safe if safe == name else f"{safe[:60]}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def short_hash(document: Any) -> str:
    """Twelve hex digits over a JSON document: the fingerprints that stand in tables."""
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()[:12]


def _differences(old: Mapping[str, Any], new: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    """``key: old -> new`` for every leaf that differs."""
    for key in sorted(old.keys() | new.keys()):
        a, b = old.get(key), new.get(key)
        if isinstance(a, Mapping) and isinstance(b, Mapping):
            yield from _differences(a, b, f"{prefix}{key}.")
        elif a != b:
            yield f"{prefix}{key}: {a!r} -> {b!r}"
