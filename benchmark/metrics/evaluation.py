"""Scores captions against references: one pass of statistics, from which every number is derived."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from benchmark import defaults
from benchmark.metrics.base import (
    METRICS,
    Array,
    Corpus,
    Flagging,
    Flags,
    Metric,
    MetricError,
    Prepared,
    SelfTokenizing,
    column_signature,
)
from benchmark.metrics.images import Images, of_pictures
from benchmark.metrics.tokenizer import tokenize, tokenizer_name
from benchmark.progress import Unwatched, Watcher

if TYPE_CHECKING:
    import pandas as pd
    from PIL import Image


@dataclass(frozen=True)
class Evaluation:
    """Sufficient statistics of every metric for every sample.

    Attributes:
        ids: the samples, row by row.
        statistics: metric name -> rows ``[n, k]``; only the metrics that could be computed.
        unavailable: column -> why it has no number.
        signatures: column -> exactly how its number was computed.
        flags: what metrics have to say of single samples.
    """

    ids: tuple[str, ...]
    statistics: Mapping[str, Array]
    unavailable: Mapping[str, str]
    signatures: Mapping[str, str]
    flags: Flags = field(default_factory=dict)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that have numbers, in the order of the metrics asked for."""
        return tuple(column for name in self.statistics for column in METRICS[name].columns)

    @property
    def corpus(self) -> dict[str, float]:
        """Column -> corpus score. BLEU, ROUGE-L, METEOR 0 to 1; CIDEr 0 to 10."""
        return dict(zip(self.columns, self.scores_of(self.stacked().sum(axis=0)).tolist(), strict=True))

    @property
    def per_sample(self) -> pd.DataFrame:
        """Scores of single samples: indexed by id, one column per metric column."""
        import pandas as pd

        frame = pd.DataFrame(self.scores_of(self.stacked()), columns=list(self.columns))
        return frame.set_index(pd.Index(self.ids, name="id", dtype="str"))

    def of(self, ids: Sequence[str]) -> Evaluation:
        """The same of these samples, in this order."""
        if self.ids == tuple(ids):
            return self
        places = {id: place for place, id in enumerate(self.ids)}
        chosen = [places[id] for id in ids]
        return replace(
            self,
            ids=tuple(ids),
            statistics={metric: rows[chosen] for metric, rows in self.statistics.items()},
            flags={name: mask[chosen] for name, mask in self.flags.items()},
        )

    def only(self, metrics: Sequence[str]) -> Evaluation:
        """The same with these metrics alone, in this order."""
        return replace(self, statistics={name: self.statistics[name] for name in metrics})

    def stacked(self) -> Array:
        """All statistics side by side, ``[n, K]``."""
        return np.hstack([np.zeros((len(self.ids), 0)), *self.statistics.values()])

    def scores_of(self, sums: Array) -> Array:
        """Scores ``[..., columns]`` of sums of any rows of :meth:`stacked`, ``[..., K]``."""
        widths = [rows.shape[1] for rows in self.statistics.values()]
        parts = np.split(sums, np.cumsum(widths)[:-1], axis=-1) if widths else []
        scores = [METRICS[name].score(part) for name, part in zip(self.statistics, parts, strict=True)]
        return np.concatenate([np.zeros((*sums.shape[:-1], 0)), *scores], axis=-1)


def evaluate(
    hypotheses: Mapping[str, str],
    references: Mapping[str, Sequence[str]],
    metrics: Sequence[str] = (),
    watcher: Watcher | None = None,
    *,
    profile: str = defaults.PROFILE,
    images: Images | Mapping[str, Image.Image] | None = None,
    configured: Mapping[str, Metric] | None = None,
) -> Evaluation:
    """Score one caption per sample.

    Args:
        hypotheses: id -> caption; a sample of ``references`` that is absent here counts as the empty caption.
        references: id -> one or more reference captions.
        metrics: registered names; none for those of the profile.
        watcher: is told what a metric must get ready first.
        profile: "coco" or "nltk": what to score by when no metric is named.
        images: id -> the drawing as a picture, on white where it is transparent; or pictures in the order of
            ``references``. For metrics that look at them.
        configured: name -> metric to use in the place of the registered one, e.g. ``{"cider": Cider(frequencies)}``.

    Raises:
        ValueError: no sample, a sample without reference, or a hypothesis of an unknown sample.
        UnknownName: a metric that is not registered.
        UserError: an unknown profile, or one besides metrics.
    """
    if not references:
        raise ValueError("there are no references to score against")
    if strangers := hypotheses.keys() - references.keys():
        raise ValueError(f"captions of unknown samples: {', '.join(sorted(strangers)[:5])}")
    if single := [id for id, captions in references.items() if isinstance(captions, str)]:
        raise ValueError(f"references are lists of captions, and that of {single[0]!r} is a text: write [caption]")
    if bare := [id for id, captions in references.items() if not captions]:
        raise ValueError(f"samples without reference: {', '.join(bare[:5])}")
    corpora: dict[str, Corpus] = {}
    statistics: dict[str, Array] = {}
    unavailable: dict[str, str] = {}
    signatures: dict[str, str] = {}
    flags: dict[str, npt.NDArray[np.bool_]] = {}
    for name in defaults.metrics_of(profile, metrics):
        metric = (configured or {}).get(name) or METRICS[name]
        own = metric.tokenization if isinstance(metric, SelfTokenizing) else ""
        if own not in corpora:
            corpora[own] = (
                _corpus(hypotheses, references, own) if own else tokenized_corpus(hypotheses, references, images)
            )
        corpus = corpora[own]
        try:
            statistics[name], found = _computed(metric, corpus, watcher or Unwatched())
            flags |= found
        except MetricError as error:
            unavailable |= dict.fromkeys(metric.columns, str(error))
        signatures |= {column: column_signature(metric, column, corpus) for column in metric.columns}
    return Evaluation(tuple(references), statistics, unavailable, signatures, flags)


def _computed(metric: Metric, corpus: Corpus, watcher: Watcher) -> tuple[Array, Flags]:
    if not metric.availability():
        raise MetricError(str(metric.availability()))
    if isinstance(metric, Prepared):
        metric.prepare(watcher)
    if isinstance(metric, Flagging):
        return metric.flagged_statistics(corpus, watcher)
    return metric.statistics(corpus), {}


def _corpus(hypotheses: Mapping[str, str], references: Mapping[str, Sequence[str]], tokenization: str) -> Corpus:
    """Both sides as they were said."""
    return Corpus([hypotheses.get(id, "") for id in references], list(references.values()), tokenization)


def tokenized_corpus(
    hypotheses: Mapping[str, str],
    references: Mapping[str, Sequence[str]],
    images: Images | Mapping[str, Image.Image] | None = None,
) -> Corpus:
    """Both sides through the tokenizer, in the order of ``references``."""
    captions = [hypotheses.get(id, "") for id in references]
    reference_tokens = iter(tokenize([caption for captions in references.values() for caption in captions]))
    return Corpus(
        hypotheses=tokenize(captions),
        references=[[next(reference_tokens) for _ in written] for written in references.values()],
        tokenizer=tokenizer_name(),
        captions=captions,
        reference_captions=list(references.values()),
        images=of_pictures(images, references) if isinstance(images, Mapping) else images,
    )
