"""Pictures inside an SVG: judged by their content before anything decodes them."""

from __future__ import annotations

import base64
import gzip
import io
import re

import pytest
from PIL import Image

from renderers import Limits, UnsafeSvg
from renderers.safety import secure

NAMESPACES = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'


def svg(body: str) -> str:
    return f'<svg {NAMESPACES} viewBox="0 0 10 10">{body}</svg>'


def url(content: bytes | str, kind: str = "image/svg+xml") -> str:
    data = content.encode() if isinstance(content, str) else content
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


def picture(target: str) -> str:
    return svg(f'<image href="{target}" width="10" height="10"/>')


def raster(kind: str, width: int = 3, height: int = 2) -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (width, height), "red").save(target, kind)
    return target.getvalue()


def inside(text: str) -> str:
    """The document that the first embedded picture of ``text`` holds."""
    found = re.search(r'"data:image/svg\+xml;base64,([^"]*)"', text)
    assert found is not None
    return base64.b64decode(found[1]).decode()


EXTERNAL = svg('<image href="/etc/a.png"/><g style="fill:url(http://x)"/>')


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "BMP"])
@pytest.mark.parametrize("declared", ["image/png", "image/x-unknown", ""])
def test_a_raster_picture_passes_whatever_type_is_declared(kind: str, declared: str) -> None:
    text = picture(url(raster(kind), declared))
    assert secure(text) == (text, ())


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "BMP"])
def test_a_raster_picture_beyond_the_limit_is_refused_by_its_header(kind: str) -> None:
    limits = Limits(picture_side=64)
    assert secure(picture(url(raster(kind, 64, 5))), limits)[1] == ()
    for size in ((65, 5), (5, 65)):
        with pytest.raises(UnsafeSvg, match="65 pixels on one side of an embedded picture; at most 64"):
            secure(picture(url(raster(kind, *size))), limits)


def test_pictures_count_as_often_as_they_are_used() -> None:
    shown = f'<image id="i" href="{url(raster("PNG", 10, 10))}"/>'
    limits = Limits(picture_pixels=300)
    assert secure(svg(shown + '<use href="#i"/>' * 2), limits)[1] == ()
    with pytest.raises(UnsafeSvg, match="400 pixels in embedded pictures"):
        secure(svg(shown + '<use href="#i"/>' * 3), limits)


@pytest.mark.parametrize(
    "target",
    [
        url(EXTERNAL),
        url(EXTERNAL, "IMAGE/SVG+XML;charset=utf-8"),
        url(EXTERNAL, "image/png"),
        url(gzip.compress(EXTERNAL.encode())),
        url(EXTERNAL.encode("utf-16")),
        "data:image/svg+xml," + EXTERNAL.replace("%", "%25").replace('"', "%22").replace("<", "%3c"),
        "data:image/svg+xml;utf8," + EXTERNAL.replace('"', "&apos;").replace("<", "&lt;"),
    ],
)
def test_references_inside_an_embedded_document_are_removed(target: str) -> None:
    secured, changes = secure(picture(target))
    assert changes == ("external-href", "external-url")
    assert "/etc" not in secured
    assert inside(secured) == svg('<image/><g style="fill:none"/>')


def test_references_are_removed_at_every_level_and_deeper_levels_are_refused() -> None:
    twice = picture(url(picture(url(picture(url(EXTERNAL))))))
    secured, changes = secure(twice)
    assert changes == ("external-href", "external-url")
    assert inside(inside(inside(secured))) == svg('<image/><g style="fill:none"/>')
    with pytest.raises(UnsafeSvg, match="4 levels of SVG documents inside each other"):
        secure(picture(url(twice)))
    with pytest.raises(UnsafeSvg, match="limit: nesting"):
        secure(picture(url(svg(""))), Limits(nesting=0))


def test_an_embedded_document_without_references_passes_byte_for_byte() -> None:
    text = picture(url(svg("<g   id='a' />")))
    assert secure(text)[0] is text


def test_embedded_documents_share_the_limits_of_the_whole() -> None:
    part = svg("<g/>" * 20)
    limits = Limits(elements=50)
    two, three = (svg(f'<image href="{url(part)}"/>' * count) for count in (2, 3))
    assert secure(two, limits) == (two, ())
    with pytest.raises(UnsafeSvg, match="elements; at most 50"):
        secure(three, limits)
    # the root, seven uses, and eight times the image with the 21 elements that it shows
    with pytest.raises(UnsafeSvg, match="184 elements to draw"):
        secure(svg(f'<image id="i" href="{url(part)}"/>' + '<use href="#i"/>' * 7), Limits(expanded_elements=170))
    bomb = gzip.compress(svg(" " * 20_000_000).encode())
    with pytest.raises(UnsafeSvg, match="bytes"):
        secure(picture(url(bomb)))


@pytest.mark.parametrize(
    "target",
    [
        url(b"\x00garbage" * 100, "image/png"),
        url(b"\x89PNG\r\n\x1a\n broken", "image/png"),
        url(b"%!PS-Adobe-3.0\n(/etc/passwd) run", "image/eps"),
        url("<html><img src='http://x'/></html>", "text/html"),
        url("<svg><g></svg>"),
        "data:image/png;base64,../../x.png",
        "data:,nothing",
    ],
)
def test_a_picture_that_is_none_is_removed_and_reported(target: str) -> None:
    assert secure(picture(target)) == (svg('<image width="10" height="10"/>'), ("unreadable-picture",))


def test_data_that_is_no_picture_stays_where_none_is_asked_for() -> None:
    text = svg('<a href="data:text/html,%3Cp%3E"/><style>@font-face{src:url("data:font/ttf;base64,AAEAAA==")}</style>')
    assert secure(text) == (text, ())


def test_an_embedded_picture_in_css_is_secured_too() -> None:
    secured, changes = secure(svg(f"<g style=\"mask-image:url('{url(EXTERNAL)}')\"/>"))
    assert changes == ("external-href", "external-url")
    assert inside(secured.replace("&quot;", '"')) == svg('<image/><g style="fill:none"/>')
