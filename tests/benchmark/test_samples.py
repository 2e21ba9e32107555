from __future__ import annotations

import pytest

from benchmark.errors import UserError
from benchmark.samples import Dataset, Sample

SAMPLES = tuple(
    Sample(f"s{i}", f"<svg id='{i}'/>", (f"caption {i}",), split="test" if i % 2 else "train") for i in range(40)
)
DATASET = Dataset("d", SAMPLES)


def test_fingerprint_does_not_depend_on_the_order_of_samples() -> None:
    assert Dataset("d", SAMPLES[::-1]).fingerprint() == DATASET.fingerprint()


@pytest.mark.parametrize(
    "changed",
    [
        Sample("other", "<svg id='0'/>", ("caption 0",)),
        Sample("s0", "<svg/>", ("caption 0",)),
        Sample("s0", "<svg id='0'/>", ("caption 0", "more")),
        Sample("s0", "<svg id='0'/>", ("caption 0",), group="g"),
    ],
    ids=["id", "svg", "references", "group"],
)
def test_fingerprint_changes_with_the_content(changed: Sample) -> None:
    assert Dataset("d", (changed, *SAMPLES[1:])).fingerprint() != DATASET.fingerprint()


def test_limit_draws_the_same_samples_whatever_their_order() -> None:
    drawn = {s.id for s in DATASET.limit(7, seed=3).samples}
    assert drawn == {s.id for s in Dataset("d", SAMPLES[::-1]).limit(7, seed=3).samples}
    assert len(drawn) == 7


def test_a_larger_limit_holds_all_samples_of_a_smaller_one() -> None:
    small, large = DATASET.limit(5, seed=0).samples, DATASET.limit(15, seed=0).samples
    assert set(small) < set(large)
    assert [s.id for s in large] == [s.id for s in SAMPLES if s in large]


def test_another_seed_draws_other_samples() -> None:
    assert set(DATASET.limit(10, seed=0).samples) != set(DATASET.limit(10, seed=1).samples)


def test_a_split_that_is_not_there_is_an_error_that_names_those_that_are() -> None:
    with pytest.raises(UserError, match=r"no samples in split 'validation'; its splits: test, train"):
        DATASET.split("validation")


def test_split_all_is_everything() -> None:
    assert DATASET.split("all").samples == SAMPLES
