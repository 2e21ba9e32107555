"""``render`` as a user types it."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from benchmark.cli.drawings import Drawing, limited, of_dataset, of_paths, picture_names
from renderers import RENDERERS

RED = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><rect width="8" height="8" fill="red"/></svg>'
BARE = RED.replace("red", "255,0,0")
EMPTY = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"/>'
BROKEN = "<svg><g></svg"


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def drawings() -> Path:
    folder = Path("drawings")
    (folder / "deep").mkdir(parents=True)
    (folder / "red.svg").write_text(RED)
    (folder / "deep" / "red.svgz").write_bytes(gzip.compress(RED.encode("utf-16")))
    (folder / "deep" / "bare.svg").write_text(BARE)
    (folder / "empty.svg").write_text(EMPTY)
    (folder / "broken.svg").write_text(BROKEN)
    (folder / "notes.txt").write_text("no drawing")
    return folder


def table(path: str) -> list[dict[str, str]]:
    with Path(path).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_folder_becomes_pictures_and_a_table(drawings: Path, cli: Callable) -> None:
    code, out, err = cli("render", drawings, "--size", 16, "--out", "out")
    assert code == 0, err
    pictures = {path.relative_to("out").as_posix() for path in Path("out").rglob("*.png")}
    assert pictures == {"red.png", "empty.png", "deep/red.png", "deep/bare.png"}
    for name in pictures - {"empty.png"}:
        with Image.open(Path("out", name)) as picture:
            assert (picture.mode, picture.size, picture.getpixel((8, 8))) == ("RGB", (16, 16), (255, 0, 0))
    rows = {row["id"]: row for row in table("out/renderings.csv")}
    assert {id: row["status"] for id, row in rows.items()} == {
        "drawings/broken.svg": "failed",
        "drawings/deep/bare.svg": "drawn",
        "drawings/deep/red.svgz": "drawn",
        "drawings/empty.svg": "blank",
        "drawings/red.svg": "drawn",
    }
    assert rows["drawings/deep/bare.svg"]["repairs"] == "bare-rgb"
    assert rows["drawings/deep/bare.svg"]["file"] == "deep/bare.png"
    assert rows["drawings/broken.svg"]["file"] == ""
    assert rows["drawings/empty.svg"]["blank"] in out
    assert rows["drawings/broken.svg"]["error"] in " ".join(out.split())
    assert "4 PNG files in out" in out
    assert not list(Path("out").rglob("*.part"))


def test_json_is_one_document_with_all_counts(drawings: Path, cli: Callable) -> None:
    code, out, _ = cli("render", drawings, "--size", 16, "--out", "out", "--json", "--backend", "resvg")
    document = json.loads(out)
    assert code == 0
    assert {name: document[name] for name in ("backend", "drawings", "drawn", "blank", "failed", "repaired")} == {
        "backend": "resvg",
        "drawings": 5,
        "drawn": 3,
        "blank": 1,
        "failed": 1,
        "repaired": 1,
    }
    assert document["counts"]["repair"] == {"bare-rgb": 1}
    assert [problem["status"] for problem in document["problems"]] == ["failed", "blank"]


def test_without_repair_the_drawing_is_shown_as_it_stands(cli: Callable) -> None:
    Path("bare.svg").write_text(BARE)
    assert cli("render", "bare.svg", "--no-repair", "--out", ".", "--height", 9).code == 0
    with Image.open("bare.png") as picture:
        assert (picture.size, picture.getpixel((4, 4))) == ((9, 9), (0, 0, 0))


def test_a_transparent_background_keeps_the_alpha_channel(cli: Callable) -> None:
    Path("half.svg").write_text(RED.replace('height="8"', 'height="4"'))
    assert cli("render", "half.svg", "--background", "transparent", "--width", 8, "--out", "out").code == 0
    with Image.open("out/half.png") as picture:
        assert (picture.mode, picture.getpixel((4, 1)), picture.getpixel((4, 6))[3]) == ("RGBA", (255, 0, 0, 255), 0)


def test_a_named_file_that_cannot_be_drawn_is_exit_code_1(drawings: Path, cli: Callable) -> None:
    code, out, err = cli("render", drawings / "red.svg", drawings / "broken.svg", "--out", "out")
    assert (code, Path("out/red.png").exists()) == (1, True)
    assert "drawings/broken.svg could not be drawn" in err
    assert "drawings/broken.svg (auto): " in out


def test_a_folder_of_which_nothing_can_be_drawn_is_exit_code_1(cli: Callable) -> None:
    Path("bad").mkdir()
    Path("bad/one.svg").write_text(BROKEN)
    code, _, err = cli("render", "bad", "--out", "out")
    assert (code, "not one drawing could be drawn" in err) == (1, True)


def test_several_backends_are_compared(drawings: Path, cli: Callable) -> None:
    code, out, err = cli("render", drawings, "--size", 16, "--out", "out", "--backend", "resvg,cairosvg,auto")
    assert code == 0, err
    assert "share of 4 drawings that agree" in out
    assert "100.0%" in out
    rows = table("out/agreement.csv")
    assert len(rows) == 4 * 3
    assert {row["agree"] for row in rows} == {"yes"}
    assert len(table("out/renderings.csv")) == 5 * 3
    assert not Path("out/contact_sheet.png").exists()  # nothing to look at


def test_disagreements_are_on_a_contact_sheet(cli: Callable) -> None:
    # CairoSVG knows no feColorMatrix and draws the square as if there were no filter.
    Path("hue.svg").write_text(
        RED.replace("<rect", '<filter id="f"><feColorMatrix type="hueRotate" values="120"/></filter><rect').replace(
            'fill="red"', 'fill="red" filter="url(#f)"'
        )
    )
    code, out, _ = cli("render", "hue.svg", "--backend", "resvg,cairosvg", "--out", "out", "--json", "--size", 32)
    (pair,) = json.loads(out)["pairs"]
    assert (code, pair["agreeing"], pair["judged"]) == (0, 0, 1)
    assert pair["mean_absolute_difference"] > 50
    with Image.open("out/contact_sheet.png") as sheet:
        assert sheet.width > 2 * 160


def test_a_dataset_is_drawn_by_id_and_the_draw_is_that_of_run(own_data: Path, cli: Callable) -> None:
    from benchmark.datasets.own import load

    expected = [sample.id for sample in load(own_data).split("test").limit(3, seed=5).samples]
    arguments = ("--dataset", own_data, "--limit", 3, "--seed", 5, "--out", "out", "--size", 8, "--json")
    code, out, _ = cli("render", *arguments)
    assert (code, json.loads(out)["drawings"]) == (0, 3)
    assert [row["id"] for row in table("out/renderings.csv")] == expected


def test_own_data_needs_no_captions(cli: Callable) -> None:
    Path("bare.jsonl").write_text("".join(json.dumps({"id": f"n{i}", "svg": RED}) + "\n" for i in range(3)))
    assert [drawing.id for drawing in fields("bare.jsonl")] == ["n0", "n1", "n2"]
    Path("other.csv").write_text("key,drawing\nk1,<svg/>\n")
    assert [(drawing.id, drawing.source) for drawing in fields("other.csv", svg_field="drawing")] == [("k1", "<svg/>")]


def fields(spec: str, **chosen: str) -> list[Drawing]:
    return of_dataset(spec, "test", **{"svg_field": None, "id_field": None, "split_field": None, **chosen})


def test_conformance_is_counted_per_category_and_written(cli: Callable) -> None:
    for name, colour in (("a/right", "red"), ("b/wrong", "blue")):
        path = Path("suite/tests", name)
        path.parent.mkdir(parents=True)
        path.with_suffix(".svg").write_text(RED)
        Image.new("RGB", (20, 20), colour).save(path.with_suffix(".png"))
    code, out, _ = cli("render", "--conformance", "suite", "--backend", "resvg", "--out", "out", "--json")
    document = json.loads(out)
    (record,) = document["backends"]
    assert (code, document["judge"], record["main"], record["cases"]) == (0, "reference pictures", 1, 2)
    assert [(row["id"], row["main"]) for row in table("out/conformance.csv")] == [
        ("a/right", "pass"),
        ("b/wrong", "fail"),
    ]
    assert Path("out/conformance.png").exists()
    code, out, _ = cli("render", "--conformance", "suite", "--backend", "resvg,cairosvg", "--against", "cairosvg")
    assert (code, "main criterion: mean absolute difference to cairosvg below 1" in out, "2/2" in out) == (
        0,
        True,
        True,
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere.svg"], "nowhere.svg: no such file or folder"),
        (["empty"], "empty holds no .svg or .svgz files"),
        (["red.svg", "--backend", "resgv"], "there is no renderer 'resgv'. Did you mean 'resvg'?"),
        (["red.svg", "--background", "mauv"], "background is 'mauv'"),
        (["red.svg", "--size", "99999"], "width is 99999"),
        (["red.svg", "--size", "9", "--width", "9"], "--size is both width and height"),
        (["red.svg", "--svg-limit", "dept=9"], "there is no limit 'dept'. Did you mean 'depth'?"),
        (["red.svg", "--svg-limit", "depth=-9"], "the limit 'depth' is '-9'"),
        (["red.svg", "--dataset", "openmoji"], "one of them"),
        ([], "one of them"),
        (["red.svg", "--against", "resvg"], "--against belongs to --conformance"),
        (["--conformance", "empty"], "0 SVG files, none with its reference"),
        (["--conformance", "empty", "--size", "9"], "--size has no meaning with --conformance"),
        (["red.svg", "--out", "red.svg"], "is a file"),
        (["red.svg", "--out", "red.svg/deep"], "cannot write red.svg/deep"),
        (["--dataset", "red.svg"], "red.svg: not a format that can be read"),
    ],
)
def test_bad_input_is_exit_code_2_and_says_what_is_wrong(arguments: list[str], message: str, cli: Callable) -> None:
    Path("empty").mkdir()
    Path("red.svg").write_text(RED)
    code, _, err = cli("render", *arguments)
    assert (code, message in " ".join(err.split())) == (2, True), err


def test_a_backend_that_cannot_work_here_is_exit_code_3_and_an_error_beside_others(
    cli: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    from renderers.registry import Availability

    monkeypatch.setattr(RENDERERS["cairosvg"], "availability", lambda self: Availability("no cairo", "install it"))
    Path("red.svg").write_text(RED)
    code, _, err = cli("render", "red.svg", "--backend", "cairosvg")
    assert (code, "no cairo — install it" in err) == (3, True)
    code, _, err = cli("render", "red.svg", "--backend", "resvg,cairosvg")
    assert (code, "were named and cannot draw here" in err) == (2, True)


def test_limits_can_be_raised_and_lowered(cli: Callable) -> None:
    Path("red.svg").write_text(RED)
    code, out, _ = cli("render", "red.svg", "--svg-limit", "bytes=20", "--out", "out", "--json")
    assert (code, "at most 20" in json.loads(out)["problems"][0]["reason"]) == (1, True)
    wide = ("render", "red.svg", "--width", 4100, "--height", 4, "--out", "out")
    assert cli(*wide).code == 2
    assert cli(*wide, "--svg-limit", "side=5000").code == 0


def test_pictures_never_overwrite_each_other() -> None:
    wanted = ["a", "A", "a", "b/a", "b.png/a", "b", "../x", "x", "é", "", "n" * 300, "a/b?", "a/b*"]
    names = picture_names([Drawing(f"id {i}", name, "") for i, name in enumerate(wanted)])
    assert names[0] == "a.png"
    assert names[3] == "b/a.png"
    assert len({name.casefold() for name in names}) == len(wanted)
    assert all(name.endswith(".png") and name.isascii() and max(map(len, name.split("/"))) < 150 for name in names)
    assert not any(part in ("", "..") or part.startswith("/") for name in names for part in name.split("/"))
    folders = {"/".join(name.split("/")[:i]) for name in names for i in range(1, name.count("/") + 1)}
    assert not folders & set(names)


def test_a_file_that_is_given_twice_is_drawn_once(drawings: Path) -> None:
    found = of_paths([drawings, drawings / "red.svg", Path("drawings/../drawings/red.svg")])
    assert sorted(drawing.name for drawing in found) == ["broken", "deep/bare", "deep/red", "empty", "red"]
    assert [drawing.named for drawing in found if drawing.name == "red"] == [True]


def test_a_larger_limit_holds_the_drawings_of_a_smaller_one() -> None:
    few, more = (limited([str(i) for i in range(50)], str, count, seed=1) for count in (5, 20))
    assert (len(few), len(more), set(few) <= set(more)) == (5, 20, True)
    assert more == sorted(more, key=int)
