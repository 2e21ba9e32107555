from __future__ import annotations

import pytest

from benchmark.metrics.validity.cuts import cut_at_end, cut_in_front, dangling


@pytest.mark.parametrize(
    "caption",
    [
        "ck border and a white background. The rectangle is oriented horizontally.",
        "g two black circles and a black rectangle. The circles are positioned symmetrically.",
        'ape resembling a stylized letter "X." The shape is composed of two lines.',
        "of a single, upright arrow pointing to the right",
        ", with a white background",
        "'s hat on a table",
    ],
)
def test_a_beginning_inside_a_word_or_a_sentence_is_found(caption: str) -> None:
    assert cut_in_front(caption)


@pytest.mark.parametrize(
    "caption",
    [
        "a man on a bench",
        "a dog runs. it is brown.",
        "The image shows a cat. The cat is black.",
        "iPhone with a crack. The screen is off.",
        "a sign of the U.S. Army",
        "a st. Bernard dog",
        "face with tears of joy",
        "2 circles. They touch.",
        "- a cat",
        "",
    ],
)
def test_small_letters_alone_are_no_cut(caption: str) -> None:
    assert not cut_in_front(caption)


@pytest.mark.parametrize(
    "caption",
    [
        "a hydroxyl group (OH). The",
        "The background is white,",
        "a man with a well-",
        "The logo consists of the following elements:",
        "a white heart symbol and the percentage sign (",
        'a mathematical symbol, specifically the "',
        'a single line of text that reads "l',
        "The bar is at the top. The bar is not uniformly filled",
        "### Analysis and Description",
        "It stands out.\n\n### Analysis and Description",
        "A star.\n\n4.",
        "A star.\n\n1. **Color",
        "A star.\n\n- **Text Content:**",
        "La nave ha tre cannoni e una",
    ],
)
def test_a_missing_end_is_found(caption: str) -> None:
    assert dangling(caption)


@pytest.mark.parametrize(
    "caption",
    [
        "a black and white drawing of the letter h",
        "negative squared latin capital letter a",
        "The image shows a cat.",
        'The word is "Java."',
        "The number (12)",
        "a chair to sit on",
        "a cup for a man to put some change into",
        "a person the dog looks at",
        'a 24" screen',
        'a screen of 24"',
        "a symbol of joy and unity.\n\n-------------------",
        "A derivative.\n\n[Solution](address)",
        "**Wings:** two. **Tail:** one.",
        "What a day!",
        "一只猫。",
        "",
    ],
)
def test_a_whole_caption_is_not_cut(caption: str) -> None:
    assert not dangling(caption)


def test_a_lacking_full_stop_counts_where_the_captioner_always_writes_one() -> None:
    stopped = [f"A drawing of {n} red circles." for n in range(80)]
    captions = [*stopped, "A drawing of many small red", "a label", "The word on it is (so)"]
    assert cut_at_end(captions) == [False] * 80 + [True, False, False]


def test_people_who_forget_a_full_stop_are_not_cut() -> None:
    captions = [f"A drawing of {n} red circles{'' if n % 15 == 0 else '.'}" for n in range(60)]
    assert not any(cut_at_end(captions))
    assert not any(cut_at_end([f"A drawing of {n} red circles" for n in range(60)]))
    assert cut_at_end([]) == []
