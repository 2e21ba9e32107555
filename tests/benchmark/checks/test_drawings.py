from __future__ import annotations

import pytest

from benchmark.datasets.checks import check_samples, drawings
from benchmark.datasets.registry import load_dataset
from benchmark.samples import Sample

STAR = '<path d="M10.2,1 L4,198 L190.7,78 L10,78 L160,198 L7,7 Z" fill="{}"/>'


def svg(body: str) -> str:
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 200">{body}</svg>'


RED = svg(STAR.format("red"))


@pytest.mark.parametrize(
    "copy",
    [
        f'<?xml version="1.0"?>\n<!-- made by hand -->\n{RED}',
        RED.replace("><", ">\n  <"),
        svg(f"<title>star</title><metadata>\n<a/></metadata>{STAR.format('red')}"),
    ],
)
def test_what_draws_nothing_makes_no_other_drawing(copy: str) -> None:
    assert drawings.content(copy) == drawings.content(RED)


@pytest.mark.parametrize(
    "other", [svg(STAR.format("blue")), RED.replace("10.2", "10.4"), RED.replace("<path", "<path id='a'")]
)
def test_colours_names_and_decimals_make_no_other_outline(other: str) -> None:
    assert drawings.content(other) != drawings.content(RED)
    assert drawings.outline(other) == drawings.outline(RED) != ""


def test_other_coordinates_or_attributes_make_another_outline() -> None:
    assert drawings.outline(RED.replace("198", "197")) != drawings.outline(RED)
    one = svg('<rect x="1" y="2"/>' * 10)
    assert drawings.outline(one) != drawings.outline(one.replace("x=", "cx=")) != ""


def test_the_line_dialect_has_outlines_too() -> None:
    lines = "style=fill:0,0,0;stroke:None\td=M11,471 A14,28,0,1,0,40,471 A14,28,0,1,0,11,471\n"
    assert drawings.outline(lines) == drawings.outline(lines.replace("fill:0,0,0", "fill:9,9,9")) != ""


def test_two_simple_shapes_are_no_copies_by_outline() -> None:
    assert drawings.outline(svg('<rect width="8" height="8"/>')) == ""


def test_copies_are_told_within_the_evaluated_and_against_the_learnt() -> None:
    blue = svg(STAR.format("blue"))
    evaluated = {"a": RED, "b": RED + "\n", "c": blue, "d": svg("<g/>")}
    assert [(f.what, f.examples) for f in drawings.findings(evaluated, {"t": blue})] == [
        ("drawings are the same as another one", ("b = a",)),
        ("drawings have the outline of another one", ("c = a",)),
        ("drawings are the same as one to learn from", ("c = t",)),
        ("drawings have the outline of one to learn from", ("a = t", "b = t")),
    ]


def test_openmoji_holds_no_copies_and_flags_in_other_colours() -> None:
    whole = load_dataset("openmoji")
    test = whole.split("test")
    found = check_samples(test.samples, whole.training_without(test).samples)
    assert [(f.what, f.count) for f in found] == [
        ("drawings have the outline of another one", 5),
        ("drawings have the outline of one to learn from", 12),
    ]


@pytest.mark.parametrize("unit", ["<!--", "<title>", "<?", " x", "> ", "d=", "d='", "<!DOCTYPE"])
def test_a_hostile_drawing_is_compared(unit: str) -> None:
    """Long enough to hang a search that is not linear."""
    sample = Sample("a", unit * (200_000 // len(unit)), ("a cat",))
    assert check_samples([sample], [sample])[-1].what == "drawings are the same as one to learn from"
