"""Renderers side by side: pictures of the same drawings, compared in pairs."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from renderers import RENDERERS, InvalidSvg, RenderError, Rendering, RenderOptions
from renderers.comparison.agreement import Agreement, Compared, Difference, differences, measure
from renderers.comparison.contact_sheet import SIDE, Cell, Row, cell, contact_sheet
from renderers.comparison.side_by_side import Bounds, Outcome, Totals, side_by_side

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8" id="{}"><rect width="8" height="4" fill="red"/></svg>'

# A renderer of another package that is of another opinion on what is odd, and refuses what it finds difficult.
LONER = """
from PIL import Image
from renderers.registry import AVAILABLE

class Loner:
    name = "loner"

    def availability(self):
        return AVAILABLE

    def version(self):
        return "1"

    def draw(self, svg, canvas):
        if 'id="difficult"' in svg:
            raise ValueError("too difficult")
        picture = Image.new("RGBA", canvas.size)
        picture.paste("blue" if 'id="odd"' in svg else "red", (0, 0, canvas.width, canvas.height // 2))
        return picture
"""


@pytest.fixture
def loner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Its name; workers find it through its entry point, as they find those of other packages."""
    RENDERERS.names()  # the project's own first, as they register only once
    about = tmp_path / "site" / "loner-1.dist-info"
    about.mkdir(parents=True)
    (tmp_path / "site" / "loner_renderer.py").write_text(LONER)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: loner\nVersion: 1\n")
    (about / "entry_points.txt").write_text("[svg_caption_bench.renderers]\nloner = loner_renderer:Loner\n")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    monkeypatch.setattr(RENDERERS, "_parts", dict(RENDERERS._parts))
    monkeypatch.setattr(RENDERERS, "_loaded", False)
    return "loner"


def rendering(colour: str, backend: str = "x") -> Rendering:
    return Rendering(Image.new("RGB", (32, 32), colour), backend, (), "", 0.5)


def test_backends_that_draw_alike_agree_and_the_one_that_does_not_stands_alone(loner: str) -> None:
    drawings = [(id, SVG.format(id)) for id in ("plain", "odd", "difficult")]
    told: list[int] = []
    measured = measure(drawings, ["resvg", "cairosvg", loner], RenderOptions(32), Bounds(workers=1), drawn=told.append)
    assert sum(told) == 9
    assert [one.id for one in measured.drawings] == ["plain", "odd", "difficult"]
    assert [one.alone() for one in measured.drawings] == ["", "loner", ""]
    error = measured.drawings[2].outcomes[loner].error
    assert "too difficult" in error
    assert [Totals.of(measured.outcomes(name)).failed for name in measured.backends] == [0, 0, 1]

    by_pair = {(pair.first, pair.second): pair for pair in measured.pairs()}
    alike, other = by_pair["resvg", "cairosvg"], by_pair["resvg", loner]
    assert (alike.agreeing, alike.judged, alike.compared, alike.share) == (3, 3, 2, 1.0)
    assert alike.mean < 0.1
    assert alike.similarity > 0.999
    # "odd" differs by 255 in two of three channels over half of the canvas; "difficult" was not drawn by all.
    assert (other.agreeing, other.compared) == (1, 2)
    assert other.mean == pytest.approx((0 + 255 * 2 / 3 / 2) / 2, abs=0.1)
    assert [row.label.splitlines()[0] for row in measured.worst] == ["odd"]


def test_a_failed_drawing_agrees_with_nothing_and_one_that_nobody_drew_counts_for_nobody() -> None:
    def one(id: str, *failing: str) -> Compared:
        results: dict[str, Rendering | RenderError] = {
            name: InvalidSvg("broken") if name in failing else rendering("red") for name in "abc"
        }
        return Compared(id, {name: Outcome.of(id, name, one) for name, one in results.items()}, differences(results))

    measured = Agreement(("a", "b", "c"), (one("1"), one("2", "a"), one("3", "a", "b", "c")), ())
    counted = [(pair.first + pair.second, pair.agreeing, pair.judged, pair.compared) for pair in measured.pairs()]
    assert counted == [("ab", 1, 2, 1), ("ac", 1, 2, 1), ("bc", 2, 2, 1)]


def test_a_backend_that_draws_nothing_does_not_keep_the_others_from_being_compared() -> None:
    results: dict[str, Rendering | RenderError] = {
        "a": rendering("red"),
        "b": rendering("red"),
        "c": RenderError("not today"),
    }
    one = Compared("1", {name: Outcome.of("1", name, one) for name, one in results.items()}, differences(results))
    by_pair = {pair.first + pair.second: pair for pair in Agreement(("a", "b", "c"), (one,), ()).pairs()}
    assert (by_pair["ab"].compared, by_pair["ab"].mean) == (1, 0.0)
    assert (by_pair["ac"].compared, by_pair["ac"].share) == (0, 0.0)
    assert math.isnan(by_pair["ac"].mean)


@pytest.mark.parametrize(
    ("mean", "patch", "agree"), [(0.99, 63.9, True), (1.0, 0.0, False), (0.01, 64.0, False), (0.0, 0.0, True)]
)
def test_pictures_agree_when_neither_the_whole_nor_a_patch_differs_much(mean: float, patch: float, agree: bool) -> None:
    assert Difference(mean, patch, similarity=0.5).agree is agree


def test_an_empty_and_an_odd_picture_make_two_camps_in_which_nobody_is_alone() -> None:
    colours = {"a": "red", "b": "red", "c": "blue", "d": "blue"}
    results: dict[str, Rendering | RenderError] = {name: rendering(colour) for name, colour in colours.items()}
    one = Compared("1", {name: Outcome.of("1", name, one) for name, one in results.items()}, differences(results))
    assert one.alone() == ""


def test_drawings_are_read_a_batch_at_a_time(loner: str) -> None:
    read = itertools.count()

    def drawings() -> Iterator[tuple[str, str]]:
        for number in range(130):
            next(read)
            yield str(number), SVG.format(number)

    answers = side_by_side(drawings(), [loner], RenderOptions(8), Bounds(workers=1))
    assert next(answers)[0] == "0"
    assert next(read) == 64
    assert [id for id, _ in answers] == [str(number) for number in range(1, 130)]


def test_large_pictures_make_small_batches(loner: str) -> None:
    read: list[int] = []

    def drawings() -> Iterator[tuple[str, str]]:
        for number in range(6):
            read.append(number)
            yield str(number), SVG.format(number)

    answers = side_by_side(drawings(), [loner], RenderOptions(4096), Bounds(workers=1))
    next(answers)
    assert read == [0, 1, 2, 3]  # 256 MiB in a batch
    answers.close()


def test_totals_leave_the_time_of_failures_out() -> None:
    blank = Rendering(Image.new("RGB", (1, 1)), "x", ("bare-rgb",), "nothing drawn", 0.002, ("odd",))
    totals = Totals.of([Outcome.of("1", "x", blank), Outcome.of("2", "x", RenderError("no"))])
    assert totals == Totals(
        drawings=2, drawn=0, blank=1, failed=1, repaired=1, flagged=1, milliseconds=2.0, slowest=2.0
    )


def test_a_contact_sheet_shows_each_picture_in_its_place() -> None:
    rows = [
        Row("first", {"a": cell(Image.new("RGB", (400, 200), "red")), "b": Cell(note="failed: no")}),
        Row("second", {"a": cell(Image.new("RGBA", (64, 64), (0, 0, 255, 255)))}),
    ]
    sheet = contact_sheet(rows, ["a", "b"])
    colours = {colour: count for count, colour in sheet.getcolors(1 << 20) or []}
    assert colours[255, 0, 0] == SIDE * SIDE // 2  # reduced, its aspect ratio kept
    assert colours[0, 0, 255] == 64 * 64  # never enlarged
    letters = sum(count for (red, green, _), count in colours.items() if 20 < red - green < 240)
    assert letters > 20  # the note, in dark red
    red = [x for x in range(sheet.width) if sheet.getpixel((x, 40)) == (255, 0, 0)]
    blue = [x for x in range(sheet.width) if sheet.getpixel((x, 40 + SIDE + 28)) == (0, 0, 255)]
    assert red[0] == blue[0]


def test_a_transparent_picture_is_shown_on_checks() -> None:
    picture = cell(Image.new("RGBA", (32, 32))).picture
    assert picture is not None
    assert {colour for _, colour in picture.getcolors() or []} == {(255, 255, 255), (221, 221, 221)}
    assert (picture.getpixel((0, 0)), picture.getpixel((8, 0)), picture.getpixel((8, 8))) == (
        (221, 221, 221),
        (255, 255, 255),
        (221, 221, 221),
    )
