"""What a training learns from and is validated on, and that neither is in a test split."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from benchmark.datasets.checks import Finding
from benchmark.datasets.checks.drawings import content, outline, pairs
from benchmark.datasets.registry import load_dataset
from benchmark.errors import UserError
from benchmark.progress import Watcher
from benchmark.samples import Dataset, Sample

if TYPE_CHECKING:
    from captioners.training.base import Base
    from captioners.training.config import TrainingConfig
    from captioners.training.data import Prepared
    from captioners.training.planning.unloaded import Unloaded

HELD_OUT = 0.1
"""Share of the samples that are held out for validation where the data have no validation split, …"""
MOST_HELD_OUT = 400
"""… and how many at most: all of them are looked at in every evaluation."""
TESTS = ("openmoji",)
"""Whose test splits are compared with where no others are named: what ``run`` captions by default."""
_SHOWN = 8


@dataclass(frozen=True)
class TrainingData:
    """Samples of a training; none is in a test split that was compared with.

    Attributes:
        training: to learn from.
        validation: to compute the validation loss on; may be empty.
        notes: what was found and decided, for the user.
    """

    training: Dataset
    validation: Dataset
    notes: tuple[str, ...] = ()


def training_data(
    spec: str, *, split: str = "train", tests: Sequence[str] = TESTS, seed: int = 0, **own_data: Any
) -> TrainingData:
    """Load the data of a training.

    Args:
        spec: as :func:`benchmark.datasets.registry.load_dataset` takes it.
        split: ``train``, or ``all`` for data that know no splits.
        tests: datasets whose test splits must not be in the data; the data's own is looked at besides.
        seed: of the draw of samples that are held out.
        own_data: as :func:`benchmark.datasets.own.load` takes it.

    Raises:
        UserError: bad data, no sample to learn from, or samples that are in a test split too.
    """
    whole = load_dataset(spec, **own_data)
    there = sorted({sample.split for sample in whole.samples})
    if split == "all" and len(there) > 1:
        raise UserError(f"dataset {whole.name!r} has splits of its own ({', '.join(there)}); leave out --split all.")
    if split == "train" and "train" not in there:
        raise UserError(
            f"dataset {whole.name!r} has no samples in split 'train'; its splits: {', '.join(there)}. Data that name "
            "no split are all 'test': --split all learns from them, and --test names what they must not hold."
        )
    notes = [f"{whole.notes['source']}: {whole.notes['fields']}"] if "fields" in whole.notes else []
    training = whole.split(split)
    validation = replace(whole, samples=tuple(s for s in whole.samples if s.split == "validation" and split != "all"))
    if not validation.samples:
        training, validation = held_out(training, seed)
        notes.append(
            f"{whole.name} has no validation split: {len(validation.samples)} of {len(whole.split(split).samples)} "
            f"samples are held out for it (seed {seed})"
        )
    used = (*training.samples, *validation.samples)
    if split != "all" and "test" in there:
        notes += refuse_overlap(used, whole.split("test"))
    for test in tests:
        if test != spec:
            notes += refuse_overlap(used, load_dataset(test).split("test"))
    copies, _ = _same(validation.samples, training.samples)
    notes += map(
        str, Finding.of("validation drawings are the same as one to learn from", copies, len(validation.samples))
    )
    return TrainingData(training, validation, tuple(notes))


def prepared(
    data: TrainingData, base: Base | Unloaded, config: TrainingConfig, watcher: Watcher, *, all_references: bool
) -> tuple[Prepared, Prepared]:
    """Examples to learn from, and to validate on, of the first reference always; there may be none of the latter.

    Raises CaptionerError: none could be made of samples that there are.
    """
    from captioners.training.data import Prepared, examples

    def made(part: Dataset, every: bool) -> Prepared:
        if not part.samples:
            return Prepared(())
        with watcher.task("examples", len(part.samples)) as advance:
            return examples(
                part.samples, base.tokenizer, config, all_references=every, window=base.window, advance=advance
            )

    return made(data.training, all_references), made(data.validation, False)


def held_out(dataset: Dataset, seed: int) -> tuple[Dataset, Dataset]:
    """The samples to learn from and those held out, drawn as :meth:`Dataset.limit` does; of a single one, none."""
    count = min(max(1, round(HELD_OUT * len(dataset.samples))), MOST_HELD_OUT) if len(dataset.samples) > 1 else 0
    drawn = dataset.limit(count, seed)
    ids = {sample.id for sample in drawn.samples}
    return replace(dataset, samples=tuple(s for s in dataset.samples if s.id not in ids)), drawn


def refuse_overlap(used: Sequence[Sample], test: Dataset) -> list[str]:
    """Notes on samples of a training that resemble those of a test split.

    Raises:
        UserError: some have the id of a test sample, or its drawing: the same but for white space and metadata.
    """
    ids = {sample.id for sample in used}
    both = [sample.id for sample in test.samples if sample.id in ids]
    copies, likenesses = _same(test.samples, used)
    if both or copies:
        found = [*both, *(pair for pair in copies if pair.partition(" = ")[0] not in set(both))]
        more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
        raise UserError(
            f"{len(found)} test samples of {test.name!r} are in the training data too, and scores on them would say "
            f"nothing: {', '.join(found[:_SHOWN])}{more} (an id that both have, or test sample = training sample where "
            "the drawings are the same). Take them out of one of the two."
        )
    what = f"test drawings of {test.name!r} have the outline of one to learn from"
    return [str(finding) for finding in Finding.of(what, likenesses, len(test.samples))]


def _same(evaluated: Sequence[Sample], learnt: Sequence[Sample]) -> tuple[list[str], list[str]]:
    """Pairs of the same content, and others of the same outline."""
    one, other = {s.id: s.svg for s in evaluated}, {s.id: s.svg for s in learnt}
    _, same = pairs(one, other, content)
    _, near = pairs(one, other, outline)
    return same, [pair for pair in near if pair not in set(same)]
