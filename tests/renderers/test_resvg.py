"""What resvg 0.47 would draw wrongly is drawn as SVG means it, and all else as it was."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, NoReturn

import numpy as np
import pytest
from lxml import etree
from PIL import ImageChops

from renderers import RENDERERS, Canvas, RenderError, render
from renderers.comparison.conformance import run
from renderers.comparison.side_by_side import Bounds
from renderers.comparison.suite import read_suite
from renderers.resvg_gaps import without_gaps

if TYPE_CHECKING:
    from pathlib import Path

    from PIL import Image

NAMESPACES = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
SIDE = 100
CLEAR, RED, GREEN = (0, 0, 0, 0), (255, 0, 0, 255), (0, 128, 0, 255)
HALF_GREEN = (0, 128, 0, 128)


def svg(body: str, attributes: str = 'viewBox="0 0 100 100"') -> str:
    return f"<svg {NAMESPACES} {attributes}>{body}</svg>"


def draw(document: str) -> Image.Image:
    """100 pixels wide and high, on a transparent ground."""
    return RENDERERS["resvg"]().draw(document, Canvas(SIDE, SIDE))


def box(image: Image.Image) -> tuple[int, int, int, int] | None:
    """Around all that is drawn: left, top, and right and bottom, which are outside."""
    return image.getchannel("A").getbbox()


COLOURS = """<rect id="red" width="100" height="100" fill="red"/>
    <rect id="green" width="100" height="100" fill="green"/>
    <linearGradient id="reds"><stop stop-color="red"/></linearGradient>
    <linearGradient id="greens"><stop stop-color="green"/></linearGradient>"""


@pytest.mark.parametrize(
    "element",
    [
        "<use {}/><!-- use -->",
        "<use\n{}\n/>",
        '<linearGradient id="which" {}/><rect width="100" height="100" fill="url(#which)"/>',
    ],
)
@pytest.mark.parametrize("attributes", ['href="{0}" xlink:href="{1}"', 'xlink:href="{1}" href="{0}"'])
def test_href_without_a_prefix_wins(element: str, attributes: str) -> None:
    ids = ("#greens", "#reds") if "Gradient" in element else ("#green", "#red")
    document = svg(f"<defs>{COLOURS}</defs>{element.format(attributes.format(*ids))}")
    assert draw(document).getpixel((50, 50)) == GREEN


def test_each_kind_of_href_counts_where_it_stands_alone() -> None:
    halves = '<use xlink:href="#green" transform="scale(.5 1)"/><use href="#red" x="50"/>'
    image = draw(svg(f"<defs>{COLOURS}</defs>{halves}"))
    assert (image.getpixel((25, 50)), image.getpixel((75, 50))) == (GREEN, RED)


SQUARE = '<rect width="80" height="80" fill="green"/>'  # more than a viewport of 40 by 40 shows


@pytest.mark.parametrize(
    ("attributes", "where", "colour"),
    [
        ('transform="translate(30 10)"', (30, 10, 70, 50), GREEN),
        ('style="transform:translate(30,10)"', (30, 10, 70, 50), GREEN),
        ('x="5" transform="translate(30 10)"', (35, 10, 75, 50), GREEN),
        ('transform="translate(30 10)" viewBox="0 0 80 80"', (30, 10, 70, 50), GREEN),
        ('transform="scale(2)"', (0, 0, 80, 80), GREEN),
        ('transform="scale(2)" transform-origin="20 20"', (0, 0, 60, 60), GREEN),
        ('overflow="visible" transform="translate(10 10)"', (10, 10, 90, 90), GREEN),
        ('opacity=".5"', (0, 0, 40, 40), HALF_GREEN),
        ('style="fill:red;opacity:.5"', (0, 0, 40, 40), HALF_GREEN),
        ('style="opacity : 0.5 ;overflow:visible"', (0, 0, 80, 80), HALF_GREEN),
        ('opacity=".1" style="opacity:.5"', (0, 0, 40, 40), HALF_GREEN),
        ('opacity=".5" transform="translate(30 10)"', (30, 10, 70, 50), HALF_GREEN),
        ('filter="url(#shift)"', (10, 10, 50, 50), GREEN),
        ('mask="url(#half)"', (0, 0, 40, 40), HALF_GREEN),
    ],
)
def test_what_acts_on_a_nested_svg_acts_once(
    attributes: str, where: tuple[int, int, int, int], colour: tuple[int, ...]
) -> None:
    effects = """<filter id="shift" filterUnits="userSpaceOnUse" x="0" y="0" width="100" height="100">
        <feOffset dx="10" dy="10"/></filter>
        <mask id="half"><rect width="90" height="90" fill="white" fill-opacity=".5"/></mask>"""
    image = draw(svg(f'{effects}<g><svg width="40" height="40" {attributes}>{SQUARE}</svg></g>'))
    assert box(image) == where
    assert image.getpixel((where[0] + 20, where[1] + 20)) == pytest.approx(colour, abs=1)


def test_nested_svg_in_nested_svg_each_act_once() -> None:
    inner = f'<svg width="40" height="40" transform="translate(10)" opacity=".5">{SQUARE}</svg>'
    image = draw(svg(f'<svg transform="translate(0 20)">{inner}</svg>'))
    assert box(image) == (10, 20, 50, 60)
    assert image.getpixel((30, 40)) == pytest.approx(HALF_GREEN, abs=1)


def test_a_nested_svg_is_known_by_any_prefix_and_by_none() -> None:
    nested = (
        '<svg width="40" height="40" transform="translate(30 10)"><rect width="80" height="80" fill="green"/></svg>'
    )
    plain = svg(nested)
    prefixed = plain.replace("<", "<d:").replace("<d:/", "</d:").replace("xmlns=", "xmlns:d=")
    unnamed = plain.replace(NAMESPACES, "")
    assert [box(draw(document)) for document in (plain, prefixed, unnamed)] == [(30, 10, 70, 50)] * 3


def test_what_stands_beside_a_nested_svg_stays_where_it_is() -> None:
    nested = f'<svg width="40" height="40" opacity=".5">{SQUARE}</svg>'
    image = draw(svg(f'<rect width="60" height="60" fill="red"/>\n{nested}\n<rect width="20" height="20" fill="red"/>'))
    assert (image.getpixel((10, 10)), image.getpixel((50, 50))) == (RED, RED)
    assert image.getpixel((30, 30)) == pytest.approx((127, 64, 0, 255), abs=1)


def test_the_conditions_of_a_switch_go_with_what_they_are_for() -> None:
    foreign = f'<svg systemLanguage="xx" transform="translate(1)">{SQUARE}</svg>'
    other = f'<svg width="40" height="40" transform="translate(30 10)">{SQUARE}</svg>'
    assert box(draw(svg(f"<switch>{foreign}{other}</switch>"))) == (30, 10, 70, 50)


@pytest.mark.parametrize(
    "body",
    [
        "<style>svg svg { opacity: 1 }</style><svg opacity='.5'><rect/></svg>",
        "<svg id='a' opacity='.5'><rect/></svg><use href='#a'/>",
        "<svg x='5' clip-path='url(#c)'><rect/></svg>",
        "<svg width='50' viewBox='0 0 9 9' style='filter:url(#f)'><rect/></svg>",
        "<svg x='5' fill='red' style='font-weight:bold'><rect/></svg>",
    ],
    ids=["style sheet", "referred to", "other coordinates", "other coordinates in style", "no effect"],
)
def test_a_nested_svg_that_could_come_to_mean_something_else_is_left_alone(body: str) -> None:
    document = svg(body)
    assert without_gaps(document) is document


HUGE = 'x="-10000" y="-10000" width="100000" height="100000"'
ARITHMETIC = '<feComposite in="SourceGraphic" in2="SourceGraphic" operator="arithmetic" k2="1"/>'


@pytest.mark.parametrize(
    ("region", "primitives", "where"),
    [
        (HUGE, '<feOffset dx="30"/>', (50, 20, 90, 60)),
        (HUGE, '<feOffset dx="30" x="0" y="0" width="100000" height="100000"/>', (50, 20, 90, 60)),
        (HUGE, ARITHMETIC, (20, 20, 60, 60)),
        (HUGE, '<feFlood/><feMerge><feMergeNode/><feMergeNode in="SourceGraphic"/></feMerge>', (0, 0, 100, 100)),
        ('x="0" y="0" width="100" height="2000"', ARITHMETIC, (20, 20, 60, 60)),
        ('x="30px" y="40" width="1e9" height="+1E9px"', "<feFlood/>", (30, 40, 100, 100)),
        ('x="-1e9" y="40" width="1e9" height="20"', "<feFlood/>", None),
    ],
)
@pytest.mark.parametrize(
    "size", ['viewBox="0 0 100 100"', 'width="100" height="100"', 'viewBox="0 0 100 100" width="900" height="900"']
)
def test_a_filter_region_may_have_any_size(
    region: str, primitives: str, where: tuple[int, int, int, int] | None, size: str
) -> None:
    applied = '<rect x="20" y="20" width="40" height="40" fill="green" filter="url(#f)"/>'
    document = svg(f'<filter id="f" filterUnits="userSpaceOnUse" {region}>{primitives}</filter>{applied}', size)
    assert without_gaps(document) is not document
    assert box(draw(document)) == where


def test_a_filter_keeps_what_a_canvas_shows_beside_the_view_box() -> None:
    # 100 x 100 units are shown of a viewBox of 20 x 100, so 40 units on each side of it.
    flood = f'<filter id="f" filterUnits="userSpaceOnUse" {HUGE}><feFlood/></filter>'
    document = svg(f'{flood}<path d="M1 1h1v1" filter="url(#f)"/>', 'width="100" height="100" viewBox="0 0 20 100"')
    assert box(draw(document)) == (0, 0, 100, 100)


@pytest.mark.parametrize(
    ("region", "body"),
    [
        ('x="-100" y="-100" width="300" height="300"', "<g/>"),
        (HUGE, '<g transform="scale(.001)"/>'),
        (HUGE, '<g style="transform:scale(.001)"/>'),
        (HUGE, "<style>.a{transform:scale(.001)}</style>"),
        (HUGE, '<pattern id="p"/>'),
        (HUGE + ' primitiveUnits="objectBoundingBox"', "<g/>"),
        (HUGE + ' href="#other"', "<g/>"),
        ('x="-9e9%" y="0" width="9e9%" height="9"', "<g/>"),
        ('x="0" y="0" width="-9e9" height="9"', "<g/>"),
    ],
)
def test_a_filter_region_that_may_be_needed_as_it_is_stays(region: str, body: str) -> None:
    document = svg(f'<filter id="f" filterUnits="userSpaceOnUse" {region}><feFlood/></filter>{body}')
    assert without_gaps(document) is document


@pytest.mark.parametrize("primitive", ["feImage", "feTile"])
def test_a_filter_region_in_which_something_is_laid_out_stays(primitive: str) -> None:
    document = svg(f'<filter id="f" filterUnits="userSpaceOnUse" {HUGE}><{primitive}/></filter>')
    assert without_gaps(document) is document


def test_what_has_no_gap_is_not_even_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> NoReturn:
        raise AssertionError("parsed")

    monkeypatch.setattr(etree, "fromstring", refuse)
    defs = '<defs><filter id="f"><feGaussianBlur stdDeviation="2"/></filter><g id="g"/></defs>'
    for reference in ('xlink:href="#g"', 'href="#g"'):
        document = svg(f'{defs}<use {reference}/><path d="M0 0h9v9z" filter="url(#f)" transform="scale(2)"/>')
        assert without_gaps(document) is document


def test_a_rewritten_document_has_the_text_that_it_had() -> None:
    nested = "<svg opacity='.5'><text xml:space='preserve'> a &lt;&amp; <tspan>é</tspan>\n</text></svg>"
    before = etree.fromstring(svg(f"<!-- c -->{nested} tail"))
    after = etree.fromstring(without_gaps(svg(f"<!-- c -->{nested} tail")))
    assert "".join(after.itertext()) == "".join(before.itertext())


def test_styles_are_read_in_linear_time() -> None:
    start = time.process_time()
    for hostile in ("(" * 200_000, "'(" * 100_000, "(;" * 100_000, '"' * 200_001):
        without_gaps(svg(f"<svg opacity='.5' style='{hostile.replace(chr(39), '&apos;')}'/>"))
    assert time.process_time() - start < 2


@pytest.mark.parametrize("number", ["1e38", "1E+30", "1e309", "9" * 40])
def test_arcs_that_resvg_would_not_finish_are_left_to_others(number: str) -> None:
    path = f"<path d='M1 1A{number},20,0,0,1,50,50'/>"
    with pytest.raises(RenderError, match="1e30"):
        draw(svg(path))
    assert (
        draw(svg(f"{SQUARE}<path d='M0 0V{number}'/><g id='{number}' fill='#{number[:6]:0<6}'/>")).getpixel((9, 9))
        == GREEN
    )


def test_patterns_are_repeated_where_their_tiles_end() -> None:
    stripe = '<path d="M0 0h2.5v200h-2.5z"/>'
    tile = f'<pattern id="p" patternUnits="userSpaceOnUse" width="5" height="200">{stripe}</pattern>'
    document = svg(f'{tile}<rect width="200" height="200" fill="url(#p)"/>', 'viewBox="0 0 200 200"')
    row = np.asarray(RENDERERS["resvg"]().draw(document, Canvas(140, 140)))[70, :, 3]
    x = (np.arange(14_000) + 0.5) / 100 / 0.7  # user units, a hundred in each pixel
    covered = (x % 5 < 2.5).reshape(140, 100).mean(axis=1)
    assert np.abs(row - 255 * covered).mean() < 8


@pytest.mark.parametrize(
    "style",
    [
        "width: 100%; height: auto",
        "max-width:20px;min-height:200px",
        "border: 9px solid red",
        "padding-left:9px;margin:9px",
    ],
)
@pytest.mark.parametrize("backend", ["resvg", "cairosvg", "librsvg", "chromium"])
def test_css_that_fits_a_drawing_into_a_page_moves_nothing(backend: str, style: str) -> None:
    if not RENDERERS[backend]().availability():
        pytest.skip(f"{backend} is not installed")
    plain, styled = (
        RENDERERS[backend]().draw(svg(SQUARE, f'{attribute} viewBox="0 0 100 100"'), Canvas(50, 50))
        for attribute in ('style="opacity:.5"', f'style="{style};opacity:.5"')
    )
    assert box(styled) == (0, 0, 40, 40)
    assert ImageChops.difference(plain.convert("RGBA"), styled.convert("RGBA")).getbbox() is None


@pytest.mark.parametrize(
    ("attributes", "named"),
    [
        ('width="0" height="0"', "width '0'"),
        ('width="100" height="0px" viewBox="0 0 100 100"', "height '0px'"),
        ('width="0%" viewBox="0 0 100 100"', "width '0%'"),
        ('width="-50" height="-100"', "width '-50'"),
    ],
)
@pytest.mark.parametrize("background", ["white", "transparent"])
def test_nothing_is_drawn_of_a_document_without_a_positive_size(attributes: str, named: str, background: str) -> None:
    rendering = render(svg(SQUARE, attributes), width=40, height=30, background=background)
    ground = (255, 255, 255) if background == "white" else CLEAR
    assert rendering.image.getcolors() == [(1200, ground)]
    assert (rendering.backend, rendering.fallbacks) == ("resvg", ())
    assert rendering.blank == f"nothing is drawn of a document without a positive size: it has {named}"


def test_of_the_suite_what_these_rewritings_are_for_is_drawn_as_the_references(shared: Path) -> None:
    ids = {
        "filters/feComposite/operator=arithmetic-with-huge-region",
        "filters/filter/huge-region",
        "paint-servers/linearGradient/href-precedence-over-xlink",
        "structure/svg/negative-size",
        "structure/svg/nested-svg-with-transform-and-clip",
        "structure/svg/nested-svg-with-transform-and-opacity",
        "structure/svg/zero-size",
        "structure/use/href-precedence-over-xlink",
    }
    suite = read_suite(shared / "resvg-suite")
    chosen = replace(suite, cases=tuple(case for case in suite.cases if case.id in ids))
    verdicts = run(chosen, ["resvg"], bounds=Bounds(workers=1)).verdicts
    assert {verdict.outcome.id for verdict in verdicts} == ids
    assert max(verdict.difference for verdict in verdicts) < 0.05  # roundings of the division by alpha
