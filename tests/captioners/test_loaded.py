"""One model is in memory at a time."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from captioners.loaded import held, release


class Model:
    """Something that can be referred to weakly."""


@pytest.fixture(autouse=True)
def nothing_held() -> Iterator[None]:
    release()
    yield
    release()


def test_a_model_is_loaded_once_for_a_key() -> None:
    assert held("a", Model) is held("a", Model)


def test_the_next_model_takes_the_place_of_the_last() -> None:
    first = weakref.ref(held("a", Model))
    there: list[object] = []

    def load() -> Model:
        gc.collect()
        there.append(first())
        return Model()

    held("b", load)
    assert there == [None], "two models were in memory at once"


def test_a_model_that_does_not_load_leaves_nothing() -> None:
    held("a", Model)

    def broken() -> Model:
        raise OSError("damaged")

    with pytest.raises(OSError, match="damaged"):
        held("b", broken)
    assert isinstance(held("b", Model), Model)


def test_release_lets_go() -> None:
    model = weakref.ref(held("a", Model))
    release()
    assert model() is None
