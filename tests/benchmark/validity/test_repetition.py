from __future__ import annotations

import pytest

from benchmark.metrics.validity.repetition import looping, one_text_for_many, repeated_share


@pytest.mark.parametrize(
    "caption",
    [
        "a cat on the the the mat",
        "red red red red",
        "a cat and " * 5,
        "a red circle " * 4,
        "The sides are of equal length. It is black. The sides are of equal length.",
        "aaaaaaaaaaaaaaa",
        "hahahahahahahahahahahaha",
        "口" * 20,
        " ".join(f"the square has a black outline and {n}" for n in "abcdefghijkl"),
    ],
)
def test_loops_are_found(caption: str) -> None:
    assert looping(caption)


@pytest.mark.parametrize(
    "caption",
    [
        "a very very very big dog",
        "ho ho ho",
        "New York, New York",
        "black, white, black, white, black, white",
        "a red circle, a red square and a red line, a blue circle, a blue square and a blue line",
        "The cross is black. The cross is centered. The cross is on white. The cross has four arms.",
        "1000000000",
        "",
    ],
)
def test_emphasis_and_lists_are_no_loops(caption: str) -> None:
    assert not looping(caption)


def test_share_of_repeated_four_grams_by_hand() -> None:
    words = list("abcdabcd")  # abcd bcda cdab dabc abcd: the last one was there
    assert repeated_share(words) == pytest.approx(1 / 5)
    assert repeated_share([]) == repeated_share(["a"]) == 0


def test_one_text_for_many_needs_five_samples_and_a_twentieth() -> None:
    others = [f"drawing {n}" for n in range(95)]
    references = [[f"thing {n}"] for n in range(100)]
    assert one_text_for_many([*["A cat."] * 4, "a  cat", *others], references) == [True] * 5 + [False] * 95
    assert not any(one_text_for_many([*["a cat"] * 4, "dog", *others], references))
    assert not any(one_text_for_many([*["a cat"] * 5, *others, *others], [["thing"]] * 195))


def test_a_text_that_is_true_of_the_drawings_is_not_one_for_many() -> None:
    captions = ["a cat"] * 10
    assert not any(one_text_for_many(captions, [["A cat.", "kitten"]] * 5 + [["dog"]] * 5))
    assert all(one_text_for_many(captions, [["A cat."]] * 4 + [["dog"]] * 6))


def test_empty_captions_are_not_one_text() -> None:
    assert not any(one_text_for_many([""] * 9, [["dog"]] * 9))
