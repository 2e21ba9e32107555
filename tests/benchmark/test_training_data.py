"""What is learnt from is in no test split."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from benchmark.datasets.shapes import generate
from benchmark.errors import UserError
from benchmark.samples import Dataset, Sample
from benchmark.training_data import held_out, training_data

SCENES = generate(size=60, seed=4).samples
TRAIN, TEST = ([s for s in SCENES if s.split == split] for split in ("train", "test"))


def write(path: Path, samples: Iterable[Sample], *, splits: bool = True) -> str:
    lines = [
        {"id": s.id, "svg": s.svg, "references": s.references} | ({"split": s.split} if splits else {}) for s in samples
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return str(path)


def test_the_splits_of_the_data_are_used(own_data: Path) -> None:
    data = training_data(str(own_data), tests=())
    for part, split in ((data.training, "train"), (data.validation, "validation")):
        assert [s.id for s in part.samples] == [s.id for s in generate(size=30).samples if s.split == split]
    assert len(data.notes) == 1


def test_without_a_validation_split_a_share_is_held_out(tmp_path: Path) -> None:
    spec = write(tmp_path / "data.jsonl", TRAIN)
    data = training_data(spec, tests=(), seed=7)
    count = round(len(TRAIN) / 10)
    assert len(data.validation.samples) == count
    assert {s.id for s in data.training.samples} | {s.id for s in data.validation.samples} == {s.id for s in TRAIN}
    assert len(data.training.samples) == len(TRAIN) - count
    assert (
        data.validation.samples == Dataset("d", data.training.samples + data.validation.samples).limit(count, 7).samples
    )
    assert training_data(spec, tests=(), seed=7).training == data.training
    assert training_data(spec, tests=(), seed=8).validation != data.validation
    assert f"{count} of {len(TRAIN)} samples are held out" in data.notes[-1]


@pytest.mark.parametrize(("size", "count"), [(1, 0), (2, 1), (14, 1), (16, 2), (9000, 400)])
def test_some_are_held_out_but_not_too_many(size: int, count: int) -> None:
    dataset = Dataset("d", tuple(Sample(str(number), "<svg/>", ("a",)) for number in range(size)))
    training, validation = held_out(dataset, 0)
    assert (len(training.samples), len(validation.samples)) == (size - count, count)


def test_a_drawing_of_the_own_test_split_is_refused(tmp_path: Path) -> None:
    copy = replace(TRAIN[0], id="copy", svg=TEST[0].svg.replace("<svg", "<!-- mine --><svg", 1))
    spec = write(tmp_path / "data.jsonl", [*TRAIN, copy, *TEST])
    with pytest.raises(UserError, match=f"1 test samples of 'data' are in the training data too.*{TEST[0].id} = copy"):
        training_data(spec, tests=())


@pytest.mark.parametrize("split", ["train", "validation"])
def test_an_id_or_drawing_of_another_test_set_is_refused(tmp_path: Path, split: str) -> None:
    test = write(tmp_path / "test.jsonl", TEST)
    same_id = replace(TRAIN[0], id=TEST[1].id, split=split)
    same_drawing = replace(TRAIN[0], id="renamed", svg=TEST[2].svg, split=split)
    spec = write(tmp_path / "data.jsonl", [*TRAIN, same_id, same_drawing])
    with pytest.raises(UserError, match=f"2 test samples .*: {TEST[1].id}, {TEST[2].id} = renamed"):
        training_data(spec, tests=[test])
    assert training_data(write(tmp_path / "clean.jsonl", TRAIN), tests=[test]).training.samples


def test_the_default_test_set_is_looked_at(tmp_path: Path) -> None:
    from benchmark.datasets.registry import load_dataset

    stolen = load_dataset("openmoji").split("test").samples[0]
    spec = write(tmp_path / "data.jsonl", [*TRAIN, replace(stolen, id="mine", split="train")])
    with pytest.raises(UserError, match=f"'openmoji'.*{stolen.id} = mine"):
        training_data(spec)


def test_data_without_splits_are_learnt_from_only_when_asked_for(tmp_path: Path) -> None:
    spec = write(tmp_path / "data.jsonl", TRAIN, splits=False)
    with pytest.raises(UserError, match=r"no samples in split 'train'.*--split all"):
        training_data(spec, tests=())
    data = training_data(spec, split="all", tests=())
    assert len(data.training.samples) + len(data.validation.samples) == len(TRAIN)
    with pytest.raises(UserError, match="has splits of its own"):
        training_data(write(tmp_path / "split.jsonl", SCENES), split="all", tests=())


def test_a_validation_drawing_that_is_learnt_from_is_a_note(tmp_path: Path) -> None:
    copy = replace(TRAIN[0], id="copy", split="validation")
    data = training_data(write(tmp_path / "data.jsonl", [*TRAIN, copy]), tests=())
    assert data.notes[-1] == f"1 of 1 validation drawings are the same as one to learn from: copy = {TRAIN[0].id}"
