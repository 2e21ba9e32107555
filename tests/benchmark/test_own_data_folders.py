"""Parquet, Hugging Face folders, and drawings in files of their own."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmark.datasets.own import load
from benchmark.datasets.records import read_records
from benchmark.errors import UserError

SVG = "<svg xmlns='http://www.w3.org/2000/svg'><path d='M0,0 L9,9'/></svg>"


def refusal(path: Path, **options: Any) -> str:
    with pytest.raises(UserError) as caught:
        load(path, **options)
    return str(caught.value)


def put(path: Path, text: str = SVG) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def jsonl(path: Path, *records: object) -> Path:
    return put(path, "".join(json.dumps(record) + "\n" for record in records))


@pytest.fixture(scope="module")
def hub() -> Iterator[Any]:
    """The library ``datasets``, offline and without its progress bars."""
    datasets = pytest.importorskip("datasets")
    datasets.disable_progress_bars()
    yield datasets
    datasets.enable_progress_bars()


def rows(*ids: str) -> dict[str, list[object]]:
    return {"id": list(ids), "svg": [SVG for _ in ids], "captions": [[f"drawing {i}", i] for i in ids]}


# Parquet and Hugging Face folders


def test_parquet_is_read_by_row(tmp_path: Path, hub: Any) -> None:
    ids = [f"n{number}" for number in range(150)]  # more than one batch
    hub.Dataset.from_dict(rows(*ids)).to_parquet(tmp_path / "my.parquet")
    dataset = load(tmp_path / "my.parquet")
    assert [sample.id for sample in dataset.samples] == ids
    assert dataset.samples[7].references == ("drawing n7", "n7")
    places = [record.where for record in read_records(tmp_path / "my.parquet")]
    assert (places[0], places[-1]) == ("my.parquet, row 1", "my.parquet, row 150")


def test_faults_in_parquet_name_the_row(tmp_path: Path, hub: Any) -> None:
    hub.Dataset.from_dict(rows("a", "b") | {"svg": [SVG, " "]}).to_parquet(tmp_path / "my.parquet")
    assert refusal(tmp_path / "my.parquet").startswith("my.parquet, row 2: field 'svg': the drawing is empty")


def test_broken_parquet_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    assert refusal(put(tmp_path / "my.parquet", "no parquet")).startswith("my.parquet: not a readable Parquet file: ")
    assert refusal(put(tmp_path / "my.parquet", "")) == "my.parquet: the file is empty."


def test_without_pyarrow_the_command_that_installs_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    message = refusal(put(tmp_path / "my.parquet", "PAR1"))
    assert message.startswith("my.parquet: ")
    assert "pip install 'svg-caption-bench[parquet]'" in message


def test_a_saved_dataset_is_read_in_the_order_of_its_state(tmp_path: Path, hub: Any) -> None:
    folder = tmp_path / "saved"
    hub.Dataset.from_dict(rows("a", "b", "c", "d", "e")).save_to_disk(folder, num_shards=2)
    assert [sample.id for sample in load(folder).samples] == ["a", "b", "c", "d", "e"]
    state = json.loads((folder / "state.json").read_text())
    state["_data_files"].reverse()
    put(folder / "state.json", json.dumps(state))
    dataset = load(folder)
    assert [sample.id for sample in dataset.samples] == ["d", "e", "a", "b", "c"]
    assert dataset.name == "saved"
    assert {sample.split for sample in dataset.samples} == {"test"}
    assert next(read_records(folder)).where == "saved/data-00001-of-00002.arrow, row 1"


def test_a_saved_selection_holds_only_its_rows(tmp_path: Path, hub: Any) -> None:
    hub.Dataset.from_dict(rows("a", "b", "c")).select([2, 0]).save_to_disk(tmp_path / "saved")
    assert [sample.id for sample in load(tmp_path / "saved").samples] == ["c", "a"]


def test_a_saved_split_keeps_its_name(tmp_path: Path, hub: Any) -> None:
    hub.Dataset.from_dict(rows("a"), split="validation").save_to_disk(tmp_path / "saved")
    assert load(tmp_path / "saved").samples[0].split == "validation"


def test_a_saved_dictionary_of_splits_gives_the_splits(tmp_path: Path, hub: Any) -> None:
    splits = {"train": rows("a", "b"), "validation": rows("c"), "test": rows("d")}
    saved = hub.DatasetDict({name: hub.Dataset.from_dict(content) for name, content in splits.items()})
    saved.save_to_disk(tmp_path / "saved")
    samples = load(tmp_path / "saved").samples
    assert [(s.id, s.split) for s in samples] == [("a", "train"), ("b", "train"), ("c", "validation"), ("d", "test")]


def test_an_unknown_split_of_a_saved_dictionary_is_refused_with_a_remedy(tmp_path: Path, hub: Any) -> None:
    hub.DatasetDict({"icons": hub.Dataset.from_dict(rows("a"))}).save_to_disk(tmp_path / "saved")
    message = refusal(tmp_path / "saved")
    assert message.startswith("saved/icons/data-00000-of-00001.arrow, row 1: field 'split': 'icons' is no split.")
    assert load(tmp_path / "saved" / "icons").samples[0].split == "test"


def set_state(folder: Path, **change: object) -> None:
    put(folder / "state.json", json.dumps(json.loads((folder / "state.json").read_text()) | change))


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"_data_files": [{"filename": "../secret.arrow"}]}, "holds '..'"),
        ({"_data_files": [{"filename": "/etc/passwd"}]}, "is absolute"),
        ({"_data_files": [{"filename": "data-00001-of-00009.arrow"}]}, "there is no file"),
        ({"_data_files": []}, "field '_data_files' names nothing to read"),
        ({"_data_files": [{"name": "x"}]}, "field '_data_files' names nothing to read"),
        ({"_indices_data_files": [{"filename": "indices.arrow"}]}, "flatten_indices()"),
    ],
)
def test_a_saved_dataset_with_a_bad_state_is_refused(
    tmp_path: Path, hub: Any, change: dict[str, object], fault: str
) -> None:
    hub.Dataset.from_dict(rows("a")).save_to_disk(tmp_path / "saved")
    set_state(tmp_path / "saved", **change)
    message = refusal(tmp_path / "saved")
    assert message.startswith("saved/state.json: ")
    assert fault in message


def test_a_broken_arrow_file_is_refused(tmp_path: Path, hub: Any) -> None:
    hub.Dataset.from_dict(rows("a")).save_to_disk(tmp_path / "saved")
    put(tmp_path / "saved" / "data-00000-of-00001.arrow", "not arrow at all")
    message = refusal(tmp_path / "saved")
    assert message.startswith("saved/data-00000-of-00001.arrow: not a readable Arrow stream: ")


def test_files_named_by_split_give_the_splits(tmp_path: Path, hub: Any) -> None:
    folder = tmp_path / "repo"
    (folder / "data").mkdir(parents=True)
    hub.Dataset.from_dict(rows("a", "b")).to_parquet(folder / "data" / "train-00000-of-00002.parquet")
    hub.Dataset.from_dict(rows("c")).to_parquet(folder / "data" / "train-00001-of-00002.parquet")
    hub.Dataset.from_dict(rows("d")).to_parquet(folder / "data" / "validation-00000-of-00001-0a1b2c.parquet")
    jsonl(folder / "test.jsonl", {"id": "e", "svg": SVG, "captions": "e"})
    put(folder / "extra.csv", "id\n1\n")
    dataset = load(folder)
    assert sorted((s.id, s.split) for s in dataset.samples) == [
        ("a", "train"),
        ("b", "train"),
        ("c", "train"),
        ("d", "validation"),
        ("e", "test"),
    ]
    assert dataset.notes["files left out, named by no split"] == "extra.csv"


def test_the_split_of_a_record_comes_before_that_of_its_file(tmp_path: Path) -> None:
    jsonl(tmp_path / "repo" / "train.jsonl", {"id": "a", "svg": SVG, "caption": "a", "split": "test"})
    assert load(tmp_path / "repo").samples[0].split == "test"


def test_a_file_alone_is_test_whatever_its_name(tmp_path: Path) -> None:
    assert load(jsonl(tmp_path / "train.jsonl", {"id": "a", "svg": SVG, "caption": "a"})).samples[0].split == "test"


def test_missing_shards_are_refused(tmp_path: Path, hub: Any) -> None:
    hub.Dataset.from_dict(rows("a")).to_parquet(tmp_path / "test-00001-of-00003.parquet")
    assert "1 of the 3 files test-*-of-00003 are there" in refusal(tmp_path)


def test_an_id_in_two_splits_names_both_places(tmp_path: Path) -> None:
    for split in ("test", "train"):
        jsonl(tmp_path / "repo" / f"{split}.jsonl", {"id": "a", "svg": SVG, "caption": "a"})
    message = refusal(tmp_path / "repo")
    assert message.startswith("repo/train.jsonl, line 1: field 'id': the id 'a' stands in repo/test.jsonl, line 1 too.")


def test_a_folder_of_something_else_is_refused_with_what_is_known(tmp_path: Path) -> None:
    jsonl(tmp_path / "repo" / "mine.jsonl", {"id": "a"})
    message = refusal(tmp_path / "repo")
    assert message.startswith("repo: this folder holds neither")
    assert "data/train-00000-of-00001.parquet" in message


# Drawings in files that records name


def test_a_path_is_read_from_the_folder_of_the_data(tmp_path: Path) -> None:
    put(tmp_path / "figures" / "a.svg", "\ufeff<svg>a</svg>")
    path = jsonl(tmp_path / "my.jsonl", {"id": "a", "svg": "figures/a.svg", "caption": "c"})
    assert load(path).samples[0].svg == "<svg>a</svg>"


def test_a_file_name_alone_can_name_drawing_and_sample(tmp_path: Path) -> None:
    put(tmp_path / "a.svg")
    put(tmp_path / "my.csv", "file_name,caption\na.svg,a line\n")
    dataset = load(tmp_path / "my.csv")
    assert [(s.id, s.svg, s.references) for s in dataset.samples] == [("a.svg", SVG, ("a line",))]
    assert dataset.notes["fields"].startswith("drawings from 'file_name'")


def outside_by_link(folder: Path) -> str:
    put(folder.parent / "outside.svg")
    (folder / "link.svg").symlink_to(folder.parent / "outside.svg")
    return "link.svg"


def outside_by_linked_folder(folder: Path) -> str:
    put(folder.parent / "elsewhere" / "a.svg")
    (folder / "linked").symlink_to(folder.parent / "elsewhere")
    return "linked/a.svg"


def in_a_linked_folder_below(folder: Path) -> str:
    return outside_by_linked_folder(folder).removeprefix("linked/")


def a_link_to_itself(folder: Path) -> str:
    (folder / "loop.svg").symlink_to("loop.svg")
    return "loop.svg"


def in_two_folders(folder: Path) -> str:
    put(folder / "x" / "a.svg")
    put(folder / "y" / "a.svg")
    return "a.svg"


def a_folder_of_that_name(folder: Path) -> str:
    (folder / "a.svg").mkdir()
    return "a.svg"


def not_utf_8(folder: Path) -> str:
    (folder / "a.svg").write_bytes(b"<svg>\xe9</svg>")
    return "a.svg"


def too_long(folder: Path) -> str:
    put(folder / "a.svg", "<svg>" + "x" * (10 * 2**20))
    return "a.svg"


@pytest.mark.parametrize(
    ("prepare", "fault"),
    [
        (lambda folder: "../outside.svg", "holds '..'"),
        (lambda folder: "..\\outside.svg", "holds '..'"),
        (lambda folder: "figures/../../outside.svg", "holds '..'"),
        (lambda folder: str(put(folder.parent / "outside.svg")), "is absolute"),
        (lambda folder: "C:\\outside.svg", "is absolute"),
        (lambda folder: "\\\\server\\share\\outside.svg", "is absolute"),
        (lambda folder: "a\0.svg", "NUL"),
        (lambda folder: "x" * 500 + ".svg", "cannot be followed"),
        (lambda folder: "nope.svg", "there is no file 'nope.svg' in the folder 'data'"),
        (outside_by_link, "symbolic link"),
        (outside_by_linked_folder, "symbolic link"),
        (in_a_linked_folder_below, "symbolic link"),
        (a_link_to_itself, "loop.svg"),
        (in_two_folders, "is in several folders (x, y)"),
        (a_folder_of_that_name, "there is no file 'a.svg'"),
        (not_utf_8, "is not UTF-8 at byte 6"),
        (too_long, "longer than 10,485,760 bytes"),
        (lambda folder: put(folder / "a.svg", " \n").name, "the drawing is empty"),
    ],
)
def test_paths_that_cannot_be_read_or_leave_the_folder_are_refused(
    tmp_path: Path, prepare: Callable[[Path], str], fault: str
) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    name = prepare(folder)
    path = jsonl(
        folder / "my.jsonl", {"id": "ok", "svg": SVG, "caption": "c"}, {"id": "a", "svg": name, "caption": "c"}
    )
    message = refusal(path)
    assert message.startswith("my.jsonl, line 2: field 'svg': ")
    assert fault in message


@pytest.mark.parametrize("place", ["", "val2014/"])
def test_coco_captions_read_the_drawings_beside_them_or_in_a_folder(tmp_path: Path, place: str) -> None:
    put(tmp_path / f"{place}a.svg", "<svg>a</svg>")
    put(tmp_path / f"{place}b.svg", "<svg>b</svg>")
    content = {
        "images": [{"id": 1, "file_name": "a.svg"}, {"id": 2, "file_name": "b.svg"}],
        "annotations": [{"image_id": 2, "caption": "b"}, {"image_id": 1, "caption": "a"}],
    }
    put(tmp_path / "coco.json", json.dumps(content))
    samples = load(tmp_path / "coco.json").samples
    assert [(s.id, s.svg, s.references) for s in samples] == [
        ("1", "<svg>a</svg>", ("a",)),
        ("2", "<svg>b</svg>", ("b",)),
    ]


def test_a_coco_image_without_captions_is_named(tmp_path: Path) -> None:
    put(tmp_path / "a.svg")
    put(tmp_path / "coco.json", json.dumps({"images": [{"id": 1, "file_name": "a.svg"}], "annotations": []}))
    assert refusal(tmp_path / "coco.json").startswith("coco.json, image 1: field 'captions': no caption.")


# A folder of drawings with a captions file


def icons(tmp_path: Path, *names: str) -> Path:
    for name in names:
        put(tmp_path / "icons" / name, f"<svg>{name}</svg>")
    return tmp_path / "icons"


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("captions.csv", "file_name,caption\nb.svg,a disc\na.svg,a line\nb.svg,a circle\n"),
        ("captions.tsv", "id\tcaption\nb\ta disc\na\ta line\nb\ta circle\n"),
        ("captions.txt", "b.svg\ta disc\na\ta line\nb\ta circle\n"),
        ("captions.jsonl", '{"id": "b", "captions": ["a disc", "a circle"]}\n{"id": "a", "captions": "a line"}\n'),
        ("captions.json", '{"b.svg": ["a disc", "a circle"], "a.svg": "a line"}'),
        ("captions.json", '[{"id": 1, "file_name": "b.svg", "captions": ["a disc", "a circle"]},'
                          ' {"id": 2, "file_name": "a.svg", "captions": ["a line"]}]'),
        ("captions.json", '{"images": [{"id": 1, "file_name": "a.svg"}, {"id": 2, "file_name": "b.svg"}],'
                          ' "annotations": [{"image_id": 2, "caption": "a disc"}, {"image_id": 1, "caption": "a line"},'
                          ' {"image_id": 2, "caption": "a circle"}]}'),
    ],
)  # fmt: skip
def test_a_folder_of_drawings_is_read_with_its_captions_file(tmp_path: Path, file: str, content: str) -> None:
    folder = icons(tmp_path, "a.svg", "b.svg")
    put(folder / file, content)
    dataset = load(folder)
    assert [(s.id, s.svg, s.references) for s in dataset.samples] == [
        ("a", "<svg>a.svg</svg>", ("a line",)),
        ("b", "<svg>b.svg</svg>", ("a disc", "a circle")),
    ]
    assert dataset.name == "icons"


def test_drawings_in_folders_below_are_named_by_path_or_by_name_if_that_is_clear(tmp_path: Path) -> None:
    folder = icons(tmp_path, "x/a.svg", "y/a.svg", "y/b.SVG")
    put(folder / "captions.csv", "name,caption,group,split\nx/a.svg,one,g,train\ny/a,two,,test\nb,three,,val\n")
    assert [(s.id, s.references, s.group, s.split) for s in load(folder).samples] == [
        ("x/a", ("one",), "g", "train"),
        ("y/a", ("two",), "", "test"),
        ("y/b", ("three",), "", "validation"),
    ]
    put(folder / "captions.csv", "name,caption\na,one\n")
    message = refusal(folder)
    assert message.startswith("captions.csv, line 2: field 'name': 'a' fits several drawings: x/a.svg, y/a.svg.")


def test_drawings_and_captions_without_each_other_are_both_named(tmp_path: Path) -> None:
    folder = icons(tmp_path, "a.svg", "b.svg", "c.svg")
    put(folder / "captions.csv", "id,caption\na,one\nd,two\n")
    message = refusal(folder)
    assert message.startswith("captions.csv and the .svg files in icons do not match: ")
    assert "drawings without a caption: b.svg, c.svg" in message
    assert "captions without a drawing: 'd' (captions.csv, line 3)" in message


def test_captions_none_of_which_fits_name_both_sides_too(tmp_path: Path) -> None:
    folder = icons(tmp_path, "a.svg")
    put(folder / "captions.csv", "id,caption\nb,one\n")
    message = refusal(folder)
    assert "a.svg" in message
    assert "'b' (captions.csv, line 2)" in message


def test_the_current_folder_has_its_own_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = icons(tmp_path, "a.svg")
    put(folder / "captions.txt", "a\tone\n")
    monkeypatch.chdir(folder)
    dataset = load(Path())
    assert (dataset.name, dataset.notes["source"]) == ("icons", "icons")


def test_long_lists_of_names_are_shortened(tmp_path: Path) -> None:
    folder = icons(tmp_path, *(f"{number}.svg" for number in range(9)))
    put(folder / "captions.csv", "id,caption\n0,one\n")
    assert "1.svg, 2.svg, 3.svg, 4.svg, 5.svg and 3 more" in refusal(folder)


def test_a_blank_caption_in_a_captions_file_names_the_line(tmp_path: Path) -> None:
    folder = icons(tmp_path, "a.svg", "b.svg")
    put(folder / "captions.csv", "id,caption\na,one\nb,\n")
    assert refusal(folder).startswith("captions.csv, line 3: field 'caption': only blank captions.")


def test_a_folder_of_drawings_needs_one_captions_file(tmp_path: Path) -> None:
    folder = icons(tmp_path, "a.svg")
    message = refusal(folder)
    assert message.startswith("icons: a folder of .svg files without a captions file (one of: captions.jsonl ")
    put(folder / "captions.csv", "id,caption\na,one\n")
    put(folder / "captions.txt", "a\tone\n")
    assert refusal(folder).startswith("icons: several captions files (captions.csv, captions.txt).")


def test_a_drawing_linked_from_outside_the_folder_is_refused(tmp_path: Path) -> None:
    folder = icons(tmp_path, "a.svg")
    (folder / "b.svg").symlink_to(put(tmp_path / "outside.svg"))
    put(folder / "captions.csv", "id,caption\na,one\nb,two\n")
    message = refusal(folder)
    assert message.startswith("captions.csv, line 3: field 'svg': ")
    assert "symbolic link" in message


def test_naming_the_drawing_field_of_a_folder_of_drawings_is_refused(tmp_path: Path) -> None:
    folder = icons(tmp_path, "a.svg")
    put(folder / "captions.csv", "id,caption\na,one\n")
    assert "--svg-field has no meaning" in refusal(folder, svg_field="svg")
