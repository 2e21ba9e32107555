"""Before a backend sees an SVG: what takes too long or too much memory to draw is refused, and all else is not."""

from __future__ import annotations

import pickle
import time
from collections.abc import Iterable

import pytest

from renderers import Limits, UnsafeSvg
from renderers.safety import secure

NAMESPACES = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
SMALL = Limits(
    bytes=10_000,
    elements=50,
    expanded_elements=100,
    depth=20,
    attributes=10,
    path_tokens=100,
    total_path_tokens=250,
    characters=100,
    filter_cost=1000,
)
AREA = '<rect width="9" height="9" {}/>'


def svg(body: str) -> str:
    return f'<svg {NAMESPACES} viewBox="0 0 10 10">{body}</svg>'


def nested(levels: int) -> str:
    return f"<svg {NAMESPACES}>" + "<g>" * (levels - 1) + "</g>" * (levels - 1) + "</svg>"


def path(tokens: int) -> str:
    return f'<path d="M{" 1" * (tokens - 1)}"/>'


def filtered(primitives: str, times: int = 1, attributes: str = "") -> str:
    return svg(f'<filter id="f" {attributes}>{primitives}</filter>' + AREA.format('filter="url(#f)"') * times)


def chain(order: Iterable[int]) -> str:
    return "".join(f'<g id="g{n}"><use href="#g{n + 1}"/></g>' for n in order)


