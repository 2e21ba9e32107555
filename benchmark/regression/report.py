"""What a check found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from benchmark.comparison.samples import Disagreement, Outcomes
from benchmark.statistics import PairedTest

Level = Literal["failed", "incomparable", "note"]
FAILED, INCOMPARABLE = 1, 2


@dataclass(frozen=True, slots=True)
class Judged:
    """One score held against the baseline's.

    Attributes:
        place: ``sample set/captioner``.
        before, now: on the metric's own scale; higher is better.
        allowed: the largest fall that is allowed; None where the test decides.
        test: now minus before, with p-values corrected over all tests of the check; None where none was made, because
            the tolerance decides or nothing changed.
        failed: whether it fell by more than is allowed, or is significantly worse.
    """

    place: str
    column: str
    before: float
    now: float
    allowed: float | None
    test: PairedTest | None
    failed: bool

    @property
    def difference(self) -> float:
        """Now minus before."""
        return self.now - self.before


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to be told.

    Attributes:
        level: "failed" fails the check, "incomparable" means that it could not be made, "note" is to be known.
        kind: "worse", "lost samples", "missing captioner", "missing sample set", "other samples", "other metrics",
            "other signature", "other formula", "new captioner", "new sample set", "new metric", "changed captioner".
        place: ``sample set/captioner``, or the sample set.
        column: of the score that it is about; "" for all.
    """

    level: Level
    kind: str
    place: str
    message: str
    column: str = ""

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


@dataclass(frozen=True, slots=True)
class Changes:
    """How the captions of one captioner changed.

    Attributes:
        captions: how many are not those of the baseline.
        column: that the samples are judged by.
        outcomes: on how many samples the score rose, stayed, fell.
        worst: the samples whose score fell most; the baseline's caption and score first.
    """

    place: str
    captions: int
    column: str
    outcomes: Outcomes
    worst: tuple[Disagreement, ...]


@dataclass(frozen=True)
class Report:
    """Everything a check found, in the order of the baseline."""

    judged: tuple[Judged, ...]
    findings: tuple[Finding, ...]
    changes: tuple[Changes, ...]

    @property
    def exit_code(self) -> int:
        """0 when nothing fell; 1 when something failed; 2 when nothing failed and something is not comparable."""
        levels = {finding.level for finding in self.findings}
        return FAILED if "failed" in levels else INCOMPARABLE if "incomparable" in levels else 0

    @property
    def headline(self) -> str:
        """The verdict in one line, with the first finding that made it."""
        level = {FAILED: "failed", INCOMPARABLE: "incomparable"}.get(self.exit_code)
        if level is None:
            fell = sum(one.difference < 0 for one in self.judged)
            runs = len({one.place for one in self.judged})
            within = f"; {fell} fell, by no more than is allowed" if fell else ""
            return f"passed: {len(self.judged)} scores of {runs} runs{within}"
        found = [finding for finding in self.findings if finding.level == level]
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        return f"{'failed' if level == 'failed' else 'not comparable'}: {found[0]}{more}"
