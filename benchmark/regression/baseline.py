"""The baseline file: a snapshot as JSON, small, the same for the same results and zlib, and meant to be committed.

::

    {"schema": 1,
     "sample_sets": {
       "openmoji-test-400-1a2b3c4d": {
         "dataset": "openmoji", "split": "test", "n": 400, "fingerprint": SHA-256 of the samples,
         "ids": packed JSON list,
         "captioners": {
           "human": {
             "fingerprint": "97a36c4b92c6",
             "scores": {"CIDEr": {"score": 1.9, "signature": "CIDEr|..."}, ...},
             "failed": [ids that have no caption],
             "captions": packed JSON list of captions in the order of the ids,
             "statistics": {"cider": {"columns": k, "rows": packed numbers}, ...},
             "sha256": over all of this and the samples}}}}}

Packed is zlib, then base64. The numbers of a metric's statistics ``[n, k]`` are column after column, 8 bytes each
(little-endian IEEE 754). Nothing in the file is run, and what it unpacks to is bounded, since it may come from a
stranger's pull request.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmark.errors import UserError
from benchmark.files import sha256_of, write_json
from benchmark.metrics.base import METRICS, Array
from benchmark.metrics.evaluation import Evaluation
from benchmark.regression.snapshot import Entry, SetSnapshot

SCHEMA = 1
LARGEST = 1 << 28  # bytes of the file, and of anything packed in it


def write(path: Path, snapshot: Iterable[SetSnapshot]) -> None:
    """Write a baseline, whole or not at all. Raises UserError when it cannot be written, or nothing is scored."""
    sets = {one.name: _set_record(one) for one in snapshot if one.entries}
    if not sets:
        raise UserError("there is no scored run to make a baseline of. Finish one: python -m benchmark run")
    write_json(path, {"schema": SCHEMA, "sample_sets": sets})


def read(path: Path) -> tuple[SetSnapshot, ...]:
    """What :func:`write` wrote. Raises UserError when there is no such file, or one that cannot be read here."""
    remedy = f"make one with: python -m benchmark check --baseline {path} --update"
    try:
        if path.stat().st_size > LARGEST:
            raise ValueError(f"it has more than {LARGEST} bytes")
        document = json.loads(path.read_text(encoding="utf-8"))
        schema = document["schema"]
        if not isinstance(schema, int):
            raise TypeError(f"its schema is {schema!r}")
    except FileNotFoundError as error:
        raise UserError(f"there is no baseline {path}; {remedy}") from error
    except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise _damaged(path, error, remedy) from error
    if schema > SCHEMA:
        raise UserError(
            f"{path} was written by a newer version of svg-caption-bench (schema {schema}; this one reads {SCHEMA}). "
            f"Install that version, or {remedy}"
        )
    if schema < SCHEMA:
        raise UserError(f"{path} was written by an older version of svg-caption-bench (schema {schema}); {remedy}")
    try:
        if found := tuple(_set(name, record) for name, record in document["sample_sets"].items()):
            return found
        raise ValueError("it holds no sample set")
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, zlib.error, RecursionError) as error:
        raise _damaged(path, error, remedy) from error


def _damaged(path: Path, error: Exception, remedy: str) -> UserError:
    what = f"there is no {error}" if isinstance(error, KeyError) else error
    return UserError(f"{path} is no baseline, or is damaged: {what}. Restore it from version control, or {remedy}")


def _set_record(one: SetSnapshot) -> dict[str, Any]:
    samples = {
        "dataset": one.dataset,
        "split": one.split,
        "n": one.n,
        "fingerprint": one.fingerprint,
        "ids": _packed(json.dumps(one.ids).encode()),
    }
    sealed = {name: _sealed(samples, _record(one.ids, entry)) for name, entry in one.entries.items()}
    return samples | {"captioners": sealed}


def _record(ids: Sequence[str], entry: Entry) -> dict[str, Any]:
    evaluation = entry.evaluation
    captions = [entry.captions.get(id, "") for id in ids]
    places = {id: row for row, id in enumerate(evaluation.ids)}
    order = [places[id] for id in ids]
    return {
        "fingerprint": entry.fingerprint,
        "scores": {
            column: {"score": score, "signature": evaluation.signatures[column]}
            for column, score in entry.scores.items()
        },
        "failed": list(entry.failed),
        "captions": _packed(json.dumps(captions).encode()),
        "statistics": {
            name: {"columns": rows.shape[1], "rows": _packed(rows[order].T.astype("<f8").tobytes())}
            for name, rows in evaluation.statistics.items()
        },
    }


def _set(name: str, record: Mapping[str, Any]) -> SetSnapshot:
    samples = {key: record[key] for key in ("dataset", "split", "n", "fingerprint", "ids")}
    ids = tuple(json.loads(_unpacked(record["ids"], LARGEST)))
    if len(set(ids)) != record["n"] or not all(isinstance(id, str) for id in ids):
        raise ValueError(f"the ids of {name} are not {record['n']} different texts")
    entries = {captioner: _entry(ids, samples, captioner, one) for captioner, one in record["captioners"].items()}
    return SetSnapshot(name, record["dataset"], record["split"], record["fingerprint"], len(ids), ids, entries)


def _entry(ids: tuple[str, ...], samples: Mapping[str, Any], name: str, record: Mapping[str, Any]) -> Entry:
    if record != _sealed(samples, record):
        raise ValueError(f"what it says of {name} is not what was written")
    captions = json.loads(_unpacked(record["captions"], LARGEST))
    if not all(isinstance(caption, str) for caption in captions):
        raise ValueError(f"a caption of {name} is no text")
    statistics = {
        metric: _rows(len(ids), packed["columns"], packed["rows"]) for metric, packed in record["statistics"].items()
    }
    if unknown := [metric for metric in statistics if metric not in METRICS]:
        raise ValueError(f"the metric {unknown[0]!r} is not installed here")
    scores = {column: float(one["score"]) for column, one in record["scores"].items()}
    signatures = {column: str(one["signature"]) for column, one in record["scores"].items()}
    evaluation = Evaluation(ids, statistics, {}, signatures)
    if evaluation.corpus.keys() != scores.keys():
        raise ValueError(f"{name} has scores and statistics of different metrics")
    said = dict(zip(ids, captions, strict=True))
    return Entry(record["fingerprint"], said, tuple(record["failed"]), scores, evaluation)


def _rows(count: int, columns: int, packed: str) -> Array:
    """Statistics ``[count, columns]``. Raises ValueError."""
    size = 8 * count * columns
    if size > LARGEST:
        raise ValueError(f"statistics of more than {LARGEST} bytes")
    content = _unpacked(packed, size)
    if len(content) != size:
        raise ValueError(f"statistics of {len(content)} bytes where there are {size}")
    rows = np.frombuffer(content, dtype="<f8").reshape(columns, count).T.astype(np.float64)
    if not np.isfinite(rows).all():
        raise ValueError("statistics that are no numbers")
    return rows


def _sealed(samples: Mapping[str, Any], record: Mapping[str, Any]) -> dict[str, Any]:
    """The record with its hash, which is also over the samples that it is of."""
    content = {key: value for key, value in record.items() if key != "sha256"}
    return {**content, "sha256": sha256_of([samples, content])}


def _packed(content: bytes) -> str:
    return base64.b64encode(zlib.compress(content, 9)).decode()


def _unpacked(text: str, limit: int) -> bytes:
    """What was packed. Raises ValueError when it is longer than ``limit`` bytes."""
    stream = zlib.decompressobj()
    content = stream.decompress(base64.b64decode(text, validate=True), limit + 1)
    if not stream.eof or len(content) > limit:
        raise ValueError(f"something packed is cut off, or has more than {limit} bytes")
    return content
