from __future__ import annotations

import pytest

from benchmark.metrics.validity.code import colour_code, file_name, path_data, svg_code


@pytest.mark.parametrize(
    "caption",
    [
        '<svg viewBox="0 0 8 8"><path d="M0 0"/></svg>',
        "a circle </svg>",
        "style=fill:0,0,0;stroke:None",
        'fill="red" is the colour',
        "fill:3,84,76;stroke:None;",
        "```xml\na cat",
        '<?xml version="1.0"?>',
        "a cat <g",
    ],
)
def test_svg_code_is_found(caption: str) -> None:
    assert svg_code(caption)


@pytest.mark.parametrize(
    "caption",
    [
        "The SVG code depicts a detailed illustration of a landscape scene.",
        "a path through a circle",
        "5 < 7",
        "I <3 you",
        "a rectangle, fill: none of it is red",
        "the style is flat; the stroke: thin",
        "a sign with <<< on it",
    ],
)
def test_words_about_drawings_are_no_code(caption: str) -> None:
    assert not svg_code(caption)


@pytest.mark.parametrize(
    "caption",
    [
        "448,221,448,226 L448,262 C448,267,452,271,457,271",
        "M2,0 L2,509 L508,509",
        "m 10 10 l 5 -5 z",
        "300,208",
        "1 2 3",
    ],
)
def test_path_data_is_found(caption: str) -> None:
    assert path_data(caption)


@pytest.mark.parametrize(
    "caption",
    [
        "The trunk is defined by coordinates (M512,465) and starts at point (496,452).",
        "from point (38, 189) to the right until reaching point (66, 91)",
        "the numbers 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 12 on a dial",
        "635",
        "3.5",
        "a MiG 29 and a Boeing 747",
        "A4 and A5 paper",
        "a sign with the word m 507 on it",
    ],
)
def test_numbers_in_sentences_are_no_path_data(caption: str) -> None:
    assert not path_data(caption)


@pytest.mark.parametrize(
    "caption",
    [
        "filled with a color defined as RGB(3, 84, 76).",
        "a yellowish hue (\\#251, 231, 82), forming a star",
        "orange-brown (#FBA252) on white (#fff)",
        "fill 0,0,0",
        "the colour 12, 13, 200",
    ],
)
def test_colour_codes_are_found(caption: str) -> None:
    assert colour_code(caption)


@pytest.mark.parametrize(
    "caption",
    [
        "#1 dad",
        "#dad",
        "#facade",
        "ticket #5000",
        "1,2,3",
        "1,234,200 people",
        "colours 1, 2 and 3",
        "a hash # sign",
        "&#233;t",
        "rgb lights",
    ],
)
def test_names_numbers_and_hash_tags_are_no_colour_codes(caption: str) -> None:
    assert not colour_code(caption)


@pytest.mark.parametrize(
    "caption", ["unknown_wd_422335.svg", "images/21ff.png: a cat", "[Solution](http://a.com/b.html)"]
)
def test_file_names_and_addresses_are_found(caption: str) -> None:
    assert file_name(caption)


@pytest.mark.parametrize(
    "caption", ["a file with .png on it", "the logo of www.example.com", "an svg", "end.Then a jpg"]
)
def test_formats_and_sites_are_no_file_names(caption: str) -> None:
    assert not file_name(caption)
