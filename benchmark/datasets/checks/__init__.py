"""What may be wrong with data that can be read: found and said when they are loaded, never mended.

``check_references`` and ``check_samples`` are what commands call; one module per side of a sample.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from benchmark.datasets.checks import drawings, references
from benchmark.datasets.checks.finding import Finding
from benchmark.errors import UserError

if TYPE_CHECKING:
    from benchmark.samples import Sample

__all__ = ["Finding", "check_references", "check_samples"]


def check_references(texts: Mapping[str, Sequence[str]]) -> list[Finding]:
    """Doubts about references: id -> texts. Raises UserError when not one of them holds a word."""
    if texts and len(references.blank(texts)) == sum(map(len, texts.values())):
        raise UserError(
            "not one of the references holds a word; there is nothing to score against. Name another field with "
            "--caption-field."
        )
    return references.findings(texts)


def check_samples(evaluated: Sequence[Sample], training: Sequence[Sample]) -> list[Finding]:
    """Doubts about the samples to caption, and about those to learn from where both have a drawing.

    Raises UserError when not one of the references of the evaluated samples holds a word.
    """
    return [
        *check_references({sample.id: sample.references for sample in evaluated}),
        *drawings.findings({s.id: s.svg for s in evaluated}, {s.id: s.svg for s in training}),
    ]