# Filters: 10 ms for each use, 20 for a shadow, 6 for another primitive, at 22.4 pixels per unit.
@pytest.mark.parametrize(
    ("limit", "largest", "too_large", "message"),
    [
        ("depth", nested(20), nested(21), "21 levels of nesting or more; at most 20"),
        ("elements", svg("<g/>" * 49), svg("<g/>" * 50), "51 elements or more; at most 50"),
        ("elements", svg("<g>a</g>" * 49), svg("<g>a</g>" * 50), "51 elements or more; at most 50"),
        ("path_tokens", svg(path(100)), svg(path(101)), "101 numbers and commands in one attribute 'd'"),
        (
            "path_tokens",
            svg(f'<polygon points="{"-1e-5.5" * 50}"/>'),
            svg(f'<polygon points="{"-1e-5.5" * 51}"/>'),
            "102 numbers and commands in one attribute 'points'",
        ),
        (
            "path_tokens",
            svg(f'<g stroke-dasharray="{"1," * 100}"/>'),
            svg(f'<g stroke-dasharray="{"1," * 101}"/>'),
            "dash",
        ),
        ("total_path_tokens", svg(path(83) * 3), svg(path(84) * 3), "252 numbers and commands in paths"),
        ("characters", svg(f"<text>{'a' * 100}</text>"), svg(f"<text>{'a' * 50}<!-- -->{'b' * 51}</text>"), "101 char"),
        (
            "attributes",
            svg("<g " + " ".join(f'a{n}=""' for n in range(10)) + "/>"),
            svg("<g " + " ".join(f'a{n}=""' for n in range(11)) + "/>"),
            "11 attributes in one element",
        ),
        ("bytes", svg(" " * (10_000 - len(svg("")))), svg(" " * (10_001 - len(svg("")))), "10,001 bytes"),
        ("bytes", svg("é" * ((10_000 - len(svg(""))) // 2)), svg("é" * 5000), "bytes; at most 10,000"),
        # the root, and ten for each use: the use and a group of nine
        (
            "expanded_elements",
            svg(f'<defs><g id="a">{"<g/>" * 8}</g></defs>' + '<use href="#a"/>' * 9),
            svg(f'<defs><g id="a">{"<g/>" * 8}</g></defs>' + '<use href="#a"/>' * 10),
            "101 elements to draw, with references followed",
        ),
        (
            "expanded_elements",
            svg(f'<pattern id="p">{"<g/>" * 8}</pattern><g fill="url(#p)">{"<path/>" * 9}</g>'),
            svg(f'<pattern id="p">{"<g/>" * 8}</pattern><g fill="url(#p)">{"<path/>" * 10}</g>'),
            "101 elements to draw",
        ),
        (
            "expanded_elements",
            svg(f'<marker id="m">{"<g/>" * 3}</marker><path marker-mid="url(#m)" d="M1,1 2,2 3,3 4,4 5,5"/>'),
            svg(f'<marker id="m">{"<g/>" * 30}</marker><path style="marker:url(#m)" d="M1,1 2,2 3,3 4,4 5,5"/>'),
            "elements to draw",
        ),
        (
            "expanded_elements",
            svg(f"<style>.a,.b{{mask:url(#m)}}</style><mask id='m'>{'<g/>' * 30}</mask>" + "<g class='b'/>" * 2),
            svg(f"<style>.a,.b{{mask:url(#m)}}</style><mask id='m'>{'<g/>' * 30}</mask>" + "<g class='c b'/>" * 4),
            "elements to draw",
        ),
        ("depth", svg(chain(range(9))), svg(chain(range(12))), "with references followed"),
        ("depth", svg(chain(range(8, -1, -1))), svg(chain(range(11, -1, -1))), "with references followed"),
        (
            "filter_cost",
            filtered("<feDropShadow/>" * 4, 11),
            filtered("<feDropShadow/>" * 4, 12),
            "1,080 ms of filters",
        ),
        (
            "filter_cost",
            filtered('<feTurbulence numOctaves="98"/>'),
            filtered('<feTurbulence numOctaves="99"/>'),
            "1,006",
        ),
        (
            "filter_cost",
            filtered('<feConvolveMatrix order="31"/>'),
            filtered('<feConvolveMatrix order="4 247"/>'),
            "1,004",
        ),
        # windows of 21 by 23 and of 24 by 24 pixels
        (
            "filter_cost",
            filtered('<feMorphology radius="0.4464 0.491"/>'),
            filtered('<feMorphology radius="0.51"/>'),
            "1,158 ms of filters",
        ),
        (
            "filter_cost",
            filtered('<feMorphology radius="0.04"/>', attributes='primitiveUnits="objectBoundingBox"'),
            filtered('<feMorphology radius="0.06"/>', attributes='primitiveUnits="objectBoundingBox"'),
            "ms of filters",
        ),
        ("filter_cost", svg(f'<g filter="{"blur(1px) " * 49}"/>'), svg(f'<g filter="{"blur(1px) " * 50}"/>'), "1,010"),
    ],
)
def test_a_document_at_a_limit_passes_and_one_beyond_it_does_not(
    limit: str, largest: str, too_large: str, message: str
) -> None:
    assert secure(largest, SMALL) == (largest, ())
    with pytest.raises(UnsafeSvg, match=message) as refused:
        secure(too_large, SMALL)
    assert f"(limit: {limit}; raise it with --svg-limit {limit}=NUMBER)" in str(refused.value)


@pytest.mark.parametrize(
    ("link", "kind"),
    [
        ('<use href="#{}"/>', "g"),
        ('<use xlink:href="#{}"/>', "symbol"),
        (AREA.format('fill="url(#{})"'), "pattern"),
        (AREA.format("style=\"stroke:url( '#{}' )\""), "pattern"),
        (AREA.format('mask="url(#{})"'), "mask"),
        (AREA.format('clip-path="url(#{})"'), "clipPath"),
        (AREA.format('marker-start="url(#{})"'), "marker"),
        (AREA.format('style="mask:u\\72l(#{})"'), "mask"),
    ],
)
def test_ten_times_ten_times_ten_uses_are_counted_before_they_are_drawn(link: str, kind: str) -> None:
    chain = f'<{kind} id="k0">{AREA.format("")}</{kind}>' + "".join(
        f'<{kind} id="k{n}">{link.format(f"k{n - 1}") * 10}</{kind}>' for n in range(1, 30)
    )
    start = time.process_time()
    with pytest.raises(UnsafeSvg, match="expanded_elements"):
        secure(svg(f"<defs>{chain}</defs>" + link.format("k29")))
    assert time.process_time() - start < 1


def test_definitions_that_nothing_refers_to_multiply_nothing() -> None:
    link = '<use href="#k{}"/>'
    chain = '<g id="k0"/>' + "".join(f'<g id="k{n}">{link.format(n - 1) * 10}</g>' for n in range(1, 30))
    text = svg(f"<defs>{chain}</defs>")
    assert secure(text) == (text, ())


@pytest.mark.parametrize(
    "body",
    [
        '<g id="a"><use href="#a"/></g>',
        '<g id="a"><use href="#b"/></g><g id="b"><use href="#a"/></g>',
        '<pattern id="p"><rect fill="url(#p)" stroke="url(#p)"/></pattern><rect fill="url(#p)"/>',
        '<mask id="m" mask="url(#m)"><g mask="url(#m)"/></mask><g mask="url(#m)"/>',
        '<clipPath id="c" clip-path="url(#d)"/><clipPath id="d" clip-path="url(#c)"/><g clip-path="url(#c)"/>',
        '<filter id="f"><feImage href="#g"/></filter><g id="g" filter="url(#f)"/>',
        '<use href="#none"/><g mask="url(#none)" fill="url(#none) red"/>',
    ],
)
def test_a_reference_that_comes_back_to_where_it_began_is_no_bomb(body: str) -> None:
    assert secure(svg(body)) == (svg(body), ())


def test_a_ring_in_which_everything_uses_everything_is_refused_in_bounded_time() -> None:
    links = [f'<use href="#r{number}"/>' for number in range(14)]
    ring = "".join(f'<g id="r{n}">{"".join(links[:n] + links[n + 1 :])}</g>' for n in range(14))
    start = time.process_time()
    with pytest.raises(UnsafeSvg, match="references or more that run in circles"):
        secure(svg(ring))
    assert time.process_time() - start < 10


def test_very_deep_nesting_is_refused_as_too_deep_not_as_malformed() -> None:
    with pytest.raises(UnsafeSvg, match="levels of nesting"):
        secure(nested(200_000))
    with pytest.raises(UnsafeSvg, match="beyond what the XML parser reads: Excessive depth"):
        secure(nested(5000), Limits(depth=10_000))


@pytest.mark.parametrize(
    "css", ["@import/*", "url(", '"\\', "/*", "@import", "url('", "@import url(", "\\" * 9, "src("]
)
def test_no_style_sheet_takes_more_than_linear_time(css: str) -> None:
    text = svg(f"<style>{css * (1024 * 1024 // len(css))}</style>")
    start = time.process_time()
    secure(text)
    assert time.process_time() - start < 5


def test_assignments_change_the_limits_that_they_name() -> None:
    assert Limits.parse(()) == Limits()
    assert Limits.parse(("elements=100000", "path-tokens = 1_000", "elements=7")) == Limits(
        elements=7, path_tokens=1000
    )


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        ("element=5", "there is no limit 'element'. Did you mean 'elements'?"),
        ("elements", "'elements' sets no limit; write NAME=NUMBER"),
        ("depth=many", "the limit 'depth' is 'many'; it must be a whole number"),
        ("depth=-1", "whole number from 0 on"),
        ("depth=", "whole number from 0 on"),
        ("depth=²", "whole number from 0 on"),
    ],
)
def test_an_assignment_that_sets_no_limit_is_refused_with_a_hint(assignment: str, message: str) -> None:
    with pytest.raises(ValueError, match="limit") as refused:
        Limits.parse((assignment,))
    assert message in str(refused.value)


def test_limits_travel_to_other_processes_and_serve_as_keys() -> None:
    assert pickle.loads(pickle.dumps(SMALL)) == SMALL
    assert hash(Limits()) == hash(Limits.parse(("depth=256",)))
