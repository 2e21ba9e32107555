"""Each hostile SVG is refused with the right error, or keeps nothing that leads out of it."""

from __future__ import annotations

import base64
import gzip
import re
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest

from renderers import InvalidSvg, RenderError, UnsafeSvg, prepare
from tests.renderers.hostile import Hostile, Lures

LURES = Lures(Path("/lures/of/this/test"), "127.0.0.1:4711")
INPUTS = Hostile(LURES)

_NAMES_BY_REASON = {
    "internal subset": "01_xxe_passwd 02_xxe_param_dtd 20_billion_laughs 21_quadratic_entity a17_data_xxe",
    "bytes": "71_base64_garbage_20MB 74_svgz_bomb",
    "limit: attributes": "c05_attributes_100k",
    "limit: characters": "c02_text_1e6",
    "limit: depth": "40_nested_g_200k 41_nested_svg_5k b07_use_chain_5000 b08_clip_chain_1000",
    "limit: elements": "43_elems_300k",
    "limit: expanded_elements": "52_use_bomb b01_pattern_bomb b02_mask_bomb b03_clip_bomb b04_marker_bomb "
    "b06_use_ring b13_bomb_in_data_svg",
    "limit: filter_cost": "62_morphology_1e4 63_turbulence 64_convolve_big b05_fe_image_bomb b09_bomb_by_style_sheet "
    "b10_each_filtered b11_filter_functions b14_morphology_scaled",
    "limit: nesting": "72_nested_data_svg",
    "limit: path_tokens": "42_path_1e6 c01_dasharray_300k c03_path_in_css",
    "limit: picture_pixels": "b12_picture_1000_times",
    "limit: picture_side": "70_png_bomb_30k",
    "limit: total_path_tokens": "c06_many_paths",
}
REFUSED_AS_UNSAFE = {name: reason for reason, names in _NAMES_BY_REASON.items() for name in names.split()}
REFUSED_AS_INVALID = frozenset(
    (
        *("83_latin1_nodecl", "84_null_byte", "85_empty", "86_binary", "87_png_named_svg", "88_html", "89_truncated"),
        *("90_leading_space_decl", "92_unescaped_amp", "93_undefined_ns", "94_dup_attr"),
    )
)
# Links that lead nowhere: the text of a script, which nothing runs, a comment, and plain text.
NO_REFERENCE = re.compile(r"<script.*?</script>|<!--.*?-->|<!\[CDATA\[.*?\]\]>", re.DOTALL)


def documents(text: str) -> list[str]:
    """A document and all that are embedded in it."""
    found = [text]
    for data in re.findall(r"data:[^,]*;base64,([A-Za-z0-9+/=]+)", text):
        content = base64.b64decode(data)
        content = gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content
        found += documents(content.decode("utf-16" if content.startswith(b"\xff\xfe") else "utf-8", "replace"))
    return found


def leads_out(text: str) -> list[str]:
    """Everything in a secured text that names a lure."""
    visible = [NO_REFERENCE.sub("", document) for document in documents(text)]
    return [
        document
        for document in visible
        if any(lure in document for lure in ("lures", "4711", "canary", "passwd", "<!DOCTYPE", "<!ENTITY"))
    ]


@pytest.mark.parametrize("name", INPUTS)
def test_a_hostile_svg_is_refused_or_loses_what_leads_out_of_it(name: str) -> None:
    data = INPUTS[name]
    start = time.process_time()
    if name in REFUSED_AS_UNSAFE:
        with pytest.raises(UnsafeSvg, match=REFUSED_AS_UNSAFE[name]):
            prepare(data, repair=False)
    elif name in REFUSED_AS_INVALID:
        with pytest.raises(InvalidSvg):
            prepare(data, repair=False)
    else:
        secured = prepare(data, repair=False).svg
        ElementTree.fromstring(secured)
        assert leads_out(secured) == []
    assert time.process_time() - start < 5


@pytest.mark.parametrize("name", sorted(set(INPUTS) - {"42_path_1e6", "40_nested_g_200k"}))
def test_repair_lets_nothing_through(name: str) -> None:
    try:
        secured = prepare(INPUTS[name]).svg
    except RenderError:
        return
    assert name not in REFUSED_AS_UNSAFE or REFUSED_AS_UNSAFE[name] == "internal subset"
    assert leads_out(secured) == []


def test_the_check_above_sees_a_reference_that_was_left() -> None:
    left = Hostile(LURES)
    for name in ("03_image_http", "a11_data_svg_reads_file", "a12_data_svg_in_data_svg", "a14_data_svgz"):
        assert leads_out(left[name].decode())


def test_of_the_conformance_suite_only_what_is_meant_is_refused(shared: Path) -> None:
    suite = shared / "resvg-suite" / "tests"
    refused = set()
    for path in sorted(suite.rglob("*.svg")):
        try:
            prepare(path.read_bytes(), repair=False)
        except RenderError as error:
            refused.add(f"{path.relative_to(suite)}: {type(error).__name__}")
    assert refused == {
        "filters/feMorphology/huge-radius.svg: UnsafeSvg",
        "structure/svg/attribute-value-via-ENTITY-reference.svg: UnsafeSvg",
        "structure/svg/elements-via-ENTITY-reference-1.svg: UnsafeSvg",
        "structure/svg/elements-via-ENTITY-reference-2.svg: UnsafeSvg",
        "structure/svg/elements-via-ENTITY-reference-3.svg: UnsafeSvg",
    }


def test_an_ordinary_drawing_passes_as_the_same_object() -> None:
    text = prepare(INPUTS["00_control"]).svg
    assert prepare(text).svg is text
