"""Run directories: what is on disk of an evaluation, and how it survives being killed.

::

    results/
        leaderboard.csv  .md  .tex              all sample sets, made from what is below
        runs/openmoji-test-400-1a2b3c4d/        one sample set: dataset, split, size, fingerprint
            sample_set.json                     what the set is, and which captioners could not run
            samples.jsonl.gz                    the samples themselves: tables, comparisons and reports need no more
            nearest-neighbour/                  one run: one captioner on that set
                manifest.json                   everything that determines the captions
                predictions.jsonl               append-only, one line per sample, flushed per batch
                scores.json  per_sample.csv     derived, made anew when anything above changes
                statistics.npz                  the sufficient statistics behind the scores

A process may be killed at any moment: at most the batch in flight is lost, and the same command goes on where it
stopped. One process writes a predictions file at a time; shards of a run write files of their own.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from benchmark import kept, predictions
from benchmark.errors import UserError
from benchmark.files import cannot_write, make_folder, read_json, sha256_of, write_json, writing
from benchmark.metrics.evaluation import Evaluation
from benchmark.predictions import Prediction
from benchmark.samples import Dataset, Sample

SCHEMA = 1
_KEYS = {
    "sample_set.json": ("schema", "dataset", "split", "n", "fingerprint", "notes"),
    "manifest.json": ("schema", "identity", "fingerprint"),
}


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
    def create(cls, output_dir: Path, dataset: Dataset, split: str) -> SampleSet:
        """The folder of these samples, made when it is missing. Raises UserError."""
        name = f"{safe_name(dataset.name)}-{split}-{len(dataset.samples)}-{dataset.fingerprint()[:8]}"
        sample_set = cls(make_folder(output_dir / "runs" / name))
        sample_set._update(**describe(dataset, split))
        if not sample_set._samples.exists():
            kept.write_samples(sample_set._samples, dataset.samples)
        return sample_set

    @property
    def description(self) -> dict[str, Any]:
        """The content of sample_set.json."""
        return _read(self.path / "sample_set.json") or {}

    @property
    def samples(self) -> tuple[Sample, ...]:
        """The samples themselves. Raises UserError when their file is missing, or damaged."""
        return kept.read_samples(self._samples)

    @property
    def unavailable(self) -> dict[str, str]:
        """Captioner -> why it could not run when it was last asked for."""
        return dict(self.description.get("unavailable", {}))

    def record_unavailable(self, reasons: Mapping[str, str], able: Iterable[str] = ()) -> None:
        """Keep why captioners do not run, for the leaderboard, and forget it of those that do. Raises UserError."""
        known = self.unavailable | dict(reasons)
        self._update(unavailable={name: why for name, why in known.items() if name not in set(able)})

    def runs(self) -> list[Run]:
        """The runs in this set, by name."""
        return [Run(path.parent) for path in sorted(self.path.glob("*/manifest.json"))]

    @property
    def _samples(self) -> Path:
        return self.path / "samples.jsonl.gz"

    def _update(self, **changes: Any) -> None:
        """Change the description; processes that do so at once wait for each other."""
        path = self.path / "sample_set.json"
        with writing(path), FileLock(self.path / ".sample_set.json.lock"):
            write_json(path, {**self.description, "schema": SCHEMA, **changes})


@dataclass(frozen=True)
class Run:
    """One captioner on one sample set."""

    path: Path

    @property
    def manifest(self) -> dict[str, Any]:
        return _read(self.path / "manifest.json") or {}

    @property
    def scores(self) -> dict[str, Any] | None:
        """The content of scores.json; None when it is not what :meth:`write_scores` wrote of the captions on disk."""
        document = read_json(self.path / "scores.json")
        if not isinstance(document, dict) or document.get("sha256") != _seal(document):
            return None
        said = (prediction for file in self._prediction_files() for prediction in predictions.read(file))
        on_disk = predictions.digest(_answered(said).values())
        return document if document["inputs"]["predictions"] == on_disk else None

    @property
    def evaluation(self) -> Evaluation:
        """The sufficient statistics behind the scores. Raises UserError when they are not those of :attr:`scores`."""
        return kept.read_statistics(self.path / "statistics.npz", (self.scores or {}).get("statistics_sha256", ""))

    def write_scores(self, document: Mapping[str, Any], evaluation: Evaluation) -> None:
        """Write scores.json, sealed by its hash, and statistics.npz. Raises UserError."""
        statistics = kept.write_statistics(self.path / "statistics.npz", evaluation)
        document = {**document, "statistics_sha256": statistics}
        write_json(self.path / "scores.json", {**document, "sha256": _seal(document)})

    def begin(self, manifest: Mapping[str, Any], shard: Shard, *, overwrite: bool) -> None:
        """Start this run or go on with it; the caller holds the lock of its shard.

        Raises UserError when the folder holds captions of another run: those of another model, prompt, renderer or
        training set must not be mixed with new ones.
        """
        make_folder(self.path)
        if overwrite:
            self._clear(shard)
        there = self.manifest.get("identity")
        if there is None and any(self._prediction_files()):
            raise UserError(
                f"{self.path} holds captions and no manifest.json that says whose they are. "
                "Restore the file, or use --overwrite to caption anew."
            )
        if there is None:
            write_json(self.path / "manifest.json", manifest)
        elif there != manifest["identity"]:
            raise UserError(
                f"{self.path} holds the captions of another run; different: "
                f"{', '.join(_differences(there, manifest['identity']))}. "
                "Use --overwrite to caption anew, or another --output-dir to keep both."
            )

    def predictions(self, ids: Sequence[str]) -> dict[str, Prediction]:
        """id -> prediction of the samples ``ids`` that have one, in that order; from all shards.

        Of several, which retries and overlapping shards make, the first one that did not fail counts.
        """
        found = _answered(prediction for file in self._prediction_files() for prediction in predictions.read(file))
        return {id: found[id] for id in ids if id in found}

    def append(self, shard: Shard, batch: Iterable[Prediction]) -> None:
        """Add a batch to the shard's file. Raises UserError."""
        predictions.append(self.path / shard.file_name(), batch)

    @contextlib.contextmanager
    def lock(self, shard: Shard) -> Iterator[None]:
        """Be the only process that writes this shard's file. Raises UserError when another one is at it."""
        make_folder(self.path)
        file = self.path / shard.file_name()
        with _exclusive(self.path / f".{shard.file_name()}.lock", file):
            predictions.cut_torn_line(file)
            if shard.count == 1:
                for torn in self.path.glob(".*.tmp"):  # what a killed process was writing
                    torn.unlink(missing_ok=True)
            yield

    def _prediction_files(self) -> list[Path]:
        return sorted(self.path.glob("predictions*.jsonl"))

    def _clear(self, shard: Shard) -> None:
        """Remove what is here, the manifest last: killed in between, the folder never says "new" over old captions."""
        if shard.count > 1:
            raise UserError(
                f"--overwrite and --shard do not go together: delete {self.path} once, then share the work."
            )
        with contextlib.ExitStack() as others, writing(self.path):
            for lock in self.path.glob(".predictions-*.lock"):
                others.enter_context(_exclusive(lock, self.path))
            derived = [file for kind in ("*.csv", "*.npz", "scores.json") for file in self.path.glob(kind)]
            for file in [*self._prediction_files(), *derived]:
                file.unlink()
            (self.path / "manifest.json").unlink(missing_ok=True)


