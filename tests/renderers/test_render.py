"""One SVG in this process: size, background, text, the order of the backends, and what is no SVG at all."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any, NoReturn

import pytest
from PIL import Image

from renderers import (
    RENDERERS,
    Canvas,
    Fonts,
    InvalidSvg,
    Limits,
    RenderError,
    RendererUnavailable,
    RenderOptions,
    UnsafeSvg,
    render,
)
from renderers.drawing import usable_backends
from renderers.registry import Availability, UnknownName

if TYPE_CHECKING:
    from pathlib import Path

RED, WHITE, BLUE, BLACK = (255, 0, 0), (255, 255, 255), (0, 0, 255), (0, 0, 0)
BACKENDS = ("resvg", "cairosvg")


def svg(body: str, attributes: str = 'viewBox="0 0 20 10"') -> str:
    return f'<svg xmlns="http://www.w3.org/2000/svg" {attributes}>{body}</svg>'


WIDE = svg('<rect width="20" height="10" fill="red"/>')


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_drawing_keeps_its_shape_in_the_middle_of_the_canvas(backend: str) -> None:
    rendering = render(WIDE, width=100, height=80, background="blue", backend=backend)
    assert rendering.image.mode == "RGB"
    assert rendering.image.size == (100, 80)
    assert rendering.image.crop((0, 15, 100, 65)).getextrema() == ((255, 255), (0, 0), (0, 0))
    assert rendering.image.crop((0, 0, 100, 15)).getextrema() == ((0, 0), (0, 0), (255, 255))
    assert rendering.image.crop((0, 65, 100, 80)).getextrema() == ((0, 0), (0, 0), (255, 255))
    assert rendering.backend == backend
    assert rendering.repairs == ()
    assert rendering.seconds > 0


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    "attributes",
    [
        'viewBox="0 0 20 10" preserveAspectRatio="none"',
        'width="20" height="10"',
        'width="40mm" height="20mm" viewBox="0 0 20 10"',
        'width="100%" height="100%" viewBox="0 0 20 10"',
    ],
)
def test_the_shape_is_that_of_the_document_however_it_is_given(backend: str, attributes: str) -> None:
    drawing = svg('<rect width="20" height="10" fill="red"/>', attributes)
    image = render(drawing, width=60, backend=backend).image
    assert image.getpixel((1, 16)) == image.getpixel((58, 43)) == RED
    assert image.getpixel((1, 13)) == image.getpixel((58, 46)) == WHITE


def test_the_canvas_is_a_square_of_224_pixels_on_white_by_default() -> None:
    image = render(svg('<rect width="5" height="5"/>')).image
    assert image.size == (224, 224)
    assert image.getpixel((223, 223)) == WHITE


@pytest.mark.parametrize("backend", BACKENDS)
def test_half_transparent_paint_mixes_with_the_background(backend: str) -> None:
    drawing = svg('<rect width="20" height="10" fill="black" fill-opacity="0.5"/>')
    for background, expected in (("white", 127), ("#204060", 16)):
        red = render(drawing, 20, 10, background, backend).image.getpixel((10, 5))[0]
        assert abs(red - expected) <= 1


@pytest.mark.parametrize("backend", BACKENDS)
def test_backends_draw_straight_alpha_on_a_transparent_canvas(backend: str) -> None:
    drawing = svg('<rect width="10" height="10" fill="#ff8000" fill-opacity="0.5"/>')
    drawn = RENDERERS[backend]().draw(drawing, Canvas(40, 40))
    assert (drawn.mode, drawn.size) == ("RGBA", (40, 40))
    assert drawn.getpixel((30, 20)) == drawn.getpixel((10, 5)) == (0, 0, 0, 0)
    red, green, blue, alpha = drawn.getpixel((10, 20))
    assert abs(red - 255) <= 1 and abs(green - 128) <= 2 and blue <= 1 and abs(alpha - 128) <= 1


@pytest.mark.skipif(not Fonts().generic_families(), reason="this machine has no fonts")
@pytest.mark.parametrize("family", ["", "serif", "sans-serif", "monospace", "cursive", "fantasy", "Arial", "Nowhere"])
def test_text_is_drawn_whatever_family_it_asks_for(family: str) -> None:
    rendering = render(svg(f'<text x="1" y="8" font-family="{family}">Hello</text>'), backend="resvg")
    assert rendering.blank == ""


def test_lengths_in_physical_units_are_drawn() -> None:
    drawing = svg('<rect width="2in" height="1in" fill="red"/>', 'width="2in" height="72pt"')
    assert render(drawing, width=20, height=10).image.getextrema() == ((255, 255), (0, 0), (0, 0))


def test_auto_prefers_resvg() -> None:
    assert render(WIDE).backend == "resvg"


class Panic(BaseException):
    """As a panic in Rust arrives in Python: not an Exception."""


@pytest.mark.parametrize("failure", [ValueError("SVG has an invalid size"), Panic("index out of bounds")])
def test_auto_falls_back_to_the_next_one_and_says_so(failure: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> NoReturn:
        raise failure

    monkeypatch.setattr(RENDERERS["resvg"], "draw", fail)
    rendering = render(WIDE, width=20, height=10)
    assert rendering.backend == usable_backends("auto")[1]
    assert rendering.fallbacks == (f"resvg: {type(failure).__name__}: {failure}",)
    assert rendering.image.getpixel((10, 5)) == RED


def test_a_named_backend_has_no_fallback(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> NoReturn:
        raise ValueError("SVG has an invalid size")

    monkeypatch.setattr(RENDERERS["resvg"], "draw", fail)
    with pytest.raises(RenderError, match="resvg: ValueError: SVG has an invalid size"):
        render(WIDE, backend="resvg")


def test_what_no_backend_can_draw_is_an_error_with_every_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> NoReturn:
        raise ValueError("SVG has an invalid size")

    names = usable_backends("auto")
    for name in names:
        monkeypatch.setattr(RENDERERS[name], "draw", fail)
    reasons = "; ".join(f"{name}: ValueError: SVG has an invalid size" for name in names)
    with pytest.raises(RenderError, match=reasons):
        render(WIDE)


@pytest.mark.parametrize("pixels", [Image.new("RGBA", (5, 5)), Image.new("RGB", (20, 20))], ids=["size", "mode"])
def test_a_backend_that_returns_other_pixels_than_asked_for_is_refused(
    pixels: Image.Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RENDERERS["resvg"], "draw", lambda *_: pixels)
    with pytest.raises(RenderError, match="it drew"):
        render(WIDE, width=20, backend="resvg")


def test_interrupting_is_not_a_failure_of_the_backend(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: Any) -> NoReturn:
        raise KeyboardInterrupt

    monkeypatch.setattr(RENDERERS["resvg"], "draw", interrupt)
    with pytest.raises(KeyboardInterrupt):
        render(WIDE)


def test_an_unknown_backend_is_answered_with_the_known_ones() -> None:
    with pytest.raises(UnknownName, match=r"Did you mean 'resvg'\? Known: resvg, librsvg, cairosvg"):
        render(WIDE, backend="resgv")


def test_a_named_backend_that_is_unavailable_gives_reason_and_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    missing = Availability("libcairo cannot be loaded", "apt install libcairo2")
    monkeypatch.setattr(RENDERERS["cairosvg"], "availability", lambda _: missing)
    with pytest.raises(RendererUnavailable, match="libcairo cannot be loaded — apt install libcairo2"):
        render(WIDE, backend="cairosvg")
    assert render(WIDE).backend == "resvg"


def test_cairosvg_without_libcairo_names_the_package_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    RENDERERS.names()
    for name in [name for name in sys.modules if name.partition(".")[0] in ("cairosvg", "cairocffi")]:
        monkeypatch.delitem(sys.modules, name)
    broken = tmp_path / "cairocffi"
    broken.mkdir()
    (broken / "__init__.py").write_text("raise OSError('no library called \"cairo-2\" was found\\ncannot load')")
    monkeypatch.syspath_prepend(str(tmp_path))
    availability = RENDERERS["cairosvg"]().availability()
    assert not availability
    assert 'no library called "cairo-2" was found' in availability.reason
    assert "apt install libcairo2" in availability.remedy


def test_a_package_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    RENDERERS.names()
    monkeypatch.setitem(sys.modules, "svg2png_py", None)
    monkeypatch.setitem(sys.modules, "cairosvg", None)
    monkeypatch.setattr(RENDERERS["librsvg"], "availability", lambda _: Availability("not here", "elsewhere"))
    assert RENDERERS["resvg"]().availability().remedy == "pip install svg2png-py"
    assert RENDERERS["cairosvg"]().availability().remedy == "pip install cairosvg"
    with pytest.raises(RendererUnavailable, match=r"pip install svg2png-py.+pip install cairosvg"):
        render(WIDE)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"width": 0}, "width is 0"),
        ({"width": 4097}, "width is 4097; it must be a whole number from 1 to 4096"),
        ({"height": -1}, "height is -1"),
        ({"width": 22.4}, "width is 22.4"),
        ({"background": "whit"}, "background is 'whit'"),
        ({"width": None}, "width is None"),
        ({"background": "#ffffff80"}, "must be opaque"),
    ],
)
def test_options_that_no_rendering_can_have_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        RenderOptions(**options)


def test_options_know_the_size_of_the_canvas() -> None:
    assert RenderOptions().size() == (224, 224)
    assert RenderOptions(width=30, height=20).size() == (30, 20)
    assert RenderOptions(width=4096).size() == (4096, 4096)
    assert RenderOptions(width=None, height=20).size() == (20, 20)
    assert RenderOptions(width=5000, limits=Limits(side=5000)).size() == (5000, 5000)


def test_a_transparent_background_keeps_the_alpha_channel() -> None:
    image = render(svg('<rect width="10" height="10" fill="blue"/>'), 40, 20, background="transparent").image
    assert image.mode == "RGBA"
    assert image.getpixel((10, 10)) == (0, 0, 255, 255)
    assert image.getpixel((30, 10)) == (0, 0, 0, 0)


LETTER = svg('<rect width="20" height="10" fill="red"/><!-- é -->')


@pytest.mark.parametrize(
    "data",
    [
        LETTER.encode(),
        b"\xef\xbb\xbf" + LETTER.encode(),
        LETTER.encode("utf-16"),
        b'<?xml version="1.0" encoding="ISO-8859-1"?>' + LETTER.encode("latin-1"),
        b"<?xml version='1.0' standalone='no'?>" + LETTER.encode(),
    ],
    ids=["utf-8", "utf-8 with mark", "utf-16", "latin-1", "declaration without encoding"],
)
@pytest.mark.parametrize("backend", BACKENDS)
def test_bytes_are_decoded_as_they_declare(data: bytes, backend: str) -> None:
    assert render(data, width=20, height=10, backend=backend).image.getpixel((10, 5)) == RED


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (LETTER.encode("latin-1"), "not in utf-8"),
        (b'<?xml version="1.0" encoding="x-none"?><svg/>', "x-none"),
        (b"", "empty"),
    ],
)
def test_bytes_that_are_no_text_are_refused_where_nothing_is_mended(data: bytes, message: str) -> None:
    with pytest.raises(InvalidSvg, match=message):
        render(data, repair=False)


def test_too_many_bytes_are_refused_before_they_are_decoded() -> None:
    with pytest.raises(UnsafeSvg, match="10,485,761 bytes or more; at most 10,485,760"):
        render(b"\xff" * (10 * 1024 * 1024 + 1))


def test_a_blank_picture_without_a_reason_is_tried_by_the_next_renderer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RENDERERS["resvg"], "draw", lambda self, svg, canvas: Image.new("RGBA", canvas.size))
    rendering = render(WIDE, width=20, height=10)
    assert rendering.backend == usable_backends("auto")[1]
    assert rendering.fallbacks[0].startswith("resvg: blank: ")
    assert rendering.blank == ""


def test_a_blank_picture_that_no_renderer_improves_is_that_of_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in usable_backends("auto"):
        monkeypatch.setattr(RENDERERS[name], "draw", lambda self, svg, canvas: Image.new("RGBA", canvas.size))
    rendering = render(WIDE)
    assert rendering.backend == "resvg"
    assert rendering.blank
    assert len(rendering.fallbacks) == len(usable_backends("auto"))


def test_a_blank_picture_that_the_document_accounts_for_ends_the_search() -> None:
    rendering = render(svg('<rect width="20" height="10" display="none"/>'))
    assert (rendering.backend, rendering.fallbacks) == ("resvg", ())
    assert rendering.blank


def test_text_without_any_font_is_flagged(tmp_path: Path) -> None:
    drawing = svg('<rect width="9" height="9"/><text x="1" y="8">Hello</text>')
    assert render(drawing, font_dir=tmp_path).flags == ("text-without-font",)
    assert "text-without-font" not in render(WIDE, font_dir=tmp_path).flags


def test_the_text_of_a_string_stands_whatever_its_declaration_says() -> None:
    declared = '<?xml version="1.0" encoding="UTF-16"?>' + WIDE
    for backend in BACKENDS:
        assert render(declared, width=20, height=10, backend=backend).image.getpixel((10, 5)) == RED


def test_importing_the_package_loads_neither_backends_nor_parsers() -> None:
    heavy = ("lxml", "numpy", "cairosvg", "resvg", "multiprocessing.connection", "concurrent.futures")
    code = f"import sys, renderers; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
