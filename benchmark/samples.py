"""Sample: the unit that everything passes on; and the validated, fingerprinted set of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from benchmark.errors import UserError


@dataclass(frozen=True, slots=True)
class Sample:
    """One drawing with its reference captions.

    Attributes:
        id: unique within the dataset, any non-empty text.
        svg: the drawing's source text.
        references: one or more reference captions, none of them empty.
        group: the sub-group that tables can be split by (emoji group, source file, …), "" for none.
        split: "train", "validation" or "test".
    """

    id: str
    svg: str
    references: tuple[str, ...]
    group: str = ""
    split: str = "test"


@dataclass(frozen=True)
class Dataset:
    """Validated samples under a name.

    Attributes:
        name: short, used in directory names and tables.
        samples: in the order of the source.
        notes: facts that stand wherever the data is shown: licence, attribution, what was detected or left out.
    """

    name: str
    samples: tuple[Sample, ...]
    notes: Mapping[str, str] = field(default_factory=dict)

    def split(self, name: str) -> Dataset:
        """The samples of one split, or of all for "all". Raises UserError when there is none."""
        chosen = tuple(s for s in self.samples if name in ("all", s.split))
        if not chosen:
            there = ", ".join(sorted({s.split for s in self.samples})) or "none"
            raise UserError(f"dataset {self.name!r} has no samples in split {name!r}; its splits: {there}.")
        return replace(self, samples=chosen)

    def limit(self, count: int | None, seed: int) -> Dataset:
        """At most ``count`` samples, drawn by a hash of seed and id, in the order of the source.

        The draw does not depend on the order of the samples or on the machine, and a larger count holds all
        samples of a smaller one.
        """
        if count is None or count >= len(self.samples):
            return self
        drawn = {s.id for s in sorted(self.samples, key=lambda s: _digest(f"{seed}:{s.id}"))[:count]}
        return replace(self, samples=tuple(s for s in self.samples if s.id in drawn))

    def training_without(self, evaluated: Dataset) -> Dataset:
        """The training samples that are not among the evaluated ones; there may be none."""
        ids = {s.id for s in evaluated.samples}
        return replace(self, samples=tuple(s for s in self.samples if s.split == "train" and s.id not in ids))

    def fingerprint(self) -> str:
        """SHA-256 (hex) over id, drawing, references and group of all samples, whatever their order."""
        lines = sorted(json.dumps([s.id, s.svg, s.references, s.group], ensure_ascii=False) for s in self.samples)
        return _digest("\n".join(lines))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
