"""Before a backend sees an SVG: it stays within bounds, and nothing in it reaches outside of it."""

from __future__ import annotations

import base64
import time
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from renderers import RENDERERS, Canvas, InvalidSvg, UnsafeSvg, render
from renderers.safety import secure

if TYPE_CHECKING:
    from pathlib import Path

BACKENDS = ("resvg", "cairosvg")
NAMESPACES = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'


def svg(body: str) -> str:
    return f'<svg {NAMESPACES} viewBox="0 0 10 10">{body}</svg>'


@pytest.mark.parametrize(
    "text",
    [
        svg("<g   fill = 'red' ><rect\n width='1'/></g>"),
        '<?xml version="1.0" encoding="ISO-8859-1" ?>\n<!-- a --><?go on?>\n' + svg("é <![CDATA[<]]> &#65;") + "\n",
        "\ufeff" + svg(""),
        "<svg/>",
        svg('<use href="#a"/><use xlink:href="#Icons/a"/><a href=" data:text/plain,a"/>'),
        svg('<g fill="url(#a)" style="mask:url( \'#b\' )" transform="scale(2)"/><style>a{b:url("#c")}</style>'),
        svg("<style>@import url(data:text/css;base64,AAAA); /* url(http://x) */ a{b:'url(http://x)'}</style>"),
        svg("<style>@namespace url(http://www.w3.org/2000/svg); @namespace a 'http://x'; a{b:c}</style>"),
        svg("<style>@font-face{src:url(data:font/woff2;base64,d09GMg==)} a{b:'\\75rl(http://x)'}</style>"),
        svg('<script href="#a">alert(1)</script><g onload="alert(1)"/>'),
    ],
)
def test_text_without_anything_to_remove_passes_unchanged(text: str) -> None:
    assert secure(text) == (text, ())


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("attribute", ["href", "xlink:href", "src"])
@pytest.mark.parametrize("folder", ["", "file://", "data:/../", "#/../"])
def test_no_local_file_is_read(
    backend: str, attribute: str, folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "secret.png"
    Image.new("RGB", (10, 10), "red").save(secret)
    for name in ("data:", "#"):  # as a path, "data:/../secret.png" leads through a folder of that name
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path)
    target = f"{folder}secret.png" if folder in ("data:/../", "#/../") else f"{folder}{secret}"
    rendering = render(svg(f'<image {attribute}="{target}" width="10" height="10"/>'), backend=backend)
    assert rendering.blank
    assert rendering.image.getcolors() == [(224 * 224, (255, 255, 255))]
    assert rendering.repairs == (f"external-{attribute.removeprefix('xlink:')}",)


def test_the_files_above_would_be_read_without_the_removal(tmp_path: Path) -> None:
    secret = tmp_path / "secret.png"
    Image.new("RGB", (10, 10), "red").save(secret)
    image = svg(f'<image href="{secret}" width="10" height="10"/>')
    assert RENDERERS["resvg"]().draw(image, Canvas(8, 8)).getpixel((4, 4)) == (255, 0, 0, 255)