@contextlib.contextmanager
def _exclusive(lock_file: Path, what: Path) -> Iterator[None]:
    """Hold a lock, or raise a UserError that says who else writes ``what``."""
    lock = FileLock(lock_file, blocking=False)
    try:
        lock.acquire()
    except Timeout:
        raise UserError(
            f"another process is writing {what}. Wait for it to end, or give each process its own "
            "--shard I/N or --output-dir."
        ) from None
    except OSError as error:
        raise cannot_write(what, error) from error
    with lock:
        yield


def _answered(said: Iterable[Prediction]) -> dict[str, Prediction]:
    """id -> the first prediction of it that did not fail, or else its first."""
    found: dict[str, Prediction] = {}
    for prediction in said:
        if prediction.id not in found or found[prediction.id].status == "failed" != prediction.status:
            found[prediction.id] = prediction
    return found


def _seal(document: Mapping[str, Any]) -> str:
    return sha256_of({key: value for key, value in document.items() if key != "sha256"})


def describe(dataset: Dataset, split: str) -> dict[str, Any]:
    """What identifies a sample set, for manifests and sample_set.json."""
    return {
        "dataset": dataset.name,
        "split": split,
        "n": len(dataset.samples),
        "fingerprint": dataset.fingerprint(),
        "notes": dict(dataset.notes),
    }


def _read(path: Path) -> dict[str, Any] | None:
    """A document of this program. Raises UserError for one of a newer version, or one that is damaged."""
    document = read_json(path)
    if document is None:
        return None
    known = isinstance(document, dict) and all(key in document for key in _KEYS[path.name])
    if not known or document["schema"] != SCHEMA:
        raise UserError(
            f"{path} is damaged, or was written by another version of svg-caption-bench. Restore it, or delete "
            f"{path.parent} to start anew."
        )
    return dict(document)


def sample_sets(output_dir: Path) -> list[SampleSet]:
    """The sample sets below ``output_dir``, by name."""
    return [SampleSet(path.parent) for path in sorted(output_dir.glob("runs/*/sample_set.json"))]


def safe_name(name: str) -> str:
    """``name`` as a folder name on every file system; a hash is added when characters had to go."""
    safe = re.sub(r"[^A-Za-z0-9._-]+", "_", name).strip("._")
    return safe if safe == name else f"{safe[:60]}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def short_hash(document: Any) -> str:
    """Twelve hex digits over a JSON document: the fingerprints that stand in tables."""
    return sha256_of(document)[:12]


def _differences(old: Mapping[str, Any], new: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    """``key: old -> new`` for every leaf that differs."""
    for key in sorted(old.keys() | new.keys()):
        a, b = old.get(key), new.get(key)
        if isinstance(a, Mapping) and isinstance(b, Mapping):
            yield from _differences(a, b, f"{prefix}{key}.")
        elif a != b:
            yield f"{prefix}{key}: {a!r} -> {b!r}"
