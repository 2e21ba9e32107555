from __future__ import annotations

from collections.abc import Callable

import pytest

from captioners.svg_text import simplify
from renderers import prepare

Simplified = Callable[..., str]
RECT = '<rect width="100" height="100"/>'
ALONE = f'<svg viewBox="0 0 512 512">{RECT}</svg>'


@pytest.mark.parametrize(
    "body",
    [
        f"<title>A red car</title><desc>drawn by me</desc><metadata><x>y</x></metadata>{RECT}",
        f"<!-- a red car -->{RECT}<?editor data?>",
        f"<script>alert(1)</script>{RECT}",
        '<rect id="redCar" class="car" aria-label="red car" data-name="red car" role="img" onclick="f()" '
        'width="100" height="100"/>',
        f'<i:namedview xmlns:i="http://www.inkscape.org/" i:zoom="1"><i:grid/></i:namedview>{RECT}',
        '<rect xmlns:i="http://www.inkscape.org/" i:label="red car" width="100" height="100"/>',
        '<rect width="100" height="100"><animate attributeName="x" to="9"/><title>car</title></rect>',
        f'{RECT}<rect width="9" height="9" display="none"/><g style="display:none"><rect width="9" height="9"/></g>',
        f'{RECT}<g visibility="hidden"><rect width="9" height="9"/></g>',
        f'{RECT}<rect width="9" height="9" opacity="0"/><rect width="9" height="9" fill="none"/>',
        f'{RECT}<rect width="0" height="9"/><circle r="0"/><path d="M1 1"/><g><g/></g><text x="9"> </text>',
        f'{RECT}<rect x="600" width="9" height="9"/><path d="M-20-20h10v10z" stroke="red" stroke-width="4"/>',
        f'<defs><linearGradient id="a"><stop/></linearGradient><rect id="b" width="5" height="5"/></defs>{RECT}',
        f'<symbol id="s"><circle r="5"/></symbol>{RECT}<use href="#missing"/>',
        f'<a href="http://example.org/red-car">{RECT}</a>',
    ],
)
def test_what_no_picture_shows_is_left_out(simplified: Simplified, body: str) -> None:
    assert simplified(body) == ALONE


@pytest.mark.parametrize(
    "body",
    [
        '<g visibility="hidden"><rect width="9" height="9" visibility="visible"/></g>',
        '<path d="M-20 5v10" stroke="red" stroke-width="50"/>',
        '<rect x="600" width="9" height="9" transform="translate(-200)"/>',
        '<g display="none"><rect id="a" width="9" height="9"/></g><use href="#a"/>',
        '<rect width="9" height="9" fill="none" stroke="url(#none) red"/>',
        '<filter id="f" filterUnits="userSpaceOnUse" x="0" y="0" width="9" height="9"><feFlood/></filter>'
        '<g filter="url(#f)"/>',
    ],
)
def test_what_a_picture_shows_stays(
    simplified: Simplified, difference: Callable[[str, str], tuple[float, float]], body: str
) -> None:
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 512 512">{body}</svg>'
    empty = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 512 512"/>'
    assert difference(svg, empty)[0] > 0
    assert difference(svg, simplified(body))[0] < 0.01


def test_ids_that_are_needed_do_not_say_what_the_drawing_shows(simplified: Simplified) -> None:
    text = simplified(
        '<linearGradient id="redCar"><stop stop-color="red"/></linearGradient><rect width="9" height="9" '
        'fill="url(#redCar)"/><circle id="wheel" r="5" fill="url(#redCar)"/><use xlink:href="#wheel" x="40"/>'
    )
    assert "Car" not in text and "wheel" not in text
    assert 'id="a"' in text and 'fill="url(#a)"' in text and 'id="b"' in text and 'href="#b"' in text


def test_of_a_switch_only_the_chosen_part_stays(simplified: Simplified) -> None:
    body = (
        '<switch><rect systemLanguage="xx" width="1" height="1"/><rect width="100" height="100"/>'
        '<rect width="3" height="3"/></switch>'
    )
    assert simplified(body) == ALONE


def test_the_data_of_pictures_is_left_out_and_counted() -> None:
    data = (
        "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJg"
    )
    picture = f'<image href="{data}gg==" width="9" height="9"/>'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">{picture}</svg>'
    result = simplify(prepare(svg).svg)
    assert 'href="data:image/png"' in result.text and "base64" not in result.text
    assert (result.pictures, result.elements) == (1, 1)


def test_texts_stay_as_they_are_shown(simplified: Simplified) -> None:
    body = '<text x="10" y="20">a  &lt;b&gt;\n   <tspan font-weight="bold">&amp; c</tspan></text>'
    assert '>a &lt;b&gt; <tspan font-weight="bold">&amp; c</tspan></text>' in simplified(body)
    kept = simplified('<text x="10" y="20" xml:space="preserve">a  b</text>')
    assert 'xml:space="preserve">a  b</text>' in kept


def test_counts_say_what_was_there(simplified: Simplified) -> None:
    svg = prepare(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">{RECT}<circle r="0"/></svg>').svg
    result = simplify(svg)
    assert (result.elements_before, result.elements, result.characters_before) == (2, 1, len(svg))
    assert (result.step, result.reason, result.dropped) == ("normalised", "", 0)


def test_what_is_no_xml_comes_back_unchanged() -> None:
    result = simplify("no <svg")
    assert (result.text, result.step) == ("no <svg", "unchanged")
    assert "not well-formed" in result.reason
