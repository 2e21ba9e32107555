"""What a run keeps so that tables, comparisons and reports need neither the dataset nor the metrics' data again.

Samples are JSON lines in a gzip file, which every reader of this project's datasets takes as it is; statistics are
NumPy arrays without pickles. Both are made of the same bytes whenever they are made of the same content.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
from collections.abc import Iterable
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from benchmark.errors import UserError
from benchmark.files import write_atomic
from benchmark.metrics.evaluation import Evaluation
from benchmark.samples import Sample

_STATISTICS, _FLAGS = "statistics/", "flags/"
_FIELDS = ("id", "svg", "references", "group", "split")


def write_samples(path: Path, samples: Iterable[Sample]) -> None:
    """One JSON object per line, with the fields of :class:`Sample`. Raises UserError."""
    lines = (json.dumps({name: getattr(sample, name) for name in _FIELDS}) + "\n" for sample in samples)
    write_atomic(path, gzip.compress("".join(lines).encode(), mtime=0))


def read_samples(path: Path) -> tuple[Sample, ...]:
    """What :func:`write_samples` wrote. Raises UserError when the file is missing or damaged."""
    try:
        records = [json.loads(line) for line in gzip.decompress(path.read_bytes()).decode().splitlines()]
        return tuple(Sample(**record | {"references": tuple(record["references"])}) for record in records)
    except (OSError, EOFError, ValueError, TypeError, KeyError) as error:
        raise UserError(
            f"cannot read {path}: {error}. The next `run` on these samples writes it anew when it is deleted."
        ) from error


def write_statistics(path: Path, evaluation: Evaluation) -> str:
    """Write an evaluation; returns the SHA-256 (hex) of the file. Raises UserError."""
    about = {"ids": evaluation.ids, "unavailable": evaluation.unavailable, "signatures": evaluation.signatures}
    arrays: dict[str, np.ndarray] = {"about": np.frombuffer(json.dumps(about).encode(), dtype=np.uint8)}
    arrays |= {_STATISTICS + name: rows for name, rows in evaluation.statistics.items()}
    arrays |= {_FLAGS + name: mask for name, mask in evaluation.flags.items()}
    content = io.BytesIO()
    np.savez_compressed(content, allow_pickle=False, **arrays)
    write_atomic(path, content.getvalue())
    return hashlib.sha256(content.getbuffer()).hexdigest()


def read_statistics(path: Path, sha256: str) -> Evaluation:
    """What :func:`write_statistics` wrote. Raises UserError when the file is missing, damaged or another one."""
    try:
        content = path.read_bytes()
        if hashlib.sha256(content).hexdigest() != sha256:
            raise ValueError("it is not the file that the scores were written with")
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            about = json.loads(arrays["about"].tobytes())
            named = {key: arrays[key] for key in arrays.files}
    except (OSError, ValueError, KeyError, BadZipFile) as error:
        raise UserError(f"cannot read {path}: {error}. Run the same command again: it scores anew.") from error
    return Evaluation(
        ids=tuple(about["ids"]),
        statistics={key.removeprefix(_STATISTICS): named[key] for key in named if key.startswith(_STATISTICS)},
        unavailable=about["unavailable"],
        signatures=about["signatures"],
        flags={key.removeprefix(_FLAGS): named[key] for key in named if key.startswith(_FLAGS)},
    )