@pytest.mark.parametrize("backend", BACKENDS)
def test_no_local_file_is_read_through_a_document_inside_the_document(backend: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret.png"
    Image.new("RGB", (10, 10), "red").save(secret)
    inner = base64.b64encode(svg(f'<image href="{secret}" width="10" height="10"/>').encode()).decode()
    outer = svg(f'<image href="data:image/svg+xml;base64,{inner}" width="10" height="10"/>')
    assert render(outer, backend=backend).image.getcolors() == [(224 * 224, (255, 255, 255))]


@pytest.mark.parametrize("backend", BACKENDS)
def test_an_embedded_image_is_drawn(backend: str, tmp_path: Path) -> None:
    Image.new("RGB", (10, 10), "red").save(tmp_path / "red.png")
    data = base64.b64encode((tmp_path / "red.png").read_bytes()).decode()
    image = svg(f'<image href="data:image/png;base64,{data}" width="10" height="10"/>')
    assert render(image, width=10, backend=backend).image.getpixel((5, 5)) == (255, 0, 0)


@pytest.mark.parametrize(
    ("body", "expected", "change"),
    [
        ('<a href="http://x/"><g/></a>', "<a><g/></a>", "external-href"),
        ('<use xlink:href="other.svg#a"/>', "<use/>", "external-href"),
        ('<g xml:base="/etc/"/>', "<g/>", "xml-base"),
        ('<g fill="url(http://x/y#z)"/>', '<g fill="none"/>', "external-url"),
        ("<g style=\"fill:red;mask:URL( 'a.svg#b' )\"/>", '<g style="fill:red;mask:none"/>', "external-url"),
        ("<style>a{src:url(x.woff)}</style>", "<style>a{src:none}</style>", "external-url"),
        ("<style>a{b:url(#c)} @import 'x.css' screen; d{e:f}</style>", None, "external-import"),
        ("<style>@import/**/url(data:,;) , url(http://x);</style>", "<style></style>", "external-import"),
        ('<style>/* " */ a{b:url(http://x)} /* " */</style>', None, "external-url"),
        ("<style><!-- --><![CDATA[a{b:url(http://x)}]]></style>", "<style>a{b:none}</style>", "external-url"),
        ('<style>a{b:"x\n;c:url(http://x);d:"y"}</style>', None, "external-url"),
        ("<style>a{b:u\\72l(http://x)}</style>", "<style>a{b:none}</style>", "external-url"),
        ("<style>a{b:\\000075\tR\\L('http://x')}</style>", "<style>a{b:none}</style>", "external-url"),
        ("<g style='fill:\\55rl(http://x)'/>", '<g style="fill:none"/>', "external-url"),
        ("<g mask='ur\\6c (http://x)'/>", '<g mask="none"/>', "external-url"),
        ("<style>a{b:url(\\68ttp://x)}</style>", "<style>a{b:none}</style>", "external-url"),
        ("<style>a{b:url(#\\2e./\\2e./x.css)}</style>", "<style>a{b:none}</style>", "external-url"),
        ("<style>@\\49 mport 'x.css';</style>", "<style></style>", "external-import"),
        ("<style>@namespace a 'b' url(http://x);c{d:url(http://x)}</style>", None, "external-url"),
        (
            "<style>@import url(data:text/css,@import%20url%28http://x%29);</style>",
            "<style></style>",
            "external-import",
        ),
        ("<style>a{b:image-set('http://x' 1x)}</style>", "<style>a{b:none}</style>", "external-url"),
        ('<set attributeName="xlink:href" to="http://x"/>', '<set attributeName="xlink:href"/>', "external-href"),
    ],
)
def test_references_that_leave_the_document_are_removed(body: str, expected: str | None, change: str) -> None:
    text, changes = secure(svg(body))
    assert changes == (change,)
    assert "http://x" not in text
    assert "x.css" not in text
    if expected is not None:
        assert text == svg(expected)


def test_changes_are_named_once_and_in_order() -> None:
    text = (
        '<?xml version="1.0"?>\n<?xml-stylesheet href="a.css"?>\n<!DOCTYPE svg PUBLIC "-//W3C//DTD > SVG 1.1//EN"\n'
        ' "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">\n' + svg('<a href="x"/><a href="y"/>')
    )
    secured, changes = secure(text)
    assert changes == ("stylesheet-instruction", "doctype", "external-href")
    assert secured == svg("<a/><a/>")


def test_a_plain_doctype_is_cut_out_and_nothing_else_changes() -> None:
    text = '<?xml version="1.0"?>\n<!DOCTYPE svg>\n' + svg("<g   id='a'/>")
    assert secure(text) == ('<?xml version="1.0"?>\n\n' + svg("<g   id='a'/>"), ("doctype",))


def test_line_numbers_in_errors_are_those_of_the_original() -> None:
    with pytest.raises(InvalidSvg, match="line 4: "):
        secure('<!DOCTYPE svg\nPUBLIC "a"\n"b">\n' + svg("<g>"))


def entity_bomb(levels: int) -> str:
    entities = '<!ENTITY a0 "ha">' + "".join(
        f'<!ENTITY a{level} "{f"&a{level - 1};" * 10}">' for level in range(1, levels)
    )
    return f"<!DOCTYPE svg [{entities}]>" + svg(f"<text>&a{levels - 1};</text>")


def test_an_entity_bomb_is_refused_without_being_lit() -> None:
    start = time.process_time()
    with pytest.raises(UnsafeSvg, match="entities"):
        secure(entity_bomb(10))
    assert time.process_time() - start < 1


@pytest.mark.parametrize(
    "subset", ['<!ENTITY x SYSTEM "file:///etc/passwd">', '<!ENTITY % p SYSTEM "http://x/"> %p;', ""]
)
def test_a_doctype_with_an_internal_subset_is_refused(subset: str) -> None:
    with pytest.raises(UnsafeSvg, match="xmllint --noent --dropdtd"):
        secure(f"<!-- [ --><!DOCTYPE svg [{subset}]>" + svg(""))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the text is empty"),
        ("a lonely caption", "line 1: "),
        ("<svg>\n\n<g></svg>", "line 3: "),
        ("<svg>\n&nbsp;</svg>", "line 2: Entity 'nbsp' not defined"),
        (svg("\n<use y:href='#a'/>"), "line 2: Namespace prefix y"),
        ("<svg><g a='1' a='2'/></svg>", "line 1: Attribute a redefined"),
        ("<svg>\x00</svg>", "line 1: "),
        ("<svg>\ud800</svg>", "surrogate"),
        ("<svg/><svg/>", "line 1: Extra content"),
        ('<!DOCTYPE svg "><svg/>', "line 1: "),
        ("<html><svg/></html>", "root element is <html>, not an <svg>"),
        ('<svg xmlns="http://x/y"/>', "root element is <svg> of the namespace http://x/y"),
    ],
)
def test_what_is_no_svg_is_refused_with_line_and_reason(text: str, message: str) -> None:
    with pytest.raises(InvalidSvg, match=message):
        secure(text)


@pytest.mark.parametrize("css", ["@import/*", "url(", '"\\', "/*", "@import", "url('", "@import url(", "\\" * 9])
def test_no_style_sheet_takes_more_than_linear_time(css: str) -> None:
    text = svg(f"<style>{css * (1024 * 1024 // len(css))}</style>")
    start = time.process_time()
    secure(text)
    assert time.process_time() - start < 5
