"""A picture without anything to see says why, and whether the document or the renderer is to blame."""

from __future__ import annotations

import base64
import io
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import etree
from PIL import Image

from renderers.base import RENDERERS, Canvas
from renderers.blank import Blank, contrasting, explain, uniform
from renderers.blank.outline import Extent, path_extent
from renderers.blank.visibility import census
from renderers.canvas import on_background
from renderers.fonts import Fonts

WHITE = (255, 255, 255)
FONTS = Fonts()
SHAPE = '<rect width="10" height="10"/>'
PNG = io.BytesIO()
Image.new("RGB", (2, 2), "red").save(PNG, "PNG")


def document(body: str, root: str = 'viewBox="0 0 100 100"') -> str:
    names = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    return f"<svg {names} {root}>{body}</svg>"


def judged(svg: str, colour: tuple[int, int, int] | None = WHITE, fonts: Fonts = FONTS) -> Blank | None:
    """What is said of the picture that resvg draws."""
    clear = Canvas(100, 100, None, fonts)
    renderer = RENDERERS["resvg"]()
    drawn = renderer.draw(svg, clear)
    if not uniform(on_background(drawn, colour) if colour else drawn):
        return None
    return explain(svg, drawn, Canvas(100, 100, colour, fonts), lambda other: renderer.draw(other, clear))


def explained(body: str, root: str = 'viewBox="0 0 100 100"') -> str:
    """The reason of a blank picture for which the document itself accounts."""
    blank = judged(document(body, root))
    assert blank is not None, "something was drawn"
    assert blank.explained, blank.reason
    return blank.reason


def unexplained(body: str) -> str:
    blank = judged(document(body))
    assert blank is not None, "something was drawn"
    assert not blank.explained, blank.reason
    return blank.reason


# The pixels.


def test_one_colour_but_for_rounding_is_uniform() -> None:
    picture = Image.new("RGB", (224, 224), (200, 100, 50))
    picture.paste((201, 99, 50), (0, 0, 100, 100))
    assert uniform(picture)
    picture.putpixel((3, 211), (203, 100, 50))
    assert not uniform(picture)


def test_a_transparent_picture_is_uniform_whatever_the_colours_that_cannot_be_seen() -> None:
    picture = Image.new("RGBA", (50, 40), (255, 0, 0, 0))
    picture.paste((0, 255, 0, 0), (0, 0, 9, 9))
    assert uniform(picture)
    picture.putpixel((49, 39), (0, 255, 0, 9))
    assert not uniform(picture)


def test_one_colour_all_over_is_a_drawing() -> None:
    full = '<rect width="100" height="100" fill="{}" opacity="{}"/>'
    assert judged(document(full.format("gainsboro", 1))) is None
    assert judged(document(full.format("black", 0.5))) is None
    assert judged(document(full.format("white", 1)), colour=(0, 0, 0)) is None


def test_a_single_visible_speck_is_a_drawing() -> None:
    assert judged(document('<rect width="0.5" height="0.5" fill="#ccc"/>')) is None


@pytest.mark.parametrize(
    "body",
    [
        '<circle cx="50" cy="50" r="40" fill="white"/>',
        '<circle cx="50" cy="50" r="40" fill="white" opacity="0.3"/>',
        '<path d="M9,9H90" stroke="#fff" stroke-width="5"/>',
    ],
)
def test_white_on_white_is_told_with_the_background_that_shows_it(body: str) -> None:
    assert explained(body) == "white on white: drawn in the background's colour; visible on black"
    assert judged(document(body), colour=(128, 128, 128)) is None


def test_a_canvas_filled_with_the_backgrounds_own_colour_is_blank_too() -> None:
    svg = document('<rect width="100" height="100" fill="#123456"/>')
    blank = judged(svg, colour=(0x12, 0x34, 0x56))
    assert blank == Blank(
        "#123456 on #123456: the canvas is filled with the background's colour; visible on white", explained=True
    )


def test_on_a_transparent_ground_only_nothing_drawn_is_blank() -> None:
    assert judged(document('<rect width="100" height="100" fill="white"/>'), colour=None) is None
    nothing = judged(document(""), colour=None)
    assert nothing is not None and nothing.reason.startswith("nothing to draw")


def test_what_no_background_would_show_is_called_faint() -> None:
    drawn = Image.new("RGBA", (20, 20), (128, 128, 128, 2))
    blank = explain(document(SHAPE), drawn, Canvas(20, 20, WHITE), lambda svg: pytest.fail("need not be asked"))
    assert blank == Blank("too faint to be seen: at most 0.8% opaque", explained=True)


