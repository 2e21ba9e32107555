from __future__ import annotations

from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from benchmark.datasets.registry import DATASETS, load_dataset
from benchmark.errors import UserError
from renderers import registry
from renderers.registry import Availability, Registry, UnknownName


def make(entries: tuple[EntryPoint, ...], monkeypatch: pytest.MonkeyPatch) -> Registry[object]:
    monkeypatch.setattr(registry, "_entry_points", lambda group: entries)
    return Registry("captioner", modules=(), group="tests")


def test_an_unknown_name_is_answered_with_the_nearest_and_all(monkeypatch: pytest.MonkeyPatch) -> None:
    parts = make((), monkeypatch)
    parts.register("constant")(object())
    parts.register("human")(object())
    with pytest.raises(UnknownName, match=r"no captioner 'contsant'. Did you mean 'constant'\? Known: constant, human"):
        parts["contsant"]


def test_a_name_taken_twice_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    parts = make((), monkeypatch)
    parts.register("a")(1)
    parts.register("a")(1)  # the same part again, as a re-imported module does
    with pytest.raises(ValueError, match="captioner 'a' is registered twice"):
        parts.register("a")(2)


def test_parts_of_other_packages_are_found_by_entry_point(monkeypatch: pytest.MonkeyPatch) -> None:
    parts = make((EntryPoint("theirs", "json:dumps", "tests"),), monkeypatch)
    import json

    assert parts["theirs"] is json.dumps
    assert parts.names() == ["theirs"]


def test_a_broken_part_of_another_package_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    parts = make((EntryPoint("theirs", "no_such_module:x", "tests"),), monkeypatch)
    with pytest.warns(UserWarning, match="captioner 'theirs' of no_such_module:x cannot load"):
        assert parts.names() == []


def test_availability_is_true_only_without_a_reason() -> None:
    assert Availability()
    assert not Availability("no GPU", "buy one")
    assert str(Availability("no GPU", "buy one")) == "no GPU — buy one"


def test_datasets_take_options_by_name() -> None:
    assert len(load_dataset("shapes:size=7,seed=3").samples) == 7
    assert set(DATASETS.names()) >= {"openmoji", "shapes"}


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("shapes:sizes=7", r"no option 'sizes=7'. Its options: shapes:size=…, shapes:seed=…"),
        ("openmoji:size=7", r"no option 'size=7'. Its options: none"),
        ("shapes:size=--5", r"shapes:size is a whole number, not '--5'"),
        ("shapes:size=many", r"shapes:size is a whole number, not 'many'"),
        ("shapes:size=" + "9" * 5000, r"shapes:size is a whole number"),
        ("x" * 300, r"no such file or folder"),
        ("no-such-file.jsonl", r"no such file or folder, and no dataset has that name. Known: .*openmoji"),
    ],
)
def test_a_wrong_dataset_is_an_error_that_says_what_there_is(spec: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        load_dataset(spec)


def test_a_registered_name_is_never_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shapes").mkdir()
    assert len(load_dataset("shapes").samples) == 1500
    with pytest.raises(UserError, match="shapes"):
        load_dataset("./shapes")
