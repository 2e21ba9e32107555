from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from captioners.svg_text import SvgTextOptions, simplify

Simplified = Callable[..., str]


def path(simplified: Simplified, data: str, attributes: str = "", **options: int) -> str:
    text = simplified(f'<path d="{data}" {attributes}/>', **options)
    found = re.search(r' d="([^"]*)"', text)
    assert found is not None
    return found[1]


def test_the_longer_side_of_the_view_box_becomes_512_units(simplified: Simplified) -> None:
    text = simplified('<rect x="10" y="10" width="20" height="5"/>', 'viewBox="0 0 64 32"')
    assert text == '<svg viewBox="0 0 512 256"><rect x="80" y="80" width="160" height="40"/></svg>'


def test_the_offset_of_the_view_box_is_scaled_too(simplified: Simplified) -> None:
    text = simplified('<circle cx="-4" cy="2" r="2"/>', 'viewBox="-8 -8 16 16"')
    assert text == '<svg viewBox="-256 -256 512 512"><circle cx="-128" cy="64" r="64"/></svg>'


def test_width_and_height_stand_in_for_a_view_box(simplified: Simplified) -> None:
    text = simplified('<rect width="1in" height="48"/>', 'width="192px" height="1in"')
    assert text == '<svg viewBox="0 0 512 256"><rect width="256" height="128"/></svg>'


def test_a_canvas_of_another_shape_than_the_view_box_stays(simplified: Simplified) -> None:
    text = simplified('<rect width="9" height="9"/>', 'viewBox="0 0 512 512" width="100" height="200"')
    assert text.startswith('<svg viewBox="0 0 512 512" width="100" height="200">')


def test_lengths_of_every_kind_are_scaled(simplified: Simplified) -> None:
    text = simplified(
        '<text x="1" y="9" font-size="4" letter-spacing="1">a</text>'
        '<path d="M1 1h9" stroke="red" stroke-width=".5" stroke-dasharray="1 2"/>',
        'viewBox="0 0 64 64"',
    )
    for said in ('x="8" y="72"', 'font-size="32"', 'letter-spacing="8"', 'stroke-width="4"', 'stroke-dasharray="8 16"'):
        assert said in text


def test_a_stroke_of_default_width_is_said_when_units_change(simplified: Simplified) -> None:
    assert 'stroke-width="8"' in simplified('<path d="M1 1h9" stroke="red"/>', 'viewBox="0 0 64 64"')
    assert "stroke-width" not in simplified('<path d="M1 1h9" stroke="red"/>')


def test_percentages_stay(simplified: Simplified) -> None:
    text = simplified('<rect width="50%" height="10"/>', 'viewBox="0 0 64 64"')
    assert '<rect width="50%" height="80"/>' in text


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("M 10,10 L 300,10 L 300,200", "M10 10H300V200"),
        ("M 100 100 l 5 5 l -5 5 z", "M100 100l5 5-5 5z"),
        ("M100 100 L105 105 L100 100 Z", "M100 100l5 5z"),  # the last line is what Z draws
        ("M100 100 C110 100 120 110 120 120 C120 130 110 140 100 140", "M100 100c10 0 20 10 20 20s-10 20-20 20"),
        ("M100 100 Q110 90 120 100 T140 100", "M100 100q10-10 20 0t20 0"),
        ("M100 100 C110 100 120 100 200 100", "M100 100H200"),  # a curve that is a line
        ("M100 100 l0 0 l50 60", "M100 100l50 60"),
        ("M100.4 100 l.4 0 l.4 0 l.4 50", "M100 100h1l1 50"),  # 100.8 101.2 101.6: no drift
        ("M0 0 A50 50 0 01100 100", "M0 0A50 50 0 0 1 100 100"),  # packed flags
        ("M0 0 A-50 50 0 0 1 100 0", "M0 0A50 50 0 0 1 100 0"),
        ("M0 0 A0 50 0 0 1 100 0", "M0 0H100"),
        ("M10 10 L20 20 X 30 30 40 L99 99", "M10 10L20 20"),  # as far as the first error
        ("M10 10 20 20 1e1 3e1", "M10 10L20 20 10 30"),
    ],
)
def test_path_data_is_said_shortly(simplified: Simplified, data: str, expected: str) -> None:
    assert path(simplified, data, 'stroke="red"') == expected


def test_a_dot_with_round_caps_stays(simplified: Simplified) -> None:
    assert path(simplified, "M50 50l0 0", 'stroke="red" stroke-linecap="round" stroke-width="9"') == "M50 50h0"


