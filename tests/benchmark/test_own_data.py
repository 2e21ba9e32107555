"""The user's own data becomes checked samples, and every fault names file, place, field and remedy."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmark.datasets.own import load
from benchmark.errors import UserError
from benchmark.samples import Sample

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
SVG = "<svg xmlns='http://www.w3.org/2000/svg'><path d='M0,0 L9,9'/></svg>"
GOOD = {"id": "a", "svg": SVG, "caption": "a line"}


def jsonl(folder: Path, *records: object) -> Path:
    path = folder / "my.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


def refusal(path: Path, **options: Any) -> str:
    with pytest.raises(UserError) as caught:
        load(path, **options)
    return str(caught.value)


def test_a_record_becomes_a_sample(tmp_path: Path) -> None:
    record = {"id": 7, "svg": SVG, "captions": [" a line\n", "a stroke"], "category": "lines", "split": "dev"}
    dataset = load(jsonl(tmp_path, record))
    assert dataset.samples == (Sample("7", SVG, ("a line", "a stroke"), "lines", "validation"),)
    assert dataset.name == "my"
    assert dataset.notes["source"] == "my.jsonl"
    assert dataset.notes["fields"] == (
        "drawings from 'svg'; captions from 'captions'; ids from 'id'; groups from 'category'; splits from 'split'"
    )


def test_samples_without_a_split_are_test(tmp_path: Path) -> None:
    assert load(jsonl(tmp_path, GOOD)).samples[0].split == "test"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("train", "train"),
        ("val", "validation"),
        ("valid", "validation"),
        ("Dev", "validation"),
        ("test", "test"),
    ],
)
def test_usual_split_names_are_understood(tmp_path: Path, written: str, meant: str) -> None:
    assert load(jsonl(tmp_path, GOOD | {"split": written})).samples[0].split == meant


def test_a_missing_id_becomes_the_position_and_is_said(tmp_path: Path) -> None:
    dataset = load(jsonl(tmp_path, {"svg": SVG, "caption": "one"}, {"svg": SVG, "caption": "two"}))
    assert [sample.id for sample in dataset.samples] == ["my-000001", "my-000002"]
    assert "ids made of the source's name and the position" in dataset.notes["fields"]


def test_repeated_and_blank_references_are_left_out_and_counted(tmp_path: Path) -> None:
    record = {"id": "a", "svg": SVG, "captions": ["a line", "a line ", " ", "a stroke"]}
    dataset = load(jsonl(tmp_path, record))
    assert dataset.samples[0].references == ("a line", "a stroke")
    assert dataset.notes["repeated references left out"] == "1"
    assert dataset.notes["blank references left out"] == "1"


def test_nothing_left_out_is_not_noted(tmp_path: Path) -> None:
    assert set(load(jsonl(tmp_path, GOOD)).notes) == {"source", "fields"}


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("my data (v2).jsonl", "my-data-v2"),
        ("..jsonl", "dataset"),
        ("a.b.jsonl", "a.b"),
        (f"{'x' * 90}.jsonl", "x" * 60),
    ],
)
def test_the_name_is_fit_for_a_directory(tmp_path: Path, name: str, meant: str) -> None:
    path = jsonl(tmp_path, GOOD).rename(tmp_path / name)
    assert load(path).name == meant


def test_ids_may_hold_slashes_dots_and_any_script(tmp_path: Path) -> None:
    ids = ["a/../b", "/etc/passwd", "漢字", "e\u0301 👩‍🎨", "a b"]
    dataset = load(jsonl(tmp_path, *(GOOD | {"id": name} for name in ids)))
    assert [sample.id for sample in dataset.samples] == ids


def test_whole_numbers_are_the_same_id_in_every_format(tmp_path: Path) -> None:
    assert [s.id for s in load(jsonl(tmp_path, GOOD | {"id": 7.0}, GOOD | {"id": 8})).samples] == ["7", "8"]


def test_the_line_dialect_is_a_drawing(tmp_path: Path) -> None:
    text = "style=fill:0,0,0;stroke:None\td=M1,1 L2,2 \n"
    assert load(jsonl(tmp_path, GOOD | {"svg": text})).samples[0].svg == text


@pytest.mark.parametrize(
    ("change", "field", "fault", "remedy"),
    [
        ({"svg": ""}, "svg", "the drawing is empty", "remove the record"),
        ({"svg": " \n\t"}, "svg", "the drawing is empty", "remove the record"),
        ({"svg": None}, "svg", "is null, not text", "remove the record"),
        ({"svg": {"bytes": "PHN2Zz4="}}, "svg", "is an object, not text", "remove the record"),
        ({"svg": "a picture.png"}, "svg", "neither SVG nor the path", "--svg-field"),
        ({"svg": "<svg>\ud800</svg>"}, "svg", "half a character (\\ud800)", "Remove it"),
        ({"caption": ""}, "caption", "only blank captions", "add one"),
        ({"caption": [" ", ""]}, "caption", "only blank captions", "add one"),
        ({"caption": []}, "caption", "no caption", "add one"),
        ({"caption": None}, "caption", "no caption", "add one"),
        ({"caption": 3}, "caption", "is a number, not text", "remove the record"),
        ({"caption": ["a", {"text": "b"}]}, "caption", "item 2 is an object, not text", "remove the record"),
        ({"caption": "\udfff"}, "caption", "half a character", "Remove it"),
        ({"id": None}, "id", "the id is null", "text or number"),
        ({"id": True}, "id", "the id is true or false", "text or number"),
        ({"id": float("nan")}, "id", "the id is a number", "text or number"),
        ({"id": ["a"]}, "id", "the id is a list", "text or number"),
        ({"id": " "}, "id", "the id is empty", "an id of its own"),
        ({"id": "a\nb"}, "id", "control characters", "Remove them"),
        ({"id": "a\x00"}, "id", "control characters", "Remove them"),
        ({"id": "a\u2028"}, "id", "control characters", "Remove them"),
        ({"id": "first"}, "id", "stands in my.jsonl, line 1 too", "--id-field"),
        ({"split": "trian"}, "split", "'trian' is no split", "Write train, validation or test"),
        ({"split": None}, "split", "None is no split", "Write train, validation or test"),
        ({"split": ""}, "split", "'' is no split", "Write train, validation or test"),
        ({"group": ["x"]}, "group", "the group is a list", "--group-field"),
    ],
)
def test_a_faulty_value_names_line_field_and_remedy(
    tmp_path: Path, change: dict[str, object], field: str, fault: str, remedy: str
) -> None:
    first = GOOD | {"id": "first", "split": "test", "group": "g"}
    message = refusal(jsonl(tmp_path, first, first | {"id": "second"} | change))
    assert message.startswith(f"my.jsonl, line 2: field '{field}': ")
    assert fault in message
    assert remedy in message


@pytest.mark.parametrize(
    ("field", "option"),
    [
        ("svg", "--svg-field"),
        ("caption", "--caption-field"),
        ("id", "--id-field"),
        ("split", "--split-field"),
    ],
)
def test_a_record_that_lacks_a_field_lists_what_it_has(tmp_path: Path, field: str, option: str) -> None:
    whole = GOOD | {"split": "test"}
    lacking = {key: value for key, value in whole.items() if key != field}
    message = refusal(jsonl(tmp_path, whole | {"id": "first"}, lacking))
    there = ", ".join(lacking)
    assert message.startswith(f"my.jsonl, line 2: field '{field}': missing; this record has: {there}.")
    assert option in message


def test_a_field_that_goes_missing_after_the_detection_is_still_found(tmp_path: Path) -> None:
    records = [GOOD | {"id": number} for number in range(150)]
    message = refusal(jsonl(tmp_path, *records, {"id": "x", "caption": "no drawing"}))
    assert message.startswith("my.jsonl, line 151: field 'svg': missing")


def test_several_errors_are_shown_up_to_the_limit(tmp_path: Path) -> None:
    path = jsonl(tmp_path, *(GOOD | {"id": number, "svg": ""} for number in range(5)))
    lines = refusal(path, max_errors=3).splitlines()
    assert [line[:16] for line in lines[:3]] == ["my.jsonl, line 1", "my.jsonl, line 2", "my.jsonl, line 3"]
    assert lines[3:] == ["… and more."]
    assert len(refusal(path, max_errors=5).splitlines()) == 5
    assert refusal(path).splitlines()[1:] == ["… and more."]


def test_a_single_error_stands_alone(tmp_path: Path) -> None:
    assert len(refusal(jsonl(tmp_path, GOOD, GOOD | {"id": "b", "svg": ""})).splitlines()) == 1


def test_broken_json_after_faulty_records_is_shown_after_them(tmp_path: Path) -> None:
    path = jsonl(tmp_path, GOOD | {"svg": ""})
    path.write_text(path.read_text() + "{oops\n")
    first, second = refusal(path, max_errors=9).splitlines()
    assert first.startswith("my.jsonl, line 1: field 'svg'")
    assert second.startswith("my.jsonl, line 2, column 2: broken JSON")


def test_an_svg_alone_is_refused_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "a.svg").write_text(SVG)
    message = refusal(tmp_path / "a.svg")
    assert "a.svg" in message
    assert "no references" in message
    assert "captions.csv" in message


def test_fields_can_be_named(tmp_path: Path) -> None:
    record = {
        "svg": "<wrong/>",
        "Drawing": SVG,
        "short": "a line",
        "long": "a thin line",
        "no": 3,
        "set": "B",
    }
    options = {"svg_field": "Drawing", "id_field": "no", "group_field": "set"}
    for names in (["short", "long"], ["short,long"], ["short , long"]):
        dataset = load(jsonl(tmp_path, record), caption_fields=names, **options)
        assert dataset.samples == (Sample("3", SVG, ("a line", "a thin line"), "B"),)


@pytest.mark.parametrize("option", ["svg_field", "caption_fields", "id_field", "group_field", "split_field"])
def test_a_named_field_that_is_not_there_lists_those_that_are(tmp_path: Path, option: str) -> None:
    value = ["nope"] if option == "caption_fields" else "nope"
    message = refusal(jsonl(tmp_path, GOOD), **{option: value})
    flag = f"--{option.removesuffix('s').replace('_', '-')}"
    assert message == f"my.jsonl: there is no field 'nope' ({flag}). Its fields: id, svg, caption."


def shared(name: str) -> Path:
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"{name} is not here")
    return path


def test_real_drawings_without_captions_are_refused() -> None:
    message = refusal(shared("thesis_svgs.jsonl"))
    assert message.startswith("thesis_svgs.jsonl: no field holds captions")
    assert "Its fields: id, path, commit, blob, bytes, svg." in message
    assert "--caption-field" in message


def test_real_records_with_models_captions_load_by_their_reference(tmp_path: Path) -> None:
    lines = shared("thesis_captions.jsonl").read_text(encoding="utf-8").split("\n")
    drawn = [record for record in map(json.loads, filter(None, lines)) if "svg" in record]
    bare = next(number for number, record in enumerate(drawn, 1) if not record["reference"])
    message = refusal(jsonl(tmp_path, *drawn))
    assert message.startswith(f"my.jsonl, line {bare}: field 'reference': no caption.")
    whole = [record for record in drawn if record["reference"]]
    samples = load(jsonl(tmp_path, *whole)).samples  # "captions" holds objects by model, which are no references
    assert [sample.references for sample in samples] == [(record["reference"].strip(),) for record in whole]
    assert [sample.svg for sample in samples] == [record["svg"] for record in whole]


def test_real_records_most_of_which_lack_a_drawing_are_refused_at_the_first() -> None:
    path = shared("thesis_captions.jsonl")
    records = map(json.loads, filter(None, path.read_text(encoding="utf-8").split("\n")))
    first = next(number for number, record in enumerate(records, 1) if "svg" not in record)
    message = refusal(path, svg_field="svg", caption_fields=["reference"])
    assert message.startswith(f"thesis_captions.jsonl, line {first}: field 'svg': missing; this record has: id, ")
