"""METEOR 1.5 (Denkowski and Lavie 2014), computed by the jar that pycocoevalcap ships."""

from __future__ import annotations

import contextlib
import threading
from typing import Any

import numpy as np

from benchmark.metrics import java
from benchmark.metrics.base import METRICS, Array, Corpus, MetricError
from renderers.registry import Availability

# The tuned parameters of METEOR 1.5 for English, task "rank" (Denkowski and Lavie 2014, table 1).
ALPHA, BETA, GAMMA, DELTA = 0.85, 0.20, 0.60, 0.75
STAGE_WEIGHTS = np.array([1.0, 0.6, 0.8, 0.6])  # exact, stem, synonym, paraphrase

# A line of the jar: hypothesis and reference length, function words of each; per stage the matched content words of
# hypothesis and reference, then function words of both; chunks; matched words of hypothesis and reference.
_FIELDS = 23
_TIMEOUT = 300.0  # seconds for one sample, the first one's loading of the paraphrases included
_CHUNKS, _HYPOTHESIS_MATCHES, _REFERENCE_MATCHES = 20, 21, 22


class Meteor:
    """Weighted F-mean of matched words (exact, stem, synonym, paraphrase) with a fragmentation penalty, best
    reference per sample; the corpus score is that of the summed counts. 0 to 1, higher is better.

    A row is the 23 counts that the jar prints for the best reference, ``[n, 23]``.
    """

    columns = ("METEOR",)
    upper = 1.0
    signature = "1.5|norm|max-ref|pycocoevalcap-1.2"

    def __init__(self) -> None:
        self._jar: Any = None

    def availability(self) -> Availability:
        return java.availability()

    def statistics(self, corpus: Corpus) -> Array:
        jar = self._start()
        rows = np.zeros((len(corpus), _FIELDS))
        for i, (hypothesis, references) in enumerate(zip(corpus.hypotheses, corpus.references, strict=True)):
            watchdog = threading.Timer(_TIMEOUT, jar.meteor_p.kill)
            watchdog.start()
            try:
                rows[i] = [float(count) for count in jar._stat(hypothesis, list(references)).split()]
            except (ValueError, OSError) as error:
                raise MetricError(f"the METEOR process failed on sample {i + 1}; java said: {self._end()}") from error
            finally:
                watchdog.cancel()
        # METEOR counts no chunk for a sample that is matched throughout in one piece; only the sum shows it.
        rows[_is_perfect(rows), _CHUNKS] = 0.0
        return rows

    def score(self, sums: Array) -> Array:
        with np.errstate(divide="ignore", invalid="ignore"):
            lengths = _weighted(sums[..., 0:2] - sums[..., 2:4], sums[..., 2:4])  # content, function
            stages = sums[..., 4:_CHUNKS].reshape(*sums.shape[:-1], 4, 4) * STAGE_WEIGHTS[:, np.newaxis]
            matches = _weighted(stages[..., 0:2].sum(-2), stages[..., 2:4].sum(-2))
            precision, recall = np.moveaxis(matches / lengths, -1, 0)
            f_mean = 1.0 / ((1.0 - ALPHA) / precision + ALPHA / recall)
            matched = (sums[..., _HYPOTHESIS_MATCHES] + sums[..., _REFERENCE_MATCHES]) / 2
            score = f_mean * (1.0 - GAMMA * (sums[..., _CHUNKS] / matched) ** BETA)
        return np.asarray(np.maximum(np.nan_to_num(score, nan=0.0), 0.0)[..., np.newaxis])

    def _start(self) -> Any:
        """The jar's process, started once: it reads five million paraphrases first."""
        if self._jar is None:
            from pycocoevalcap.meteor.meteor import Meteor as Jar

            self._jar = Jar()
        return self._jar

    def _end(self) -> str:
        """Give the process up; what it last said on its standard error, or how it ended."""
        process, self._jar = self._jar.meteor_p, None
        process.kill()
        with contextlib.suppress(OSError):  # what was not written yet has nobody to read it
            process.stdin.close()
        said = process.stderr.read().decode("utf-8", "replace").strip()
        process.stdout.close()
        process.stderr.close()
        return said[-300:] or f"nothing; exit code {process.wait()}"


def _weighted(content: Array, function: Array) -> Array:
    return DELTA * content + (1.0 - DELTA) * function


def _is_perfect(rows: Array) -> Array:
    whole = (rows[:, 0] == rows[:, _HYPOTHESIS_MATCHES]) & (rows[:, 1] == rows[:, _REFERENCE_MATCHES])
    return np.asarray(whole & (rows[:, _CHUNKS] == 1))


METRICS.register("meteor")(Meteor())
