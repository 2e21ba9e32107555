"""The size that a drawing says it has is the one that resvg gives it."""

from __future__ import annotations

import math
import time
from pathlib import Path

import pytest

from renderers.size import disabling_side, intrinsic_size, root_attributes


@pytest.mark.parametrize(
    ("root", "size"),
    [
        ('<svg width="30" height="20">', (30, 20)),
        ("<svg height = '20px'\n width='30'>", (30, 20)),
        ('<svg width="1in" height="2.54cm">', (96, 96)),
        ('<svg width="25.4mm" height="72pt">', (96, 96)),
        ('<svg width="6pc" height="+1.92e2PX">', (96, 192)),
        ('<svg width="2em" height="2ex">', (24, 12)),
        ('<svg viewBox="0 0 30 20">', (30, 20)),
        ('<svg viewBox="-5,-5,30,20" width="100%" height="50%">', (30, 10)),
        ('<svg viewBox="0 0 30 20" width="60">', (60, 20)),
        ('<svg viewBox="0 0 30 20" width="auto" height="-3">', (30, 20)),
        ('<svg viewBox="0 0 30 20" width="1e999" height="0">', (30, 20)),
        ('<s:svg xmlns:s="http://www.w3.org/2000/svg" width="30" height="20"/>', (30, 20)),
    ],
)
def test_units_percentages_and_the_view_box_give_pixels(root: str, size: tuple[float, float]) -> None:
    assert intrinsic_size(root) == pytest.approx(size)


@pytest.mark.parametrize(
    "root",
    [
        "<svg>",
        '<svg width="30">',
        '<svg width="30" height="50%">',
        '<svg viewBox="0 0 30 0">',
        '<svg viewBox="0 0 30">',
        '<svg viewBox="0 0 nan 20">',
        '<svg width="30" height="20"',
        '<html width="30" height="20">',
        "no drawing",
        "",
    ],
)
def test_a_size_that_the_root_does_not_tell_is_not_invented(root: str) -> None:
    assert intrinsic_size(root) is None


@pytest.mark.parametrize(
    ("root", "side"),
    [
        ('<svg width="0" height="20">', "width"),
        ('<svg viewBox="0 0 30 20" height=" -0.0mm ">', "height"),
        ('<svg width="30" height="-1e3">', "height"),
        ('<svg viewBox="0 0 30 20" width="0%">', "width"),
        ('<svg viewBox="0 0 30 20" width="0.0001" height="none">', ""),
        ('<svg viewBox="0 0 30 20" width="-30" height="-20">', ""),
        ('<svg viewBox="0 0 0 0">', ""),
    ],
)
def test_a_side_that_disables_rendering_is_named(root: str, side: str) -> None:
    assert disabling_side(root_attributes(root) or {}) == side


def test_what_stands_before_the_root_is_passed_over() -> None:
    prolog = '\ufeff<?xml version="1.0"?>\n<!-- <svg width="1" height="1"> -->\n<!DOCTYPE svg [<!ENTITY a "<svg>">] >\n'
    assert intrinsic_size(prolog + '<svg width="30" height="20"/>') == (30, 20)


def test_attributes_of_other_names_and_of_other_elements_do_not_count() -> None:
    root = """<svg data-note=' width="1" ' x:width="2" stroke-width="3" title="a>b" viewBox="0 0 30 20">"""
    assert intrinsic_size(root + '<svg width="4"/></svg>') == (30, 20)


@pytest.mark.parametrize(
    "svg",
    [
        '<svg a="b" ' * 100_000,
        "<!--" * 200_000,
        "<svg " + "a" * 1_000_000 + ">",
        '<svg width="' + "1" * 100_000 + 'x">',
        '<svg viewBox="' + "1 " * 100_000 + '">',
        "<!DOCTYPE " + "<!--x-->" * 100_000,
    ],
)
def test_hostile_text_is_read_in_linear_time(svg: str) -> None:
    start = time.process_time()
    assert intrinsic_size(svg) is None
    assert time.process_time() - start < 1


def test_the_sizes_of_resvgs_own_suite_are_those_that_resvg_gives(shared: Path) -> None:
    resvg = pytest.importorskip("resvg")
    options = resvg.usvg.Options.default()
    options.dpi = 96.0
    checked = 0
    for path in sorted((shared / "resvg-suite" / "tests" / "structure").rglob("*.svg")):
        svg = path.read_text(encoding="utf-8", errors="replace")
        size = intrinsic_size(svg)
        if size is None:  # negative and zero sizes, which resvg refuses, and none at all
            assert path.stem in ("negative-size", "zero-size", "no-size")
            continue
        tree = resvg.usvg.Tree.from_str(svg, options)
        assert tree.int_size() == tuple(max(1, math.ceil(side - 1e-4)) for side in size), path
        checked += 1
    assert checked > 200
