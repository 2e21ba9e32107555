"""What a metric is: rows of sufficient statistics, and a score for any set of rows.

Corpus scores, per-sample scores, bootstrap intervals, paired tests and sub-group tables all come from one pass,
because every metric here is a function of the *sum* of its rows (the design of sacreBLEU's metrics).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from benchmark.metrics.images import Images
from benchmark.progress import Watcher
from renderers.registry import Availability, Registry

Array = npt.NDArray[np.float64]
Flags = Mapping[str, npt.NDArray[np.bool_]]
"""What a reader must know of some samples -> of which, ``[n]``."""


class MetricError(Exception):
    """A metric cannot be computed on this input; the message says why and stands in its cell."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """Captions, row by row.

    Attributes:
        hypotheses: one caption per row, its tokens joined by single blanks; "" for a missing caption.
        references: one or more references per row, tokenized alike.
        tokenizer: how they were tokenized, as it stands in signatures.
        captions: the hypotheses as they were said.
        reference_captions: the references as they were written.
        images: the drawings as pictures; None where there are none.
        derived: what several metrics need of these captions, and one of them computes first; by its name.
    """

    hypotheses: Sequence[str]
    references: Sequence[Sequence[str]]
    tokenizer: str
    captions: Sequence[str] = ()
    reference_captions: Sequence[Sequence[str]] = ()
    images: Images | None = None
    derived: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    def __len__(self) -> int:
        return len(self.hypotheses)

    def reference_counts(self) -> str:
        """``"3"`` or ``"2-5"``: how many references a row has, as it stands in signatures."""
        counts = {len(references) for references in self.references}
        return "-".join(str(count) for count in sorted({min(counts), max(counts)}))


class Metric(Protocol):
    """One metric, of one or several columns.

    Attributes:
        columns: as tables head it, e.g. ``("BLEU-1", …, "BLEU-4")``.
        upper: the highest possible value; the lowest is 0 and higher is better for every metric here.
        unit: what is measured on that scale: precision, F-score, cosine.
        signature: the fixed part of what says exactly how the number was computed.
    """

    @property
    def columns(self) -> tuple[str, ...]: ...
    @property
    def upper(self) -> float: ...
    @property
    def unit(self) -> str: ...
    @property
    def signature(self) -> str: ...

    def availability(self) -> Availability:
        """Whether it can be computed here."""
        ...

    def statistics(self, corpus: Corpus) -> Array:
        """Sufficient statistics, ``[n, k]``. Raises MetricError when this corpus cannot be scored."""
        ...

    def score(self, sums: Array) -> Array:
        """Scores ``[..., columns]`` of sums of rows ``[..., k]``."""
        ...


@runtime_checkable
class Prepared(Protocol):
    """A metric that must get something ready before it computes, which can take seconds."""

    def prepare(self, watcher: Watcher) -> None:
        """Get it ready, unless it is. Raises MetricError when that fails."""
        ...


@runtime_checkable
class SelfTokenizing(Protocol):
    """A metric that splits captions in its own way: its corpus holds them as they were said."""

    @property
    def tokenization(self) -> str:
        """How, as it stands in signatures."""
        ...


@runtime_checkable
class Seeing(Protocol):
    """A metric that looks at the drawings, see ``Corpus.images``."""

    needs_images: bool


@runtime_checkable
class Flagging(Protocol):
    """A metric that has something to say of single samples besides their scores."""

    def flagged_statistics(self, corpus: Corpus, watcher: Watcher) -> tuple[Array, Flags]:
        """As :meth:`Metric.statistics`, and what a reader must know; tells how far it is. Raises MetricError."""
        ...


@runtime_checkable
class ByColumn(Protocol):
    """A metric whose columns differ in range or in how they are computed."""

    def column_upper(self, column: str) -> float:
        """The highest possible value of a column."""
        ...

    def column_signature(self, column: str, corpus: Corpus) -> str:
        """All that says how a column was computed, but for its name and the version."""
        ...


METRICS: Registry[Metric] = Registry(
    "metric",
    modules=(
        "benchmark.metrics.bleu",
        "benchmark.metrics.rouge_l",
        "benchmark.metrics.meteor.metric",
        "benchmark.metrics.cider",
        "benchmark.metrics.nltk_profile.bleu",
        "benchmark.metrics.nltk_profile.rouge_l",
        "benchmark.metrics.nltk_profile.meteor",
        "benchmark.metrics.clip_score.metric",
    ),
    group="svg_caption_bench.metrics",
)


def column_signature(metric: Metric, column: str, corpus: Corpus) -> str:
    """The whole signature of one number: column, how the metric is computed, tokenizer, references per sample."""
    if isinstance(metric, ByColumn):
        return f"{column}|{metric.column_signature(column, corpus)}|v1"
    return f"{column}|{metric.signature}|tok:{corpus.tokenizer}|refs:{corpus.reference_counts()}|v1"


def way(signature: str) -> str:
    """How a score was computed: its signature without the number of references, which a held out one changes."""
    return re.sub(r"\|refs:[^|]*", "", signature)
