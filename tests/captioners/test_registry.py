"""From what users write to captioners, and what is said when that is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from captioners import CAPTIONERS, CaptionerError, ModelOptions, named
from captioners.checkpoints import Checkpoint
from captioners.registry import weights_of
from renderers.registry import UnknownName


def test_all_is_everyone_in_the_order_of_the_registry() -> None:
    assert [one.name for one in named(["all"], ModelOptions()).values()] == CAPTIONERS.names()
    assert list(named(["human", "human", "constant"], ModelOptions())) == ["human", "constant"]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("bilp", r"there is no captioner 'bilp'\. Did you mean 'blip'\? Known: constant, "),
        ("blipp,", "Did you mean 'blip'"),
        ("nothing:here", "nothing"),
    ],
)
def test_an_unknown_name_is_answered_with_near_ones(asked: str, said: str) -> None:
    with pytest.raises(UnknownName, match=said):
        named(["all", asked], ModelOptions())


def test_weights_are_for_captioners_that_have_some() -> None:
    with pytest.raises(UnknownName, match=r"there is no captioner 'blpi'\. Did you mean 'blip'"):
        named(["constant"], ModelOptions(weights={"blpi": "folder"}))
    with pytest.raises(CaptionerError, match="constant has no weights: leave --weights constant=… out"):
        named(["constant"], ModelOptions(weights={"constant": "folder"}))


@pytest.mark.parametrize("name", ["blip", "blip-large", "vit-gpt2"])
def test_published_checkpoints_are_pinned_licensed_and_sized(name: str) -> None:
    (checkpoint,) = weights_of(name)
    assert checkpoint.commit
    assert checkpoint.revision != "main"
    assert checkpoint.licence
    assert checkpoint.size


def test_weights_are_of_a_captioner_a_folder_or_a_hub_id(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "trained").mkdir()
    (tmp_path / "blip").mkdir()
    assert weights_of("trained") == (Checkpoint("trained", local=True),)
    assert weights_of("./nowhere") == (Checkpoint("nowhere", local=True),)
    assert weights_of("org/model@v2") == (Checkpoint("org/model", "v2"),)
    assert weights_of("blip")[0].repository == "Salesforce/blip-image-captioning-base"
    with pytest.raises(CaptionerError, match="constant has no weights to fetch"):
        weights_of("constant")
    with pytest.raises(UnknownName, match="there is no captioner 'nowhere'"):
        weights_of("nowhere")
