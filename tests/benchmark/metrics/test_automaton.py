"""The longest of all matches, found in linear time; oracle: ``re`` on every prefix."""

from __future__ import annotations

import random
import re

import pytest

from benchmark.metrics.tokenizer.automaton import NOTHING, Automaton

EXPRESSIONS = [
    "a",
    "ab|a",
    "(ab)*c?a",
    "a?b+(a|c)*",
    "[^b]{2}",
    "[ab]{2,3}c",
    "(a|bc){2,}",
    "a{0,2}b",
    "(?i:Ab|c[A])",
    r"\(a\)|\.|\?",
    "(a|b)*abb",
    "((a?){3}b)+",
]


def longest(expressions: list[str], text: str, start: int) -> tuple[int, int]:
    """Which matches longest, and where it ends."""
    found = [
        (end, -which)
        for which, expression in enumerate(expressions)
        for end in range(start + 1, len(text) + 1)
        if re.fullmatch(f"(?a:{expression})", text[start:end])
    ]
    end, which = max(found, default=(start, -NOTHING))
    return -which, end


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_an_expression_matches_what_re_matches(expression: str) -> None:
    draw = random.Random(1)
    matching = Automaton([expression], {})
    for _ in range(300):
        text = "".join(draw.choices("abcABC().?", weights=[9, 9, 6, 2, 2, 2, 1, 1, 1, 1], k=8))
        ends = [end for end in range(1, 9) if re.fullmatch(expression, text[:end])]
        assert list(matching.read(text).ends(0, 8)) == ends


def test_the_longest_match_wins_and_of_equals_the_first() -> None:
    draw = random.Random(2)
    for _ in range(40):
        expressions = draw.sample(EXPRESSIONS, k=4)
        matching = Automaton(expressions, {})
        text = "".join(draw.choices("abc", k=60))
        read = matching.read(text)
        assert [read.longest(start)[:2] for start in range(60)] == [longest(expressions, text, s) for s in range(60)]


def test_what_stands_behind_the_reach_does_not_matter() -> None:
    draw = random.Random(3)
    matching = Automaton(EXPRESSIONS, {})
    for _ in range(300):
        text = "".join(draw.choices("abc", k=30))
        which, end, reach = matching.read(text).longest(0)
        if reach < len(text):
            other = text[: reach + 1] + "".join(draw.choices("abc", k=30))
            assert matching.read(other).longest(0) == (which, end, reach)


def test_expressions_refer_to_others_by_name() -> None:
    matching = Automaton(["{pair}+{tail}"], {"pair": "ab|cd", "tail": "x{1,2}"})
    assert matching.read("abcdxxx").longest(0) == (0, 6, 6)


def test_a_match_that_fails_far_behind_is_not_tried_again() -> None:
    text = Automaton(["a", "a[^!]*!"], {}).read("a" * 5000)
    assert [text.longest(start).end for start in range(5000)] == list(range(1, 5001))
    assert len(text._hopeless) <= 2 * 5000


@pytest.mark.parametrize(
    ("expression", "error"), [("(a", "not closed"), ("a)", "too many"), ("*a", "nothing to repeat"), ("a|+", "nothing")]
)
def test_malformed_expressions_are_refused(expression: str, error: str) -> None:
    with pytest.raises(ValueError, match=error):
        Automaton([expression], {})