def test_the_better_of_black_and_white_is_chosen_by_contrast() -> None:
    # Contrast ratios by WCAG: #777777 has 4.69 to black and 4.48 to white; #757575 4.56 and 4.61.
    assert contrasting((0x77, 0x77, 0x77)) == (0, 0, 0)
    assert contrasting((0x75, 0x75, 0x75)) == (255, 255, 255)
    assert contrasting((255, 255, 0)) == (0, 0, 0)
    assert contrasting((0, 0, 255)) == (255, 255, 255)


# Nothing in the document to draw, or to see.


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("", "nothing to draw: the document holds no shape, text or picture"),
        (
            f"<defs>{SHAPE}{SHAPE}</defs>",
            "nothing to draw: all shapes (2) are in <defs> or the like, and nothing shows them",
        ),
        (
            ' style="fill="#000000"" d="M1,1L9,9L1,9Z" /&gt;',
            "nothing to draw: no shape, text or picture, only loose characters: "
            'style="fill="#000000"" d="M1,1L9,9L1,9Z" />',
        ),
    ],
)
def test_a_document_without_anything_to_draw_says_so(body: str, reason: str) -> None:
    assert explained(body) == reason


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (f'<g display="none">{SHAPE}</g>', "display: none"),
        (f'<g style="display:none">{SHAPE}</g>', "display: none"),
        ('<g visibility="hidden"><rect width="9" height="9"/></g>', "visibility: hidden"),
        (f'<g opacity="0.05"><g opacity="5%">{SHAPE}</g></g>', "opacity 0"),
        ('<rect width="9" height="9" fill="none"/>', "neither fill nor stroke"),
        ('<rect width="9" height="9" fill="none" stroke="red" stroke-width="0"/>', "neither fill nor stroke"),
        ('<rect width="9" height="9" fill="rgba(1, 2, 3, 0)"/>', "a transparent fill or stroke"),
        ('<g fill="#12345600"><rect width="9" height="9"/></g>', "a transparent fill or stroke"),
        ('<path d="M 37,33 L42,33 L37,33 Z"/>', "a fill without area, and no stroke"),
        ('<line x2="50" y2="50"/>', "a fill without area, and no stroke"),
        ('<path d="M9,9 L9,9" fill="none" stroke="red"/>', "a stroke without length"),
        ('<rect width="0" height="9"/>', "no size"),
        ("<circle/>", "no size"),
        ('<path d="d=M9,9 L50,50 L9,50 Z"/>', "path data that begins with an error (no M)"),
        ('<path d="M9,9"/>', "fewer than two points"),
        ('<path d="M9,9H50" fill="none" stroke="0,51,160"/>', "a stroke colour that cannot be read (0,51,160)"),
        (f'<g transform="translate(5) scale(0, 1)">{SHAPE}</g>', "a transform that flattens to nothing"),
        (f'<clipPath id="c"/><g clip-path="url(#c)">{SHAPE}</g>', "an empty clip path"),
        (f'<mask id="m"/><g mask="url(#m)">{SHAPE}</g>', "an empty mask"),
        ('<rect width="9" height="9" fill="url(#lost)"/>', "paint from #lost, which does not exist"),
        (
            '<linearGradient id="g"/><rect width="9" height="9" fill="url(#g)"/>',
            "paint from the gradient #g, which has no stops",
        ),
        (f'<switch><g systemLanguage="de">{SHAPE}</g></switch>', "not the choice of a <switch>"),
    ],
)
def test_a_hidden_shape_says_what_hides_it(body: str, reason: str) -> None:
    assert explained(body) == f"nothing to be seen in the document's 1 shape: {reason}"


def test_reasons_are_counted() -> None:
    body = f'<g display="none">{SHAPE * 3}<text y="20">label</text></g><circle r="5" fill="none"/>'
    assert explained(body) == (
        "nothing to be seen in the document's 4 shapes and 1 text: 4 × display: none, 1 × neither fill nor stroke"
    )


def test_references_that_lead_nowhere_are_named() -> None:
    body = '<use href="#gone"/><use xlink:href="#away"/><defs><g id="loop"><use href="#loop"/></g></defs>'
    reason = explained(body + '<use href="#loop"/>')
    assert "3 references" in reason
    for part in ("<use> of #gone, which does not exist", "#away, which does not exist", "#loop, which shows itself"):
        assert part in reason


