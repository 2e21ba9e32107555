"""What repair makes of each known deviation, what it leaves alone, and what it refuses to invent."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from benchmark.datasets.registry import DATASETS
from renderers.base import InvalidSvg, RenderError, TruncatedSvg, UnsafeSvg
from renderers.encoding import decode
from renderers.limits import Limits
from renderers.repair import RULES, repair

if TYPE_CHECKING:
    from pathlib import Path

NS = 'xmlns="http://www.w3.org/2000/svg"'


def svg(body: str, attributes: str = "") -> str:
    return f'<svg {NS} viewBox="0 0 512 512"{attributes}>{body}</svg>'


def path(style: str) -> str:
    return svg(f'<path style="{style}" d="M0,0 L9,9"/>')


LINE = "style=fill:0,51,160;stroke:None;stroke-width:1;opacity:1\td=M11,471 A14,28,0,1,0,40,471 \n"
LINE_DRAWN = '<path style="fill:rgb(0,51,160);stroke:none;stroke-width:1;opacity:1" d="M11,471 A14,28,0,1,0,40,471"/>\n'


def lines_drawn(count: int) -> str:
    return f'<svg {NS} viewBox="0 0 512 512">\n{LINE_DRAWN * count}</svg>\n'


DEVIATIONS = {
    "stray-d": (svg('<path d="d=M0,0"/>'), svg('<path d="M0,0"/>'), ["repeated-attribute-name"]),
    "stray-d-twice": (svg("<path d=' d=d=M0,0'/>"), svg("<path d='M0,0'/>"), ["repeated-attribute-name"]),
    "stray-style": (svg('<g style="style=fill:red"/>'), svg('<g style="fill:red"/>'), ["repeated-attribute-name"]),
    "rgb-style": (path("fill:0,51,160"), path("fill:rgb(0,51,160)"), ["bare-rgb"]),
    "rgb-blanks": (path("stroke : 0 51  160 ;x:y"), path("stroke : rgb(0,51,160) ;x:y"), ["bare-rgb"]),
    "rgb-tuple": (path("fill:(0, 51, 160)!important"), path("fill:rgb(0,51,160)!important"), ["bare-rgb"]),
    "rgb-glued": (path("fill:0,0,0000"), path("fill:rgb(0,0,0)"), ["bare-rgb"]),
    "rgb-attribute": (svg('<g fill="0,51,160"/>'), svg('<g fill="rgb(0,51,160)"/>'), ["bare-rgb"]),
    "rgb-stop": (svg("<stop stop-color='1,2,3'/>"), svg("<stop stop-color='rgb(1,2,3)'/>"), ["bare-rgb"]),
    "rgb-sheet": (
        svg("<style><![CDATA[/* fill:1,2,3; */ a{fill:0,51,160} b:hover{stroke:1,2,3;}]]></style>"),
        svg("<style><![CDATA[/* fill:1,2,3; */ a{fill:rgb(0,51,160)} b:hover{stroke:rgb(1,2,3);}]]></style>"),
        ["bare-rgb"],
    ),
    "none": (path("stroke:None;fill:null"), path("stroke:none;fill:none"), ["none-keyword"]),
    "none-attribute": (svg('<g fill="None"/>'), svg('<g fill="none"/>'), ["none-keyword"]),
    "none-size": (
        f'<svg {NS} viewBox="0 0 9 9" width="None" height="null"/>',
        f'<svg {NS} viewBox="0 0 9 9"/>',
        ["none-keyword"],
    ),
    "equals": (path("fill=red;stroke-width='2'"), path("fill:red;stroke-width:2"), ["equals-for-colon"]),
    "nested-style": (
        svg('<path style="fill="#080341";stroke="none"" d="M0,0"/>'),
        svg('<path style="fill:#080341;stroke:none" d="M0,0"/>'),
        ["nested-style"],
    ),
    "lost-path": (
        svg('\n style="fill="#080341";stroke="none";opacity="1"" d="M128,256 Z" />\n') + "\n</svg>",
        svg('\n <path style="fill:#080341;stroke:none;opacity:1" d="M128,256 Z" />\n') + "\n",
        ["lost-path-tag", "nested-style", "extra-end-tags"],
    ),
    "lost-path-plain": (
        svg(' style="fill:red" d="M0,0"/>\n style="fill:blue" d="M1,1"/>\n'),
        svg(' <path style="fill:red" d="M0,0"/>\n <path style="fill:blue" d="M1,1"/>\n'),
        ["lost-path-tag"],
    ),
    "line": (LINE * 2, lines_drawn(2), ["line-dialect", "bare-rgb", "none-keyword"]),
    "line-joined": (
        " ".join((LINE * 3).split()),
        lines_drawn(3),
        ["line-dialect", "bare-rgb", "none-keyword"],
    ),
    "line-prose": (
        "SVG Content:\n" + LINE,
        lines_drawn(1),
        ["surrounding-text", "line-dialect", "bare-rgb", "none-keyword"],
    ),
    "line-fence": (
        f"```\n{LINE}```\n",
        lines_drawn(1),
        ["surrounding-text", "line-dialect", "bare-rgb", "none-keyword"],
    ),
    "extra-end": (svg("</g><g/>") + "</svg>", svg("<g/>"), ["extra-end-tags"]),
    "open-shape": (
        svg('<g><path d="M0,0"><rect width="1"></g>'),
        svg('<g><path d="M0,0"></path><rect width="1"></rect></g>'),
        ["unclosed-shapes"],
    ),
    "no-xmlns": ('<svg width="9" height="9"/>', f'<svg {NS} width="9" height="9"/>', ["xmlns"]),
    "wrong-xmlns": ('<svg xmlns="https://www.w3.org/2000/svg/" viewBox="0 0 9 9"/>', None, ["xmlns"]),
    "viewbox": (f'<svg {NS} viewbox="0 0 9 9"/>', f'<svg {NS} viewBox="0 0 9 9"/>', ["viewbox-case"]),
    "xlink": (
        f'<svg {NS} viewBox="0 0 9 9"><use xlink:href="#a" x:y="1"/></svg>',
        f'<svg xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:x="urn:undeclared:x" {NS} viewBox="0 0 9 9">'
        '<use xlink:href="#a" x:y="1"/></svg>',
        ["undeclared-prefixes"],
    ),
    "ampersand": (
        svg("<text id='a&b'>R&D &amp; &lt; &#65; &nbsp;&eacute; a < b <!-- & --><![CDATA[&]]></text>"),
        svg("<text id='a&amp;b'>R&amp;D &amp; &lt; &#65; \xa0é a &lt; b <!-- & --><![CDATA[&]]></text>"),
        ["unescaped-characters"],
    ),
    "duplicate": (svg('<g fill="red" id="a" fill="red"/>'), svg('<g fill="red" id="a"/>'), ["duplicate-attributes"]),
    "blank-before": ('\n <?xml version="1.0"?>' + svg(""), '<?xml version="1.0"?>' + svg(""), ["surrounding-text"]),
    "garbage-before": ("ok:" + svg(""), svg(""), ["surrounding-text"]),
    "fence": (f"Here it is:\n```xml\n{svg('')}\n```\nEnjoy!", svg(""), ["surrounding-text"]),
    "html": (
        f"<!doctype html><p>a<br>{svg('<svg/>')}</p>",
        svg("<svg/>"),
        ["surrounding-text"],
    ),
    "nul": (svg("<g\x00/>\ud83d\ude00\udc00"), svg("<g/>😀"), ["forbidden-characters"]),
    "entities": (
        '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "svg11.dtd" [\n<!-- Adobe -->\n'
        '<!ENTITY ns "http://www.w3.org/2000/svg">\n<!ENTITY q \'"a"\'>\n]>\n'
        '<svg xmlns="&ns;" viewBox="0 0 9 9" id="&q;"><!-- &ns; --></svg>',
        '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "svg11.dtd"\n\n\n\n>\n'
        f'<svg {NS} viewBox="0 0 9 9" id="&quot;a&quot;"><!-- &ns; --></svg>',
        ["entities"],
    ),
}


@pytest.mark.parametrize("name", DEVIATIONS)
def test_a_deviation_is_mended_and_named_and_nothing_else_changes(name: str) -> None:
    broken, expected, names = DEVIATIONS[name]
    mended = repair(broken)
    assert mended.repairs == tuple(names)
    assert mended.svg == (f'<svg {NS} viewBox="0 0 9 9"/>' if expected is None else expected)
    assert repair(mended.svg).svg == mended.svg
    assert repair(mended.svg).repairs == ()


def test_every_rule_is_shown_by_a_deviation() -> None:
    assert {name for _, _, names in DEVIATIONS.values() for name in names} == {rule.name for rule in RULES}


@pytest.mark.parametrize(
    "text",
    [
        svg("<text>fill:0,51,160 style=None d=M0,0 R&amp;D</text><!-- fill:None; & --><title>style='a=b'</title>"),
        svg('<text> style="fill:red" d="M0,0"/></text><desc><![CDATA[<path d="d=M0,0">]]></desc>'),
        svg("<style>/* a{fill:0,0,0} */ a{content:'fill:0,0,0;'} b{background:url(x;fill:None)}</style>"),
        svg('<g style="font-family:\'a;fill:0,0,0\';-x-spec:0,0,0;order:1 2 3" id="fill=0,0,0" class="None"/>'),
        svg('<g fill="Gainsboro" stroke="RGB(300,0,0)" color="rgb(0 51 160 / 50%)"/>'),
        svg('<path d="M0,0 A32,354,0,0,1,512,32 a5-5 0 0 1-5 5"/>', ' width="100%" height="100%"'),
        f'<svg {NS} width="4cm" height="3cm"><g/></svg>',
        f'\ufeff<?xml version="1.0" encoding="ISO-8859-1"?>\n<!-- [ --><!DOCTYPE svg>\n<s:svg xmlns:s="{NS[7:-1]}" '
        'viewBox="0 0 1 1"/>',
        svg('<image href="data:image/png;base64,AAAA=="/><a href="?a=b&amp;fill=0"/>'),
        svg("<path d='M0,0'><title>a</title></path>"),
    ],
)
def test_valid_text_that_looks_like_a_deviation_is_the_same_object(text: str) -> None:
    mended = repair(text)
    assert mended.repairs == ()
    assert mended.svg is text


@pytest.mark.parametrize(
    ("text", "where"),
    [
        (LINE + "style=fill:0,0,0;stroke:None d=M0,0 C162,...", "line 2 ends in an ellipsis"),
        ("style=fill:r...", "line 1 ends in an ellipsis"),
        (LINE + "style=fill:rgb(0", "line 2 ends in its style"),
        (LINE + "style=fill:red\td=M0,0 C1,2,3,4,5", "line 2 ends in the middle of a path command: 'C1,2,3,4,5'"),
        (LINE + "style=fill:red\td=", "middle of a path command"),
        (svg("<g/>")[:-6], "line 1 before the end of <svg>"),
        (f"<svg {NS}>\n<g>\n<g>\n<path/></g>\n", "line 4 before the end of <svg><g>"),
        (f'<svg {NS}>\n<path d="M0,0 L1', "line 2 in the middle of '<path d='"),
        (f"<svg {NS}>\n<", "before the end of <svg>"),
        (f"<svg {NS}><!-- a", "in the middle of '<!-- a'"),
        (f"<svg {NS}><style><![CDATA[ a{{", "in the middle of '<!\\[CDATA"),
        (f"```xml\n<svg {NS}><path d='M0,0'/>\n```", "before the end of <svg>"),
    ],
)
def test_what_is_cut_off_is_refused_and_the_message_says_where(text: str, where: str) -> None:
    with pytest.raises(TruncatedSvg, match=where):
        repair(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the text is empty"),
        ("a lonely caption", "no <svg>"),
        ("<html><p>nothing</p></html>", "no <svg>"),
        (svg("") + svg(""), "2 drawings"),
        (f"<html>{svg('')}<p>{svg('')}</p></html>", "2 drawings"),
        (svg("<g><path/>"), "line 1: mismatched tag"),
        (LINE.replace("d=M11", "d=Q?") + LINE, "line 1 has something else than path data: '\\?"),
        ("style=fill:red\n" + LINE, "line 1 has a style but no path data"),
        (svg("\n<g fill=red/>"), "line 2: not well-formed"),
    ],
)
def test_what_cannot_be_mended_is_refused_with_the_reason(text: str, message: str) -> None:
    with pytest.raises(InvalidSvg, match=message) as raised:
        repair(text)
    assert not isinstance(raised.value, TruncatedSvg)


@pytest.mark.parametrize(
    ("text", "flags"),
    [
        (path("fill:0,300,-1"), ("rgb-out-of-range",)),
        (path("fill:0.5,0.2,1;stroke:None"), ("odd-colour",)),
        (path("fill:0,0,0,1"), ("odd-colour",)),
        (svg('<g id="a" id="b"/>'), ("conflicting-attributes",)),
        (svg('<path style="stroke:None" d="M32,0 A32,-354,0,0,1,512,32"/>'), ("negative-arc-radius",)),
        (svg('<path style="fill:none;stroke:1,2,3" d="d=M399,77 L1,2 L521,251Z"/>'), ("closed-open-stroke",)),
        (svg('<path style="fill:none;stroke:1,2,3" d="d=M399,77 L1,2 L399,77Z"/>'), ()),
        (svg('<path style="fill:1,2,3;stroke:None" d="d=M399,77 L1,2 L521,251Z"/>'), ()),
        (svg('<path d="M0,0 L9,9 ..."/>'), ("cut-path-data",)),
        (f"<svg {NS}/>", ("no-size",)),
        (f'<svg {NS} width="3in" height="9"/>', ()),
    ],
)
def test_what_is_ambiguous_is_flagged(text: str, flags: tuple[str, ...]) -> None:
    assert repair(text).flags == flags


def test_colours_that_are_ambiguous_are_left_alone() -> None:
    for text in (path("fill:0.5,0.2,1"), path("fill:0,0,0,1")):
        assert repair(text).svg is text


def test_numbers_out_of_range_are_clamped() -> None:
    assert repair(path("fill:0,300,-1")).svg == path("fill:rgb(0,255,0)")


@pytest.mark.parametrize(
    "subset",
    [
        '<!ENTITY x SYSTEM "file:///etc/passwd">',
        '<!ENTITY % p "a"> %p;',
        '<!ENTITY a "b"><!ENTITY c "&a;&a;">',
        '<!ENTITY a "<g>">',
        '<!ENTITY a "</text><text>">',
        '<!ENTITY a "</e><e>">',
        '<!ENTITY a "<g b=c/>">',
        '<!ATTLIST svg fill CDATA "red">',
        f'<!ENTITY a "{"b" * 2000}">',
    ],
)
def test_entities_that_are_not_short_and_whole_are_left_for_the_safety_check_to_refuse(subset: str) -> None:
    text = f"<!DOCTYPE svg [{subset}]>" + svg("<text>&a;&x;</text>")
    mended = repair(text)
    assert mended.svg is text
    assert mended.repairs == ()


def test_elements_from_an_entity_stand_where_elements_may_stand_only() -> None:
    element = "<path id='p'/>"
    text = f'<!DOCTYPE svg [<!ENTITY a "{element}">]>' + svg("<g>&a;<!-- &a; --></g>")
    assert repair(text).svg == "<!DOCTYPE svg>" + svg(f"<g>{element}<!-- &a; --></g>")
    in_attribute = text.replace("<g>", '<g class="&a;">')
    assert repair(in_attribute).svg is in_attribute


def test_many_references_to_a_long_entity_are_not_written_out() -> None:
    text = f'<!DOCTYPE svg [<!ENTITY a "{"b" * 1000}">]>' + svg("<text>" + "&a;" * 100_000 + "</text>")
    assert repair(text).svg is text


def test_the_byte_limit_comes_first_and_holds_for_the_result() -> None:
    text = svg("<text>" + "é" * 100 + "</text>")
    size = len(text.encode())
    assert repair(text, Limits(bytes=size)).svg is text
    with pytest.raises(UnsafeSvg, match="at most"):
        repair(text, Limits(bytes=size - 1))
    with pytest.raises(UnsafeSvg, match="at most"):
        repair("<svg/>", Limits(bytes=20))


@pytest.mark.parametrize("unit", ["<", "style=", "fill:0,", "fill:0,0,0;", "a=", "&", "<g "])
@pytest.mark.parametrize("around", ["{}", '<svg><path style="fill:0,0,0;{}"/></svg>', "<svg><style>{}</style></svg>"])
def test_no_text_takes_more_than_linear_time(unit: str, around: str) -> None:
    text = around.format(unit * (2 * 1024 * 1024 // len(unit)))
    start = time.process_time()
    with suppress(RenderError):
        repair(text)
    assert time.process_time() - start < 2


PIECES = st.sampled_from(
    [piece for broken, _, _ in DEVIATIONS.values() for piece in (broken, broken[: len(broken) // 2])]
    + [f"<svg {NS}>", "</svg>", "<g>", "</g>", "<path d='", "'", '"', "<", ">", "&", "/>", "...", "```", "<!--", "-->"]
    + ["<![CDATA[", "]]>", "<?xml version='1.0'?>", "<!DOCTYPE svg [", "]>", ' style="fill="a"" d="M0"/>', "\n", "<svg"]
    + [' id="a"', "fill:0,0,0", "x:y='1'", "\x00", "\ud800", "&a;", "<style>", "</style>", "style=fill:red d=M0,0 "]
)


@settings(max_examples=500, deadline=None, derandomize=True)
@given(st.one_of(st.lists(PIECES, max_size=8).map("".join), st.text(max_size=40)))
@example("<svg><svg:g a='1'/></svg>")
@example(f"</svg><svg {NS}></g><path><path></svg>")
def test_repair_raises_nothing_but_its_own_errors_and_its_result_needs_no_repair(text: str) -> None:
    try:
        mended = repair(text)
    except RenderError:
        return
    again = repair(mended.svg)
    assert again.repairs == ()
    assert again.svg == mended.svg


def test_the_conformance_suite_passes_byte_identical_but_for_its_entities(shared: Path) -> None:
    suite = shared / "resvg-suite" / "tests"
    touched = {}
    files = sorted(suite.rglob("*.svg"))
    for file in files:
        text, decoding = decode(file.read_bytes(), Limits())
        mended = repair(text)
        if decoding or mended.svg is not text:
            touched[str(file.relative_to(suite))] = decoding + mended.repairs
    assert len(files) == 1721
    assert touched == dict.fromkeys(
        (
            "structure/svg/attribute-value-via-ENTITY-reference.svg",
            *(f"structure/svg/elements-via-ENTITY-reference-{number}.svg" for number in (1, 2, 3)),
        ),
        ("entities",),
    )


def test_real_drawings_pass_byte_identical() -> None:
    drawings = [sample.svg for sample in DATASETS["openmoji"]().samples[::5]][:200]
    assert len(drawings) == 200
    for text in drawings:
        mended = repair(text)
        assert mended.svg is text
        assert (mended.repairs, mended.flags) == ((), ())


def test_drawings_of_the_field_are_all_mended_and_stay_so(shared: Path) -> None:
    lines = (shared / "thesis_svgs.jsonl").read_text(encoding="utf-8").splitlines()
    counts: dict[str, int] = {}
    for line in lines:
        mended = repair(json.loads(line)["svg"])
        assert repair(mended.svg).repairs == ()
        for name in mended.repairs or ("none needed",):
            counts[name] = counts.get(name, 0) + 1
    assert counts == {
        "bare-rgb": 92,
        "repeated-attribute-name": 87,
        "none-keyword": 70,
        "none needed": 31,
        "lost-path-tag": 2,
        "nested-style": 2,
    }


def test_cut_drawings_of_the_field_are_refused_and_whole_ones_drawn(shared: Path) -> None:
    entries = [json.loads(line) for line in (shared / "thesis_captions.jsonl").read_text("utf-8").splitlines()]
    whole, cut = 0, 0
    for entry in entries:
        text = entry.get("xml")
        if not text:
            continue
        if text.rstrip().endswith("..."):
            with pytest.raises(TruncatedSvg):
                repair(text)
            cut += 1
        else:
            assert "line-dialect" in repair(text).repairs
            whole += 1
    assert (whole, cut) == (44, 41)