def test_every_vertex_counts_where_markers_stand_on_it(simplified: Simplified) -> None:
    text = simplified(
        '<marker id="m"><circle r="1"/></marker><path d="M10 10h100l0 0h50v50l-150-50z" marker-mid="url(#m)"/>'
    )
    assert 'd="M10 10H110h0 50V60L10 10z"' in text


def test_large_arcs_keep_their_bulge_when_their_ends_are_rounded(simplified: Simplified) -> None:
    # Half a circle of radius 100.4: with ends and radius rounded one by one it would bulge by less, or by half as much.
    data = path(simplified, "M100.4 200 A100.4 100.4 0 0 1 301.2 200")
    found = re.fullmatch(r"M100 200[Aa]([\d.]+) ([\d.]+) 0 0 1 (?:201 0|301 200)", data)
    assert found is not None
    # Over a chord of 201, a radius r of at most 100.5 gives half a circle, which rises 100.5.
    assert float(found[1]) <= 100.5 and found[1] == found[2]


def test_decimals_are_as_many_as_asked_and_more_for_small_shapes(simplified: Simplified) -> None:
    large, small = "M10.26 10.26L400 300.26", "M10.26 10.26L15.26 12.26"
    assert path(simplified, large, 'stroke="red"') == "M10 10L400 300"
    assert path(simplified, large, 'stroke="red"', decimals=1) == "M10.3 10.3L400 300.3"
    assert path(simplified, small, 'stroke="red"') == "M10.3 10.3l5 2"


def test_edges_that_touch_still_do(simplified: Simplified) -> None:
    text = simplified('<rect width="100.06" height="9"/><rect x="100.06" width="100.06" height="9" fill="red"/>')
    assert 'width="100.1"' in text and 'x="100.1" width="100"' in text


def test_transforms_are_worked_into_coordinates(simplified: Simplified) -> None:
    text = simplified('<g transform="translate(10 20) scale(2)"><path d="M0 0h9v9" stroke="red"/><circle r="5"/></g>')
    assert "transform" not in text
    assert 'd="M10 20H28V38" stroke="red" stroke-width="2"' in text and '<circle cx="10" cy="20" r="10"/>' in text


@pytest.mark.parametrize(
    ("transform", "said"),
    [
        ("rotate(30 100 100)", "rotate(30 100 100)"),
        ("translate(100,100) rotate(30) translate(-100 -100)", "rotate(30 100 100)"),
        ("matrix(1 0 .5 1 0 0)", "matrix(1 0 .5 1 0 0)"),
        ("scale(2,2)", ""),
    ],
)
def test_transforms_that_a_rectangle_cannot_take_in_are_said_shortly(
    simplified: Simplified, transform: str, said: str
) -> None:
    text = simplified(f'<rect x="50" y="50" width="100" height="100" transform="{transform}"/>')
    assert (f'transform="{said}"' in text) if said else ("transform" not in text)


def test_coordinates_below_a_transform_are_as_fine_as_it_needs(simplified: Simplified) -> None:
    body = '<rect width="1.234" height="1.234" fill="url(#g)" transform="rotate(9) scale(100)"/>'
    text = simplified(f'<linearGradient id="g"><stop/><stop stop-color="red"/></linearGradient>{body}')
    assert 'width="1.234" height="1.234"' in text


def test_a_drawing_that_cannot_be_scaled_keeps_its_units() -> None:
    body = '<filter id="f"><feTurbulence baseFrequency=".1"/></filter><rect width="9" height="9" filter="url(#f)"/>'
    result = simplify(f'<svg viewBox="0 0 64 64">{body}</svg>')
    assert (result.step, result.reason) == ("own-units", "<feTurbulence>")
    assert '<svg viewBox="0 0 64 64">' in result.text


@pytest.mark.parametrize("number", ["1e400", "-1e400", "1e38", "1e-45", "nan", "", "1..2", "--1"])
def test_numbers_of_any_kind_do_no_harm(simplified: Simplified, number: str) -> None:
    body = f'<rect width="{number}" height="9"/><path d="M0 0 L{number} 9"/><g transform="scale({number})">'
    text = simplified(f'{body}<circle r="5" stroke-width="{number}"/></g><rect width="7" height="7"/>')
    assert 'width="7" height="7"' in text


def test_options_are_checked_and_have_a_fingerprint() -> None:
    assert SvgTextOptions().fingerprint() == {"version": 1, "size": 512, "decimals": 0}
    with pytest.raises(ValueError, match="from 16 to 65,536"):
        SvgTextOptions(size=1)
    with pytest.raises(ValueError, match="0 to 3"):
        SvgTextOptions(decimals=9)