def test_shapes_that_a_use_shows_are_counted_each_time() -> None:
    body = f'<defs><g id="pair">{SHAPE}{SHAPE}</g></defs><g opacity="0"><use href="#pair"/><use href="#pair"/></g>'
    assert explained(body) == "nothing to be seen in the document's 4 shapes: opacity 0"


def test_style_sheets_are_read_by_element_class_and_id() -> None:
    sheet = """<style>/* rect { fill: red } */ rect { fill: red; stroke: none } .ghost { fill: none }
        rect#solid { fill: blue !important } .gone { display: none }</style>"""
    ghost, gone = '<rect class="a ghost" width="9" height="9"/>', '<g class="gone"><circle r="9"/></g>'
    assert explained(sheet + ghost + gone) == (
        "nothing to be seen in the document's 2 shapes: 1 × neither fill nor stroke, 1 × display: none"
    )
    solid = '<rect id="solid" class="ghost" style="fill:none" width="9" height="9"/>'
    assert judged(document(sheet + solid)) is None
    parts = census(etree.fromstring(document(sheet + solid + ghost)), fonts=True)
    assert [(part.element.get("id"), part.fill, part.stroke) for part in parts.visible] == [("solid", True, False)]


@pytest.mark.parametrize("sheet", ["g > rect, .b { fill: red }", "@media print { rect { fill: none } }"])
def test_style_rules_that_are_not_understood_leave_doubt(sheet: str) -> None:
    reason = unexplained(f'<style>{sheet}</style><g display="none">{SHAPE}</g>')
    assert reason.endswith("display: none (style rules that were not understood: 1)")


def test_text_without_any_font_is_told(tmp_path: Path) -> None:
    svg = document('<text y="50">words</text><text y="80"><tspan>more</tspan></text>')
    no_fonts = Fonts(tmp_path)
    blank = judged(svg, fonts=no_fonts)
    assert blank == Blank("nothing to be seen in the document's 2 texts: no font is installed", explained=True)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("<text> </text>", "no characters"),
        ('<text y="50" font-size="0">words</text>', "font size 0"),
        ('<text><textPath href="#gone">words</textPath></text>', "text on a path that does not exist"),
        ('<text y="50" fill="none">a<tspan display="none">b</tspan></text>', None),
    ],
)
def test_text_that_cannot_be_seen_says_why(body: str, reason: str | None, tmp_path: Path) -> None:
    parts = census(etree.fromstring(document(body)), fonts=True)
    assert not parts.visible
    assert dict(parts.hidden) == ({reason: 1} if reason else {"neither fill nor stroke": 1, "display: none": 1})


def test_a_picture_that_cannot_be_read_is_told() -> None:
    image = '<image width="50" height="50" href="{}"/>'
    broken, whole = base64.b64encode(b"no picture").decode(), base64.b64encode(PNG.getvalue()).decode()
    reason = "nothing to be seen in the document's 1 picture: "
    assert explained(image.format(f"data:image/png;base64,{broken}")) == f"{reason}a picture that cannot be read"
    assert explained('<image width="50" height="50"/>').startswith(f"{reason}a picture without a source")
    assert judged(document(image.format(f"data:image/png;base64,{whole}"))) is None


# Parts that should be seen.


@pytest.mark.parametrize(
    ("body", "gap", "way"),
    [
        (f'<g transform="translate(-330 20)">{SHAPE}</g>', 3.2, "widths to the left"),
        ('<rect x="240" y="50" width="10" height="9"/>', 1.4, "widths to the right"),
        ('<path d="M50,-80 h1v1z"/>', 0.79, "heights above"),
        ('<path d="M0,120H100" fill="none" stroke="red" stroke-width="0.1"/>', 0.2, "heights below"),
        ('<circle cx="5000" cy="50" r="1"/>', 48.99, "widths to the right"),
        ('<rect x="-4e5" y="50" width="9" height="9"/>', 3999.91, "widths to the left"),
        ('<text x="900" y="50">far</text>', 8, "widths to the right"),
    ],
)
def test_a_drawing_outside_its_canvas_is_told_apart_with_where_it_lies(body: str, gap: float, way: str) -> None:
    told = re.fullmatch(r"everything lies outside the canvas: 1 \w+, (?:about )?([\d.,]+) canvas (.+)", explained(body))
    assert told is not None
    assert float(told[1].replace(",", "")) == pytest.approx(gap, rel=0.05, abs=0.1)
    assert told[2] == way


