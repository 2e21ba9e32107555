from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from captioners.svg_text import SvgTextOptions, fit, simplify
from renderers import RenderError, prepare

NUMBERS = st.sampled_from(["0", "1", "-3", "7.25", "1e3", "2e-3", "33.333", "100", "-.5", "50%", "2em", "1mm", "x", ""])
PAINTS = st.sampled_from(["red", "#ABCDEF", "none", "url(#a)", "url(#b) lime", "currentColor", "inherit", "rgb(1,2,3)"])
TRANSFORMS = st.sampled_from(
    [
        "translate(3 4)",
        "scale(2)",
        "scale(-1 .5)",
        "rotate(30)",
        "rotate(10 5 5)",
        "skewX(9)",
        "matrix(1 2 3 4 5 6)",
        "?",
    ]
)
SEGMENTS = ("M1 2", "m.5-3", "L9 9", "l3 4", "h5", "V7", "c1 2 3 4 5 6", "S9 9 3 3", "q1 1 2 0", "t3 3", "z")
ODD_SEGMENTS = ("a5 3 20 0 1 4 4", "A1 9 0 105 5", "x", "1e400 1", "M0 0")
DATA = st.lists(st.sampled_from(SEGMENTS + ODD_SEGMENTS), max_size=8).map(" ".join)
ATTRIBUTES = {
    **dict.fromkeys(("x", "y", "width", "height", "r", "rx", "cx", "stroke-width", "font-size", "opacity"), NUMBERS),
    **dict.fromkeys(("fill", "stroke", "color"), PAINTS),
    "transform": TRANSFORMS,
    "d": DATA,
    "points": st.lists(NUMBERS, max_size=7).map(",".join),
    "id": st.sampled_from(["a", "b", "c"]),
    "href": st.sampled_from(["#a", "#b", "#c", "#d", "data:,"]),
    "class": st.sampled_from(["k", "l"]),
    "style": st.sampled_from(
        ["fill:red", "stroke:blue;stroke-width:3", "display:none", "marker:url(#c)", "d:none", ";:"]
    ),
    "clip-path": st.just("url(#b)"),
    "mask": st.just("url(#c)"),
    "display": st.sampled_from(["none", "inline"]),
    "visibility": st.sampled_from(["hidden", "visible"]),
    "stroke-linecap": st.sampled_from(["round", "butt"]),
    "viewBox": st.sampled_from(["0 0 10 10", "-1 -1 3 4", "0 0 0 0"]),
    "gradientUnits": st.just("userSpaceOnUse"),
    "clipPathUnits": st.just("objectBoundingBox"),
}
NAMES = [
    "path",
    "rect",
    "circle",
    "ellipse",
    "line",
    "polygon",
    "polyline",
    "text",
    "tspan",
    "use",
    "g",
    "g",
    "a",
    "svg",
]
NAMES += [
    "defs",
    "symbol",
    "clipPath",
    "mask",
    "pattern",
    "marker",
    "linearGradient",
    "stop",
    "filter",
    "feFlood",
    "switch",
]


@st.composite
def elements(draw: st.DrawFn, depth: int = 3) -> str:
    name = draw(st.sampled_from(NAMES))
    keys = draw(st.lists(st.sampled_from(sorted(ATTRIBUTES)), max_size=5, unique=True))
    said = "".join(f' {key}="{draw(ATTRIBUTES[key])}"' for key in keys)
    inner = draw(st.lists(elements(depth=depth - 1), max_size=3)) if depth else []
    return f"<{name}{said}>{draw(st.sampled_from(['', 'text', ' a  b ']))}{''.join(inner)}</{name}>"


SHEETS = st.sampled_from(["", "<style>.k{fill:red}g .l{stroke:lime}</style>", "<style>@media x{g{fill:red}}</style>"])
DRAWINGS = st.builds(
    lambda sheet, box, inner: f'<svg xmlns="http://www.w3.org/2000/svg" {box}>{sheet}{"".join(inner)}</svg>',
    SHEETS,
    st.sampled_from(['viewBox="0 0 64 64"', 'viewBox="-9 3 512 300"', 'width="50" height="2in"', ""]),
    st.lists(elements(), min_size=1, max_size=4),
)


@settings(max_examples=60, deadline=None)
@given(DRAWINGS, st.integers(0, 1))
def test_any_drawing_is_simplified_once_and_for_all(svg: str, decimals: int) -> None:
    options = SvgTextOptions(decimals=decimals)
    try:
        prepared = prepare(svg).svg
    except RenderError:
        return
    result = simplify(prepared, options)
    etree.fromstring(result.text)  # well-formed
    assert simplify(result.text, options).text == result.text
    assert result.dropped == 0 and result.characters_before == len(prepared)
    prepare(result.text)


@settings(max_examples=40, deadline=None)
@given(DRAWINGS, st.floats(0, 1))
def test_any_drawing_is_fitted_without_cutting_into_a_tag(svg: str, share: float) -> None:
    try:
        result = simplify(prepare(svg).svg)
    except RenderError:
        return
    least = len(fit(result, lambda text: text.count("<rect") + 2 * text.count(" "), 10**9).text)
    limit = int(share * least) + 60
    try:
        fitted = fit(result, len, limit)
    except Exception as error:
        assert "the drawing does not fit" in str(error)
        return
    assert len(fitted.text) <= max(limit, 0)
    etree.fromstring(fitted.text)
    assert 0 <= fitted.dropped <= result.elements_before


@pytest.mark.parametrize(
    "svg",
    [
        "<svg viewBox='0 0 9 9'>"
        + "<g opacity='.99'>" * 240
        + "<rect width='9' height='9'/>"
        + "</g>" * 240
        + "</svg>",
        "<svg viewBox='0 0 9 9'><style>" + "".join(f".c{i}{{fill:red}}" for i in range(400)) + "</style></svg>",
        "<svg viewBox='0 0 9 9'>" + "<g fill='red'><rect width='9' height='9' stroke='blue'/></g>" * 300 + "</svg>",
        "<svg viewBox='0 0 9 9'><path d='M0 0" + "l1 1-1 1" * 3000 + "'/></svg>",
        "<svg viewBox='0 0 9 9'>"
        + "".join(f"<linearGradient id='g{i}' href='#g{i + 1}'/>" for i in range(500))
        + "</svg>",
    ],
    ids=["deep", "rules", "groups", "path", "chain"],
)
def test_deep_and_long_drawings_are_simplified_like_others(svg: str) -> None:
    result = simplify(prepare(svg).svg)
    assert result.step == "normalised"
    assert simplify(result.text).text == result.text


def test_the_same_drawing_gives_the_same_text(simplified: Callable[..., str]) -> None:
    body = '<g fill="red"><circle cx="9" cy="9" r="5"/><path d="M1 1A5 5 0 0 1 9 9" transform="rotate(33)"/></g>'
    assert simplified(body) == simplified(body)
