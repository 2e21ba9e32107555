from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from captioners import CaptionerError
from captioners.svg_text import SvgText, fit, simplify

EMPTY = len('<svg viewBox="0 0 512 512"><!--3 elements left out--></svg>')


def squares(*sides: float) -> SvgText:
    shapes = "".join(f'<rect x="{12 * i}" width="{side}" height="{side}"/>' for i, side in enumerate(sides))
    return simplify(f'<svg viewBox="0 0 512 512">{shapes}</svg>')


def sides(text: str) -> list[str]:
    return [str(element.get("width")) for element in etree.fromstring(text).iter("rect")]


def test_a_drawing_that_fits_is_left_alone() -> None:
    drawing = squares(9, 5, 7)
    assert fit(drawing, len, len(drawing.text)) is drawing


def test_the_least_visible_elements_go_first_and_are_counted() -> None:
    drawing = squares(9, 30, 5, 7)
    counts = [0]

    def count(text: str) -> int:
        counts[0] += 1
        return text.count("<rect")

    for limit, left in ((3, ["9", "30", "7"]), (2, ["9", "30"]), (1, ["30"]), (0, [])):
        fitted = fit(drawing, count, limit)
        assert sides(fitted.text) == left
        assert (fitted.dropped, fitted.elements) == (4 - limit, limit)
        assert f"<!--{4 - limit} element{'s' * (limit < 3)} left out-->" in fitted.text


@pytest.mark.parametrize(
    ("kept", "lost"),
    [
        ('<rect x="1" width="20" height="20"/>', '<rect x="502" width="40" height="20"/>'),  # half of it off the canvas
        ('<path d="M0 0h100v100H0z"/>', '<path d="M0 0h200" stroke="red"/>'),  # a line has its width
        ('<circle r="20" cx="99" cy="99"/>', '<circle r="40" cx="99" cy="99" opacity=".1"/>'),
        ('<path d="M0 0H100V100H0z"/>', '<path d="M0 0H200V200H0zM1 1V199H199V1z"/>'),  # a hole is no area
        ('<g transform="scale(9)"><use href="#a"/></g><circle id="a" r="9"/>', '<rect width="20" height="20"/>'),
        ('<rect width="20" height="20"/>', '<text x="9" y="90" font-size="12">a</text>'),
    ],
)
def test_the_visible_area_counts(kept: str, lost: str) -> None:
    drawing = simplify(f'<svg viewBox="0 0 512 512">{lost}{kept}</svg>')
    fitted = fit(drawing, lambda text: text.count("<") - 3 * text.count("<!"), drawing.text.count("<") - 1)
    assert fitted.dropped == 1
    alone = simplify(f'<svg viewBox="0 0 512 512">{kept}</svg>').text
    assert etree.tostring(etree.fromstring(simplify(fitted.text).text)) == etree.tostring(etree.fromstring(alone))


def test_what_is_needed_only_by_what_is_left_out_goes_too() -> None:
    body = (
        '<linearGradient id="a"><stop/><stop offset="1" stop-color="red"/></linearGradient><linearGradient id="b" '
        'x1=".5" href="#a"/><defs><path id="c" d="M0 0h9v9z"/></defs><g opacity=".5"><use href="#c" y="90" '
        'fill="url(#b)"/></g><rect width="99" height="99"/>'
    )
    drawing = simplify(f'<svg viewBox="0 0 512 512">{body}</svg>')
    assert drawing.text.count("linearGradient") > 1
    fitted = fit(drawing, lambda text: text.count("<path") + text.count("<rect"), 1)
    assert fitted.text == ('<svg viewBox="0 0 512 512"><!--1 element left out--><rect width="99" height="99"/></svg>')


def test_fitting_once_more_adds_to_the_count() -> None:
    drawing = squares(9, 30, 5, 7)
    twice = fit(fit(drawing, lambda text: text.count("<rect"), 3), lambda text: text.count("<rect"), 1)
    assert twice == fit(drawing, lambda text: text.count("<rect"), 1)


def test_a_limit_below_the_empty_drawing_is_an_error_that_says_so() -> None:
    with pytest.raises(CaptionerError, match=f"counts {EMPTY:,}, and {EMPTY - 1:,} is the limit"):
        fit(squares(9, 5, 7), len, EMPTY - 1)
    assert len(fit(squares(9, 5, 7), len, EMPTY).text) == EMPTY
    with pytest.raises(CaptionerError, match="no SVG to shorten"):
        fit(simplify("no <svg"), len, 3)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 30), min_size=1, max_size=40), st.data())
def test_as_few_elements_go_as_possible_and_none_is_cut(sizes: list[int], data: st.DataObject) -> None:
    drawing = squares(*sizes)
    limit = data.draw(st.integers(EMPTY + 1, len(drawing.text) + 2))
    calls = []

    def count(text: str) -> int:
        calls.append(text)
        return len(text)

    fitted = fit(drawing, count, limit)
    assert len(fitted.text) <= limit
    etree.fromstring(fitted.text)
    assert len(sides(fitted.text)) == len(sizes) - fitted.dropped
    assert len(calls) <= 3 + math.ceil(math.log2(len(sizes) + 1))
    if fitted.dropped > 1:
        fewer = fit(drawing, lambda text: text.count("<rect"), len(sizes) - fitted.dropped + 1)
        assert len(fewer.text) > limit
    if fitted.dropped:
        kept = sides(fitted.text)
        lost = list(map(str, sizes))
        for side in kept:
            lost.remove(side)
        assert not kept or max(map(float, lost)) <= min(map(float, kept))