@pytest.mark.parametrize(
    ("body", "where"),
    [
        (
            '<rect x="240" y="190" width="9" height="9"/>',
            "1 shape, 1.4 canvas widths to the right and 0.",
        ),
        ('<rect x="-50" width="9" height="9"/><rect x="140" width="9" height="9"/>', "2 shapes, around it"),
        ('<rect x="100.2" width="9" height="9"/>', "1 shape, less than 0.1 canvas widths to the right"),
    ],
)
def test_a_drawing_may_lie_to_several_sides_of_its_canvas(body: str, where: str) -> None:
    assert explained(body).startswith(f"everything lies outside the canvas: {where}")


def test_where_a_drawing_lies_is_measured_in_its_view_box_whatever_its_units() -> None:
    beside = '<rect x="-40" y="2" width="10" height="10"/>'
    assert "0.5 canvas widths to the left" in explained(beside, 'width="5cm" height="50mm" viewBox="-20 0 20 20"')
    assert "0.8 canvas widths to the left" in explained(beside.replace("-40", "-26"), 'width="20" height="20"')
    assert "0.3 canvas heights below" in explained('<circle cx="8" cy="13.5" r="0.5"/>', 'viewBox="0 0 40 10"')


def test_a_part_outside_does_not_excuse_text_that_may_have_failed_inside() -> None:
    body = '<rect x="200" width="9" height="9"/><text x="20" y="50">\ue123</text>'
    blank = judged(document(body))
    assert blank is None or not blank.explained


def test_what_is_too_small_for_the_canvas_is_not_called_outside() -> None:
    reason = "too small or too thin to be seen at 100 × 100 pixels: 1 shape"
    assert explained('<rect x="50" y="50" width="0.01" height="0.01"/>') == reason
    assert explained('<path d="M0,0L100,100" stroke="black" stroke-width="0.001"/>') == reason


def test_what_the_aspect_ratio_cuts_off_is_told() -> None:
    root = 'width="100" height="50" viewBox="0 0 100 100" preserveAspectRatio="xMidYMax slice"'
    reason = "preserveAspectRatio cuts off the part of the viewBox that holds 1 shape"
    assert explained('<rect x="20" y="20" width="20" height="20"/>', root) == reason


def test_what_clip_paths_and_masks_leave_is_for_another_renderer_to_confirm() -> None:
    elsewhere = '<clipPath id="c"><rect x="50" y="50" width="9" height="9"/></clipPath>'
    reason = unexplained(f'{elsewhere}<g clip-path="url(#c)">{SHAPE}{SHAPE}</g>')
    assert reason == "nothing is left of 2 shapes by clip paths, masks and filters (clip-path on 2)"


def asked(body: str, draw: Callable[[str], Image.Image]) -> Blank:
    """What is said where ``draw`` answers the questions about a picture without anything in it."""
    blank = explain(document(body), Image.new("RGBA", (40, 40)), Canvas(40, 40, WHITE), draw)
    assert blank is not None
    return blank


def test_a_renderer_that_draws_nothing_of_visible_shapes_has_failed() -> None:
    reason = "the renderer drew nothing, though the document has 12 shapes to be seen"
    assert asked(SHAPE * 12, lambda svg: Image.new("RGBA", (40, 40))) == Blank(reason, explained=False)
    assert asked(SHAPE * 12, lambda svg: Image.new("RGBA", (40, 40), "black")) == Blank(reason, explained=False)


class Panic(BaseException):
    """What a panic in Rust is to Python: no Exception."""


@pytest.mark.parametrize("error", [ValueError("no"), MemoryError(), Panic()])
def test_a_renderer_that_fails_when_asked_leaves_the_picture_unexplained(error: BaseException) -> None:
    def fail(svg: str) -> Image.Image:
        raise error

    assert asked(SHAPE, fail).explained is False


def test_an_interruption_is_no_answer() -> None:
    def interrupt(svg: str) -> Image.Image:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        asked(SHAPE, interrupt)


def test_the_renderer_is_asked_a_few_times_at_most() -> None:
    questions: list[str] = []

    def draw(svg: str) -> Image.Image:
        questions.append(svg)
        return Image.new("RGBA", (40, 40))

    asked(f'<g clip-path="url(#c)">{SHAPE}</g>', draw)
    assert len(questions) == 6
    questions.clear()
    asked(f'<g display="none">{SHAPE}</g>', draw)
    assert questions == []


