"""Suites of SVGs with reference pictures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from renderers.comparison.conformance import REFERENCES, run
from renderers.comparison.side_by_side import Bounds
from renderers.comparison.suite import SuiteError, read_suite

SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 8 8">{}</svg>'
ONE = Bounds(workers=1)


def add(folder: Path, name: str, content: str, reference: Image.Image) -> None:
    path = folder / "tests" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.with_suffix(".svg").write_text(SVG.format(content) if content else "")
    reference.save(path.with_suffix(".png"))


def square(size: tuple[int, int], colour: tuple[int, int, int, int]) -> Image.Image:
    return Image.new("RGBA", size, colour)


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    full = '<rect width="8" height="8" fill="{}"/>'
    add(tmp_path, "paint/exact", full.format("red"), square((20, 20), (255, 0, 0, 255)))
    # One channel of four off by 2 levels: 0.5 of 255, below the main bound and above the strict one.
    add(tmp_path, "paint/near", full.format("rgb(253,0,0)"), square((20, 20), (255, 0, 0, 255)))
    add(tmp_path, "paint/deep/wrong", full.format("blue"), square((20, 20), (255, 0, 0, 255)))
    add(tmp_path, "shape/other-size", full.format("red"), square((30, 30), (255, 0, 0, 255)))
    add(tmp_path, "shape/broken", "", square((20, 20), (255, 0, 0, 255)))
    add(tmp_path, "shape/empty", "<g/>", square((20, 20), (0, 0, 0, 0)))
    return tmp_path


def test_passes_are_counted_per_criterion_and_category(suite: Path) -> None:
    measured = run(read_suite(suite), ["resvg"], bounds=ONE)
    assert measured.judge == REFERENCES
    (record,) = measured.records()
    assert (record["cases"], record["main"], record["strict"], record["errors"]) == (6, 4, 3, 1)
    assert record["categories"] == {
        "paint": {"cases": 3, "main": 2, "strict": 1, "errors": 0},
        "shape": {"cases": 3, "main": 2, "strict": 2, "errors": 1},
    }
    differences = {verdict.outcome.id: verdict.difference for verdict in measured.verdicts}
    assert differences["paint/near"] == pytest.approx(0.5)
    assert differences["paint/deep/wrong"] == pytest.approx(255 * 2 / 4)
    assert differences["shape/empty"] == 0
    assert [row.label for row in measured.worst] == ["paint/deep/wrong"]


def test_each_case_is_drawn_in_the_size_of_its_reference(suite: Path) -> None:
    cases = {case.id: case.size for case in read_suite(suite).cases}
    assert (cases["shape/other-size"], cases["paint/exact"]) == ((30, 30), (20, 20))


def test_another_backend_can_be_the_judge_and_what_it_cannot_draw_counts_for_nobody(suite: Path) -> None:
    measured = run(read_suite(suite), ["resvg", "cairosvg"], against="cairosvg", bounds=ONE)
    assert (measured.judge, measured.backends) == ("cairosvg", ("resvg",))
    (record,) = measured.records()
    assert (record["cases"], record["main"], record["errors"]) == (5, 5, 0)  # it draws "wrong" alike
    assert list(measured.unjudged) == ["shape/broken"]


@pytest.mark.parametrize(("repair", "colour", "repairs"), [(True, 255, ("bare-rgb",)), (False, 0, ())])
def test_a_suite_is_repaired_as_any_drawing_is(
    tmp_path: Path, repair: bool, colour: int, repairs: tuple[str, ...]
) -> None:
    add(tmp_path, "a", '<rect width="8" height="8" fill="255,0,0"/>', square((20, 20), (colour, 0, 0, 255)))
    (verdict,) = run(read_suite(tmp_path), ["resvg"], repair=repair, bounds=ONE).verdicts
    assert (verdict.difference, verdict.outcome.repairs, verdict.category) == (0, repairs, "all")


def test_picture_files_of_the_suite_are_embedded_and_others_are_not(tmp_path: Path) -> None:
    suite, outside = tmp_path / "suite", tmp_path / "outside.png"
    square((4, 4), (0, 0, 255, 255)).save(outside)
    image = '<image width="8" height="8" xlink:href="{}"/>'
    blue = square((20, 20), (0, 0, 255, 255))
    add(suite, "inside", image.format("../pictures/dot.png"), blue)
    add(suite, "outside", image.format("../../outside.png"), blue)
    add(suite, "absolute", image.format(outside), blue)
    add(suite, "missing", image.format("no.png"), blue)
    add(suite, "web", image.format("http://localhost/dot.png"), blue)
    (suite / "pictures").mkdir()
    square((4, 4), (0, 0, 255, 255)).save(suite / "pictures" / "dot.png")
    found = read_suite(suite)
    assert found.incomplete == ["absolute", "missing", "outside"]
    differences = {v.outcome.id: v.difference for v in run(found, ["resvg"], bounds=ONE).verdicts}
    assert differences.pop("inside") == 0
    assert all(difference == pytest.approx(255 * 2 / 4) for difference in differences.values())


def test_a_folder_without_tests_is_a_suite_too_and_only_pairs_are_cases(tmp_path: Path) -> None:
    (tmp_path / "alone.svg").write_text(SVG.format(""))
    add(tmp_path / "x", "a", "", square((9, 7), (0, 0, 0, 0)))
    (tmp_path / "x" / "tests").rename(tmp_path / "category")
    suite = read_suite(tmp_path)
    assert [(case.id, case.category, case.size) for case in suite.cases] == [("category/a", "category", (9, 7))]
    assert suite.without_reference == (tmp_path / "alone.svg",)
    assert suite.fonts is None


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "0 SVG files, none with its reference"),
        ({"a.svg": "<svg/>"}, "1 SVG files, none with its reference"),
        ({"a.svg": "<svg/>", "a.png": "no picture"}, "cannot be read as the PNG"),
    ],
)
def test_what_is_no_suite_is_refused(files: dict[str, str], message: str, tmp_path: Path) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    with pytest.raises(SuiteError, match=message):
        read_suite(tmp_path)


def test_a_suite_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SuiteError, match="no folder"):
        read_suite(tmp_path / "nowhere")


def test_a_reference_beyond_the_limit_is_named(tmp_path: Path) -> None:
    add(tmp_path, "wide", "<g/>", Image.new("1", (5000, 1)))
    with pytest.raises(SuiteError, match=r"wide\.png: width is 5000"):
        run(read_suite(tmp_path), ["resvg"], bounds=ONE)


def test_resvg_passes_a_sample_of_its_own_suite(shared: Path) -> None:
    suite = read_suite(shared / "resvg-suite")
    assert (len(suite.cases), suite.fonts) == (1721, shared / "resvg-suite" / "fonts")
    sample = replace(suite, cases=tuple(case for case in suite.cases if case.category == "masking")[::6])
    (record,) = run(sample, ["resvg"], bounds=ONE).records()
    assert record["main"] == record["cases"] == 16
