"""Captioners then and now: who is matched with whom, and which of their scores are comparable."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from benchmark.metrics.evaluation import Evaluation
from benchmark.regression.report import Finding
from benchmark.regression.snapshot import Entry, SetSnapshot

_MEANT = "If that is meant, make the baseline anew with --update"


@dataclass(frozen=True)
class Pair:
    """One captioner then and now, on the same samples.

    Attributes:
        place: ``sample set/captioner``.
        references: id -> references.
    """

    place: str
    before: Entry
    now: Entry
    references: Mapping[str, tuple[str, ...]]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that both have a score in, computed in the same way."""
        return tuple(
            column
            for column in self.before.scores
            if column in self.now.scores and self.signatures(column)[0] == self.signatures(column)[1]
        )

    @property
    def evaluations(self) -> tuple[Evaluation, Evaluation]:
        """Both with their rows in the order of the baseline; without signatures, which :attr:`columns` looks at."""
        then = self.before.evaluation
        return replace(then, signatures={}), replace(self.now.evaluation.of(then.ids), signatures={})

    def signatures(self, column: str) -> tuple[str, str]:
        """How a column was computed then and is now."""
        return self.before.evaluation.signatures[column], self.now.evaluation.signatures[column]


def pairs(baseline: Sequence[SetSnapshot], now: Sequence[SetSnapshot]) -> tuple[list[Pair], list[Finding]]:
    """The captioners that are in both, and what is to be told of those that are not."""
    found: list[Pair] = []
    findings: list[Finding] = []
    matched: set[str] = set()
    for old in baseline:
        new = _same_samples(old, now)
        if new is None:
            findings.append(_no_such_samples(old, now))
            continue
        matched.add(new.name)
        found += [
            Pair(f"{new.name}/{name}", before, new.entries[name], new.references)
            for name, before in old.entries.items()
            if name in new.entries
        ]
        findings += _one_sided(old, new)
    findings += [
        Finding("note", "new sample set", new.name, "it is not in the baseline; --update adds it.")
        for new in now
        if new.name not in matched
    ]
    return found, findings


def differences(pair: Pair) -> Iterator[Finding]:
    """What is another than it was, apart from the scores: samples without caption, metrics, signatures, settings."""
    before, now, place = pair.before, pair.now, pair.place
    if lost := [id for id in now.failed if id not in before.failed]:
        named = ", ".join(lost[:5]) + (", …" if len(lost) > 5 else "")
        yield Finding("failed", "lost samples", place, f"{len(lost)} samples that had a caption have none: {named}.")
    if before.fingerprint != now.fingerprint:
        about = f"it is another one than in the baseline: fingerprint {before.fingerprint} then, {now.fingerprint} now."
        yield Finding("note", "changed captioner", place, about)
    gone = [column for column in before.scores if column not in now.scores]
    added = [column for column in now.scores if column not in before.scores]
    if gone and len(gone) == len(before.scores):
        about = f"{', '.join(gone)} in the baseline, {', '.join(added) or 'nothing'} now"
        message = f"it is scored by another profile or other metrics: {about}. Run it with those of the baseline."
        yield Finding("incomparable", "other metrics", place, message)
        return
    for column in gone:
        why = now.evaluation.unavailable.get(column, "it was not asked for")
        yield Finding("incomparable", "other metrics", place, f"{column} has no score now: {why}.", column)
    if added:
        yield Finding("note", "new metric", place, f"{', '.join(added)}: not in the baseline; --update adds it.")
    for column in before.scores:
        if column in now.scores and column not in pair.columns:
            then, today = pair.signatures(column)
            message = f"{column} is computed in another way: {then} in the baseline, {today} now. {_MEANT}."
            yield Finding("incomparable", "other signature", place, message, column)


def _same_samples(old: SetSnapshot, now: Sequence[SetSnapshot]) -> SetSnapshot | None:
    same = [new for new in now if new.fingerprint == old.fingerprint]
    return next((new for new in same if new.name == old.name), same[0] if same else None)


def _no_such_samples(old: SetSnapshot, now: Sequence[SetSnapshot]) -> Finding:
    others = [new.about for new in now if (new.dataset, new.split) == (old.dataset, old.split)]
    if not others:
        message = f"no run on these samples is here: {old.dataset}, {old.split} split, {old.about}."
        return Finding("failed", "missing sample set", old.name, message)
    message = (
        f"the samples are others: {old.dataset}, {old.split} split, has {old.about} in the baseline, "
        f"{' and '.join(others)} now. {_MEANT}."
    )
    return Finding("incomparable", "other samples", old.name, message)


def _one_sided(old: SetSnapshot, new: SetSnapshot) -> Iterator[Finding]:
    """Captioners that are in the baseline alone, or in the results alone."""
    for name in old.entries:
        if name not in new.entries:
            why = new.absent.get(name, "there is no run of it")
            message = f"it is in the baseline and not in the results: {why}. Run it, or take it out with --update."
            yield Finding("failed", "missing captioner", f"{new.name}/{name}", message)
    for name in new.entries:
        if name not in old.entries:
            message = "it is not in the baseline; --update adds it."
            yield Finding("note", "new captioner", f"{new.name}/{name}", message)
