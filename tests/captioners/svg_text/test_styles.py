from __future__ import annotations

from collections.abc import Callable

import pytest

from captioners.svg_text import simplify

Simplified = Callable[..., str]


def rect(simplified: Simplified, attributes: str, before: str = "") -> str:
    """The attributes that a rectangle has besides its size, which come after it."""
    text = simplified(f'{before}<rect width="9" height="9" {attributes}/>')
    return text.partition('height="9"')[2].partition("/>")[0].strip()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ('style="fill:#ff0000;stroke:none"', 'fill="red"'),
        ('fill="#FF8800"', 'fill="#f80"'),
        ('fill="rgb(255, 136, 0)"', 'fill="#f80"'),
        ('fill="rgb(100%,0%,0%)"', 'fill="red"'),
        ('fill="hsl(120, 100%, 25%)"', 'fill="green"'),
        ('fill="Gainsboro"', 'fill="#dcdcdc"'),
        ('fill="black"', ""),
        ('fill="rgba(0,0,0,.5)"', 'fill="rgba(0,0,0,.5)"'),
        ('fill="currentcolor" color="#00f"', 'fill="currentColor" color="#00f"'),
        ('opacity="0.50"', 'opacity=".5"'),
        ('opacity="1" fill-opacity="100%" visibility="visible"', ""),
        ('fill="red" stroke="none" stroke-width="5" stroke-linejoin="round"', 'fill="red"'),
        (
            'fill="none" stroke="red" fill-rule="evenodd" stroke-width="5px"',
            'fill="none" stroke="red" stroke-width="5"',
        ),
        ('stroke="red" stroke-linecap="round"', 'stroke="red"'),  # a rectangle has no ends
        ('fill="blue" style="fill:red"', 'fill="red"'),
        ('style="fill:red!important;fill:blue"', 'fill="red"'),
        ('font-size="9" font-family="x"', ""),
        ('style="mix-blend-mode:multiply"', 'style="mix-blend-mode:multiply"'),
    ],
)
def test_paints_are_said_once_and_shortly(simplified: Simplified, given: str, said: str) -> None:
    assert rect(simplified, given) == said


@pytest.mark.parametrize(
    ("sheet", "attributes", "said"),
    [
        ("rect{fill:red}", "", 'fill="red"'),
        (".a{fill:red}.b{fill:lime}", 'class="b a"', 'fill="#0f0"'),  # the later rule
        (".a{fill:red}rect{fill:lime}", 'class="a"', 'fill="red"'),  # the more specific one
        ("#i{fill:red}.a{fill:lime}", 'class="a" id="i"', 'fill="red"'),
        (".a{fill:red}", 'class="a" style="fill:lime"', 'fill="#0f0"'),
        (".a{fill:red!important}", 'class="a" style="fill:lime"', 'fill="red"'),
        ("svg > rect{fill:red}", "", 'fill="red"'),
        ("g rect{fill:red}", "", ""),
        ("/* no */ rect:hover{fill:red}", "", ""),
        ("@font-face{font-family:x} rect,circle{fill:red}", "", 'fill="red"'),
    ],
)
def test_style_sheets_become_attributes(simplified: Simplified, sheet: str, attributes: str, said: str) -> None:
    assert rect(simplified, attributes, f"<style>{sheet}</style>") == said


@pytest.mark.parametrize("sheet", ["@media print{rect{fill:red}}", "rect:nth-child(2){fill:red}"])
def test_style_sheets_that_renderers_read_differently_stay(sheet: str) -> None:
    svg = f'<svg viewBox="0 0 9 9"><style>{sheet}</style><!-- c --><rect class="a" width="9.000" height="9"/></svg>'
    result = simplify(svg)
    assert result.step == "own-styles" and "style sheets" in result.reason
    assert f"<style>{sheet}</style>" in result.text and 'class="a" width="9" height="9"' in result.text
    assert "<!--" not in result.text


def test_neighbours_that_are_drawn_alike_are_grouped(simplified: Simplified) -> None:
    line = '<path d="M{0} 0h9" fill="none" stroke="red" stroke-width="2"/>'
    body = '<rect width="9" height="9" stroke="red"/>' + "".join(map(line.format, (10, 30, 50)))
    assert simplified(body) == (
        '<svg viewBox="0 0 512 512" stroke="red"><rect width="9" height="9"/><g fill="none" stroke-width="2">'
        '<path d="M10 0h9"/><path d="M30 0h9"/><path d="M50 0h9"/></g></svg>'
    )


def test_groups_come_out_the_same_however_they_were_nested(simplified: Simplified) -> None:
    flat = "".join(f'<circle cx="{x}" cy="9" r="9" fill="red" stroke="lime"/>' for x in (10, 40, 70))
    nested = (
        '<g fill="red"><g><g stroke="lime"><circle cx="10" cy="9" r="9"/></g></g><g style="stroke:lime">'
        '<circle cx="40" cy="9" r="9"/><circle cx="70" cy="9" r="9" fill="#f00"/></g></g>'
    )
    assert simplified(flat) == simplified(nested)


def test_what_does_not_matter_to_one_shape_does_not_keep_it_out_of_a_group(simplified: Simplified) -> None:
    body = (
        '<path d="M1 1h9" stroke="red" stroke-linecap="round"/><circle r="5" stroke="red"/>'
        '<path d="M1 5h9" stroke="red" stroke-linecap="round"/>'
    )
    assert simplified(body).startswith('<svg viewBox="0 0 512 512" stroke="red" stroke-linecap="round">')


def test_groups_that_are_drawn_as_one_stay(simplified: Simplified) -> None:
    body = '<g opacity=".5"><circle r="9"/><circle r="5"/></g>'
    assert simplified(body) == f'<svg viewBox="0 0 512 512">{body}</svg>'
    assert simplified('<g opacity=".5"><circle r="9"/></g>') == (
        '<svg viewBox="0 0 512 512"><circle r="9" opacity=".5"/></svg>'
    )


def test_elements_that_are_used_elsewhere_keep_what_they_say(simplified: Simplified) -> None:
    text = simplified('<g fill="red" transform="translate(9)"><path id="p" d="M0 0h9v9z"/></g><use href="#p" x="50"/>')
    assert '<path id="a" d="M0 0H9V9z"/>' in text
    assert '<g transform="translate(9)" fill="red">' in text
