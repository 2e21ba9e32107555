"""Simplified drawings look like those they were made of: the tolerance, drawn by resvg at 512 px on white.

The mean absolute difference is at most 2 of 255, and at most 5 % of the pixels change by more than 16 in a channel.
``tests/performance/svg_text.py`` measures it on whole collections.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from benchmark.datasets.registry import load_dataset
from captioners.svg_text import SvgTextOptions, simplify
from renderers import prepare

MOST_MEAN = 2.0
MOST_CHANGED = 0.05
GRADIENT = '<stop offset="10%" stop-color="gold"/><stop offset="1" stop-color="navy" stop-opacity=".8"/>'

CASES = {
    "nested svg": '<svg x="10%" y="7" width="50" height="60" viewBox="-5 -5 20 10" preserveAspectRatio="none">'
    '<rect x="-3" y="-3" width="9.5" height="5.5" stroke="red"/></svg>',
    "symbol and use": '<symbol id="s" viewBox="0 0 10 10"><path d="M0 0h10l-5 10z" fill="teal"/></symbol>'
    '<use xlink:href="#s" x="10" y="10" width="30" height="30"/><use href="#s" width="40" height="20" '
    'transform="translate(40 50) rotate(20)"/>',
    "use of a use": '<defs><g id="a" fill="red"><circle cx="9" cy="9" r="8"/><rect x="20" width="9" height="9"/></g>'
    '<use id="b" href="#a" y="30"/></defs><use href="#a"/><use href="#b" x="40" fill="lime"/>',
    "gradient in user space": f'<linearGradient id="g" gradientUnits="userSpaceOnUse" x1="10" y1="10" x2="80" y2="60" '
    f'gradientTransform="rotate(15 40 40)">{GRADIENT}</linearGradient><rect x="5" y="5" width="80" height="70" '
    'fill="url(#g)"/>',
    "gradients that take from others": f'<radialGradient id="r" cx=".3" fx=".2" xlink:href="#g"/><linearGradient '
    f'id="g" spreadMethod="reflect">{GRADIENT}</linearGradient><g transform="scale(1.5) translate(3)"><circle cx="25" '
    'cy="25" r="20" fill="url(#r)" stroke="url(#g)" stroke-width="4"/></g>',
    "clip path": '<clipPath id="c"><circle cx="40" cy="40" r="30" transform="translate(5)"/>'
    '<rect width="20" height="9"/></clipPath><g clip-path="url(#c)" transform="rotate(10)">'
    '<rect width="80" height="80" fill="orange"/></g>',
    "clip path in shares": '<clipPath id="c" clipPathUnits="objectBoundingBox"><circle cx=".5" cy=".5" r=".4"/>'
    '</clipPath><g clip-path="url(#c)"><rect x="9" y="9" width="60" height="70"/><rect width="9" height="9" '
    'visibility="hidden"/></g>',
    "mask": '<mask id="m" maskUnits="userSpaceOnUse" x="0" y="0" width="70" height="70"><rect width="60" height="60" '
    'fill="#999"/><circle cx="30" cy="30" r="9"/></mask><path d="M0 0h90v90H0z" fill="purple" mask="url(#m)"/>',
    "pattern": '<pattern id="p" width="12" height="12" patternUnits="userSpaceOnUse" patternTransform="rotate(30)">'
    '<circle cx="6" cy="6" r="4" fill="green"/></pattern><ellipse cx="50" cy="50" rx="45" ry="35" fill="url(#p)"/>',
    "pattern in shares": '<pattern id="p" width=".2" height=".25" patternContentUnits="objectBoundingBox">'
    '<path d="M0 0h.1v.1z" fill="red"/></pattern><rect x="5" y="15" width="80" height="60" fill="url(#p)"/>',
    "marker": '<marker id="m" markerWidth="4" markerHeight="5" refX="2" refY="2" orient="auto"><path d="M0 0L4 2L0 4z" '
    'fill="red"/></marker><marker id="n" viewBox="0 0 10 10" refX="5" refY="5" markerUnits="userSpaceOnUse">'
    '<circle cx="5" cy="5" r="5"/></marker><polyline points="10,20 50,30 80,70" fill="none" stroke="black" '
    'stroke-width="2.5" style="marker-end:url(#m);marker-start:url(#n)"/>',
    "text": '<text x="5 15" y="30" font-size="14" font-weight="bold">T<tspan dy="10" fill="red">e</tspan>xt <tspan '
    'x="20" y="70" font-size="150%" style="letter-spacing:.1em">more</tspan></text>',
    "transforms": '<g transform="rotate(20 50 50)"><g transform="skewX(10)"><rect x="20" y="30" width="40" height="20" '
    'rx="4" stroke="red"/><path d="M20 60A15 8 0 0 1 50 70" fill="none" stroke="blue" stroke-width="3"/></g></g>'
    '<g transform="scale(-1 1) translate(-95)"><path d="M5 5A15 8 30 1 1 20 20z"/></g>',
    "stretched group": '<g transform="matrix(2 0 0 .5 3 4)" fill="teal"><path d="M2 20a9 9 0 1 0 18 0z"/><ellipse '
    'cx="30" cy="60" rx="9"/><rect x="20" y="90" width="9" height="20" rx="3"/></g>',
    "percentages": '<rect x="10%" y="20%" width="50%" height="30%" fill="red"/><circle cx="50%" cy="50%" r="10%"/>'
    '<line x1="0" y1="0" x2="100%" y2="100%" stroke="blue" stroke-width="2%"/>',
    "style sheet": "<style>.a,.b{fill:red}.b{stroke:navy;stroke-width:3px}#x > rect{opacity:.5}g.c rect.b{fill:lime}"
    '</style><g id="x" class="c"><rect class="a" width="30" height="30"/><rect class="b" x="20" y="20" width="30" '
    'height="30"/></g><circle class="b" cx="70" cy="70" r="15"/>',
    "currentColor": '<g color="teal"><rect width="40" height="40" fill="currentColor"/><g color="red"><circle cx="60" '
    'cy="60" r="20" stroke="currentColor" stroke-width="5" fill="none"/></g></g>',
    "display": '<g display="none"><rect width="90" height="90" display="inline"/></g><g visibility="hidden"><circle '
    'cx="40" cy="40" r="30" visibility="visible"/><rect width="90" height="90"/></g>',
    "packed arcs": '<path d="M10 80A25 25 0 01050 25a10 10 0 1110 5.5zm50-60a1 3 45 10.5-9z" fill="green"/>',
    "huge and tiny numbers": '<g transform="scale(.00001)"><rect x="1e6" y="1e6" width="5e6" height="3e6"/></g>'
    '<g transform="scale(1e4)"><circle cx=".005" cy=".006" r=".002" fill="red"/></g><path d="M1e9 0h9v9z"/>',
    "opacity of a group": '<g opacity=".5" transform="translate(9 9)"><rect width="50" height="50" fill="red"/><rect '
    'x="25" y="25" width="50" height="50"/></g><g opacity=".5"><path d="M60 5h30v30z" opacity=".5"/></g>',
    "filter": '<filter id="f" x="-20%" width="140%"><feGaussianBlur stdDeviation="2 1"/><feOffset dx="3" dy="5"/>'
    '</filter><g filter="url(#f)"><rect x="20" y="20" width="50" height="50" fill="crimson"/></g>',
    "filter that cannot be scaled": '<filter id="f"><feTurbulence baseFrequency=".05"/></filter><rect width="90" '
    'height="90" filter="url(#f)"/><path d="M10.123 10.456L80.789 80.123" stroke="red"/>',
    "dashes": '<path d="M5 5h80v80" fill="none" stroke="black" stroke-dasharray="3.7 1.3" stroke-width="2.2" '
    'stroke-linecap="square" stroke-dashoffset="2"/>',
    "inherited by force": '<g stroke="red" opacity=".5"><g><rect width="40" height="40" stroke="inherit" '
    'opacity="inherit"/></g></g>',
    "millimetres": '<rect x="2mm" y="1pc" width="5mm" height="40pt"/><circle cx="60" cy="60" r="1em" font-size="20"/>',
    "beside the viewBox": '<rect x="-30" y="-30" width="160" height="25" fill="red"/><rect x="9" y="66" width="9" '
    'height="9"/><circle cx="40" cy="40" r="9"/>',
    "a large spiral": '<path fill="none" stroke="black" d="M50 50'
    + "".join(f"a{r / 10} {r / 10} 0 0 1 {(-1) ** r * r / 5} 0" for r in range(3, 200, 7))
    + '"/>',
    "a miniature": f'<g transform="translate(40 40) scale(.02)"><path d="M0 0C300 100 400 900 {"1e3"} 1000S0 700 0 0" '
    'fill="olive" stroke="black" stroke-width="90"/></g>',
}
ROOTS = {
    "square": 'viewBox="0 0 100 100"',
    "offset": 'viewBox="-20 12.5 110 90"',
    "letterboxed": 'viewBox="0 0 100 60" width="200" height="200"',
    "stretched": 'viewBox="0 0 100 60" width="300" height="300" preserveAspectRatio="none"',
    "without viewBox": 'width="120" height="90"',
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("root", ["square", "offset"])
def test_every_kind_of_drawing_looks_the_same(
    difference: Callable[[str, str], tuple[float, float]], name: str, root: str
) -> None:
    same(CASES[name], ROOTS[root], difference)


@pytest.mark.parametrize("root", ROOTS)
@pytest.mark.parametrize("name", ["nested svg", "percentages", "gradient in user space", "beside the viewBox"])
def test_every_kind_of_canvas_looks_the_same(
    difference: Callable[[str, str], tuple[float, float]], name: str, root: str
) -> None:
    same(CASES[name], ROOTS[root], difference)


def same(body: str, root: str, difference: Callable[[str, str], tuple[float, float]]) -> None:
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" {root}>{body}</svg>'
    svg = prepare(svg).svg
    text = simplify(svg).text
    mean, changed = difference(svg, text)
    assert mean <= MOST_MEAN and changed <= MOST_CHANGED, text
    empty = f'<svg xmlns="http://www.w3.org/2000/svg" {root}/>'
    assert difference(svg, empty)[0] > 2 * mean, "a picture in which a loss would not show proves nothing"
    assert simplify(text).text == text
    assert len(text) < 1.1 * len(svg)


@pytest.mark.parametrize("decimals", [0, 1])
def test_real_drawings_look_the_same_in_half_as_many_characters(
    difference: Callable[[str, str], tuple[float, float]], decimals: int
) -> None:
    options = SvgTextOptions(decimals=decimals)
    samples = [sample for sample in load_dataset("openmoji").samples if sample.split == "test"][::20]
    before = after = 0
    for sample in samples:
        svg = prepare(sample.svg).svg
        result = simplify(svg, options)
        mean, changed = difference(svg, result.text)
        assert mean <= MOST_MEAN / (1 + decimals) and changed <= MOST_CHANGED, sample.id
        assert result.step == "normalised"
        assert simplify(result.text, options).text == result.text
        before += len(svg)
        after += len(result.text)
    assert len(samples) == 20
    assert after / before < (0.5, 0.65)[decimals]