def test_a_document_that_shows_itself_a_million_times_is_judged_in_part() -> None:
    levels = f'<g id="l0">{SHAPE}</g>'
    for level in range(1, 7):
        shown = f'<use href="#l{level - 1}"/>' * 10
        levels += f'<g id="l{level}">{shown}</g>'
    blank = asked(f'<defs>{levels}</defs><g opacity="0"><use href="#l6"/></g>', lambda svg: pytest.fail("not needed"))
    assert not blank.explained
    assert blank.reason.endswith("opacity 0 (only the first 20,000 elements were judged)")


# Whether there is anything to paint in a path.


@pytest.mark.parametrize(
    ("data", "extent"),
    [
        ("", Extent.NOTHING),
        ("L9,9", Extent.NOTHING),
        ("M5,5", Extent.NOTHING),
        ("M5,5Z", Extent.POINT),
        ("M5,5L5,5 5 5", Extent.POINT),
        ("M0,0L9,9", Extent.LINE),
        ("M378,330 L420,330 L378,330 Z", Extent.LINE),
        ("m.1.2l.1.2.2.4", Extent.LINE),
        ("M0 0H9V0H3", Extent.LINE),
        ("M0 0C1 1 2 2 9 9S12 12 20 20", Extent.LINE),
        ("M0 0H9M0 5H9", Extent.LINE),
        ("M0 0 9 0 9 1", Extent.AREA),
        ("M0 0H9V1", Extent.AREA),
        ("M0 0C1 1 2 3 9 9", Extent.AREA),
        ("M0 0Q1 2 4 0", Extent.AREA),
        ("M0 0a4 4 0 0110 0", Extent.AREA),
        ("M0 0A0 4 0 0 1 10 0", Extent.LINE),
        ("M0 0A4 4 0 0 1 0 0", Extent.POINT),
        ("M0 0L9,0 bad L5,5", Extent.LINE),
        ("M9,9L1,1Zm5,0l1,1 1,0", Extent.AREA),
    ],
)
def test_a_path_covers_nothing_a_point_a_line_or_an_area(data: str, extent: Extent) -> None:
    assert path_extent(data) == extent


# Real drawings.


def by_hand(svg: str) -> str:
    """The repairs that most drawings of the thesis need."""
    svg = re.sub(r"(fill|stroke):(\d+),(\d+),(\d+)", r"\1:rgb(\2,\3,\4)", svg)
    return svg.replace('d="d=', 'd="').replace("None", "none")


def test_the_only_blank_drawings_of_the_thesis_are_explained(shared: Path) -> None:
    lines = (shared / "thesis_svgs.jsonl").read_text(encoding="utf-8").splitlines()
    blank = {}
    for sample in map(json.loads, lines):
        try:
            found = judged(by_hand(sample["svg"]))
        except BaseException as error:  # not well-formed, which resvg answers with a panic
            assert type(error).__name__ == "PanicException", error
            continue
        if found:
            blank[sample["id"]] = found
    assert set(blank) == {"complex_example_3", "medium_example_3"}
    for found in blank.values():
        assert found.explained
        assert "only loose characters: style=" in found.reason


def test_drawings_whose_stray_prefix_was_not_repaired_say_so(shared: Path) -> None:
    lines = (shared / "thesis_svgs.jsonl").read_text(encoding="utf-8").splitlines()
    stray = [svg for svg in (json.loads(line)["svg"] for line in lines) if svg.count('d="d=') == svg.count("<path") > 0]
    assert len(stray) > 50
    for svg in stray[:10]:
        blank = judged(svg)
        assert blank is not None and blank.reason.endswith("path data that begins with an error (no M)")


def test_nothing_is_called_hidden_in_drawings_that_show_something(shared: Path) -> None:
    suite = shared / "resvg-suite" / "tests"
    blank = {
        "painting/display/none-on-svg.svg": "display: none",
        "structure/svg/negative-size.svg": "an <svg> without area",
        "structure/svg/no-children.svg": "",
        "structure/svg/zero-size.svg": "an <svg> without area",
        "structure/systemLanguage/on-svg.svg": "meant for another language, or for renderers with extensions",
    }
    reasons = {}
    for path in suite.rglob("*.svg"):
        text = path.read_bytes()
        if b"<!ENTITY" in text:
            continue
        parts = census(etree.fromstring(text), fonts=True)
        if not parts.visible:
            reasons[path.relative_to(suite).as_posix()] = "".join(parts.hidden)
    assert reasons == blank
