"""Text formats: what is read from each, and what is said of broken files."""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path

import pytest

from benchmark.datasets.formats import lines as line_reading
from benchmark.datasets.formats.source import MAX_TEXT, Record
from benchmark.datasets.records import read_records
from benchmark.errors import UserError


def written(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def records(path: Path) -> list[Record]:
    return list(read_records(path))


def data(path: Path) -> list[object]:
    return [dict(record.data) for record in records(path)]


def refusal(path: Path) -> str:
    with pytest.raises(UserError) as caught:
        records(path)
    return str(caught.value)


# JSON Lines


@pytest.mark.parametrize("name", ["my.jsonl", "my.ndjson", "MY.JSONL"])
def test_json_lines_count_blank_lines_and_pass_them_over(tmp_path: Path, name: str) -> None:
    found = records(written(tmp_path / name, '{"a": 1}\n\n  \n{"a": 2}'))
    assert [(record.where, record.data["a"]) for record in found] == [(f"{name}, line 1", 1), (f"{name}, line 4", 2)]
    assert found[0].split is None


def test_a_byte_order_mark_and_windows_line_ends_are_read(tmp_path: Path) -> None:
    assert data(written(tmp_path / "my.jsonl", b'\xef\xbb\xbf{"a": 1}\r\n{"a": 2}\r\n')) == [{"a": 1}, {"a": 2}]
    assert data(written(tmp_path / "my.csv", b"\xef\xbb\xbfid,b\r\n1,2\r\n")) == [{"id": "1", "b": "2"}]
    assert data(written(tmp_path / "my.json", b'\xef\xbb\xbf[{"a": 1}]\r\n')) == [{"a": 1}]


def test_line_separators_inside_json_text_are_no_line_ends(tmp_path: Path) -> None:
    found = records(written(tmp_path / "my.jsonl", '{"a": "x\u2028y\x85z"}\n{"a": "b"}\n'))
    assert [(record.place, record.data["a"]) for record in found] == [("line 1", "x\u2028y\x85z"), ("line 2", "b")]


def test_broken_json_names_line_and_column(tmp_path: Path) -> None:
    path = written(tmp_path / "my.jsonl", '{"a": 1}\n' * 6 + '{"a": 1, b: 2}\n')
    message = refusal(path)
    assert message.startswith("my.jsonl, line 7, column 10: broken JSON: Expecting property name")
    assert "every line is one whole object" in message


def test_a_line_that_is_no_object_is_refused(tmp_path: Path) -> None:
    assert refusal(written(tmp_path / "my.jsonl", '{"a": 1}\n[1]\n')).startswith("my.jsonl, line 2: this is not a JSON")


def test_a_key_that_stands_twice_is_refused(tmp_path: Path) -> None:
    message = refusal(written(tmp_path / "my.jsonl", '{"id": 1}\n{"id": 1, "id": 2}\n'))
    assert message.startswith("my.jsonl, line 2: ")
    assert "'id' stands twice" in message


def test_deep_nesting_is_refused(tmp_path: Path) -> None:
    message = refusal(written(tmp_path / "my.jsonl", '{"a": ' + "[" * 200_000 + "\n"))
    assert message.startswith("my.jsonl, line 1")
    assert "nested too deeply" in message


def test_a_number_with_thousands_of_digits_is_refused(tmp_path: Path) -> None:
    assert refusal(written(tmp_path / "my.jsonl", '{"a": ' + "9" * 5000 + "}\n")).startswith(
        "my.jsonl, line 1: bad JSON"
    )


def test_other_encodings_name_line_byte_and_remedy(tmp_path: Path) -> None:
    latin = '{"a": "x"}\n{"a": "é"}\n'.encode("latin-1")
    for name, place in [("my.jsonl", "line 2"), ("my.json", "line 2"), ("my.csv", "line 2")]:
        message = refusal(written(tmp_path / name, latin))
        assert message.startswith(f"{name}, {place}: byte 8 of the line (0xe9) is not UTF-8.")
        assert "iconv -f WINDOWS-1252 -t UTF-8" in message


def test_utf_16_is_recognised(tmp_path: Path) -> None:
    message = refusal(written(tmp_path / "my.csv", "id,caption\n1,a\n".encode("utf-16")))
    assert message.startswith("my.csv, line 1: ")
    assert "iconv -f UTF-16 -t UTF-8" in message


# Compression


def test_gzip_is_read(tmp_path: Path) -> None:
    assert data(written(tmp_path / "my.jsonl.gz", gzip.compress(b'{"a": 1}\n'))) == [{"a": 1}]
    assert data(written(tmp_path / "my.csv.gz", gzip.compress(b"a\n1\n"))) == [{"a": "1"}]


def test_cut_off_gzip_is_refused(tmp_path: Path) -> None:
    packed = gzip.compress(b"".join(b'{"a": %d}\n' % number for number in range(5000)))
    for length in (12, len(packed) // 2, len(packed) - 4):
        message = refusal(written(tmp_path / "my.jsonl.gz", packed[:length]))
        assert message == "my.jsonl.gz: the gzip file is cut off. Copy or download it again."


def test_broken_gzip_is_refused(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(b'{"a": 1}\n' * 100))
    packed[-6] ^= 255  # in the checksum
    assert refusal(written(tmp_path / "my.jsonl.gz", bytes(packed))).startswith("my.jsonl.gz: broken gzip: ")
    assert refusal(written(tmp_path / "my.jsonl.gz", '{"a": 1}\n')).startswith("my.jsonl.gz: broken gzip: ")


# JSON documents


@pytest.mark.parametrize(
    "content",
    [
        [{"id": 1, "caption": "a"}, {"id": 2, "caption": "b"}],
        {"version": "1.0", "tags": ["x"], "data": [{"id": 1, "caption": "a"}, {"id": 2, "caption": "b"}]},
    ],
)
def test_a_list_of_objects_is_read_at_the_top_or_under_one_key(tmp_path: Path, content: object) -> None:
    found = records(written(tmp_path / "my.json", json.dumps(content)))
    assert [(r.where, dict(r.data)) for r in found] == [
        ("my.json, item 1", {"id": 1, "caption": "a"}),
        ("my.json, item 2", {"id": 2, "caption": "b"}),
    ]


def test_an_object_of_ids_and_captions_is_read(tmp_path: Path) -> None:
    content = {"x.jpg": "one caption", "y.jpg": ["two", "captions"]}
    assert data(written(tmp_path / "my.json", json.dumps(content))) == [
        {"id": "x.jpg", "captions": "one caption"},
        {"id": "y.jpg", "captions": ["two", "captions"]},
    ]


def test_a_single_record_is_not_taken_for_ids_and_captions(tmp_path: Path) -> None:
    record = {"id": "a", "svg": "<svg/>", "caption": "c"}
    assert data(written(tmp_path / "my.json", json.dumps(record))) == [record]


def test_coco_captions_are_joined_by_image(tmp_path: Path) -> None:
    content = {
        "info": {},
        "images": [{"id": 5, "file_name": "b.svg"}, {"id": 3, "file_name": "a.svg"}],
        "annotations": [
            {"id": 1, "image_id": 3, "caption": "first of a"},
            {"id": 2, "image_id": 5, "caption": "of b"},
            {"id": 3, "image_id": 3, "caption": "second of a"},
        ],
    }
    found = records(written(tmp_path / "my.json", json.dumps(content)))
    assert [(r.place, dict(r.data)) for r in found] == [
        ("image 1", {"id": 5, "file_name": "b.svg", "captions": ["of b"]}),
        ("image 2", {"id": 3, "file_name": "a.svg", "captions": ["first of a", "second of a"]}),
    ]


@pytest.mark.parametrize(
    ("images", "annotations", "place", "field"),
    [
        ([{}], [], "image 1", "'id'"),
        ([{"id": 1}, {"id": 1}], [], "image 2", "'id'"),
        ([{"id": 1}], [{"image_id": 2, "caption": "a"}], "annotation 1", "'image_id'"),
        ([{"id": 1}], [{"image_id": 1, "caption": "a"}, {"image_id": 1, "bbox": []}], "annotation 2", "'caption'"),
        ([{"id": [1]}], [], "image 1", "'id'"),
    ],
)
def test_broken_coco_captions_name_image_or_annotation(
    tmp_path: Path, images: object, annotations: object, place: str, field: str
) -> None:
    path = written(tmp_path / "my.json", json.dumps({"images": images, "annotations": annotations}))
    assert refusal(path).startswith(f"my.json, {place}: field {field}: ")


def test_coco_lists_of_something_else_are_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "my.json", json.dumps({"images": {}, "annotations": []}))
    assert refusal(path).startswith("my.json: 'images' is not a list of objects")


@pytest.mark.parametrize("content", [3, "text", {"a": {"b": "c"}}, {"a": 1}, {"x": [{"a": 1}], "y": [{"b": 1}]}])
def test_other_documents_are_refused_with_the_known_forms(tmp_path: Path, content: object) -> None:
    message = refusal(written(tmp_path / "my.json", json.dumps(content)))
    assert message.startswith("my.json: holds none of: a list of objects")


def test_a_list_item_that_is_no_object_is_named(tmp_path: Path) -> None:
    assert refusal(written(tmp_path / "my.json", '[{"a": 1}, 2]')).startswith(
        "my.json, item 2: this is not a JSON object"
    )


def test_broken_json_documents_name_line_and_column(tmp_path: Path) -> None:
    message = refusal(written(tmp_path / "my.json", '[\n{"a": 1},\n{"a": }\n]'))
    assert message.startswith("my.json, line 3, column 7: broken JSON: Expecting value")


def test_json_lines_named_json_are_recognised(tmp_path: Path) -> None:
    message = refusal(written(tmp_path / "my.json", '{"a": 1}\n{"a": 2}\n'))
    assert message.startswith("my.json, line 2, column 1: broken JSON: Extra data.")
    assert "name the file .jsonl" in message


def test_documents_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line_reading, "MAX_DOCUMENT", 100)
    message = refusal(written(tmp_path / "my.json", '[{"a": "' + "x" * 100 + '"}]'))
    assert message.startswith("my.json: longer than 100 bytes.")
    assert ".jsonl" in message


# Tables


def test_quoted_line_breaks_keep_the_line_numbers_right(tmp_path: Path) -> None:
    path = tmp_path / "my.csv"
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerows([["id", "svg"], ["a", "<svg>\n\n</svg>"], [], ["b", 'say "hi", he\rsaid'], ["c", "x"]])
    found = records(path)
    assert [(r.place, r.data["id"], r.data["svg"]) for r in found] == [
        ("line 2", "a", "<svg>\n\n</svg>"),
        ("line 6", "b", 'say "hi", he\rsaid'),
        ("line 7", "c", "x"),
    ]


def test_tabs_separate_tsv(tmp_path: Path) -> None:
    path = written(tmp_path / "my.tsv", 'id\tcaption\n1\ta, b\n2\tthe "big" one\n')
    assert data(path) == [{"id": "1", "caption": "a, b"}, {"id": "2", "caption": 'the "big" one'}]


@pytest.mark.parametrize(
    ("content", "place", "fault"),
    [
        ("id,caption\n1,a\n2,b, c\n", "line 3", "3 cells where the first row names 2 (id, caption)"),
        ("id,caption\n1\n", "line 2", "1 cells where the first row names 2 (id, caption)"),
        ('id,caption\n1,a\n2,"b\n3,c\n', "line 3", "the row that begins here is broken"),
        ('id,caption\n1,"a" b\n', "line 2", "the row that begins here is broken"),
        ("id,,caption\n1,2,3\n", "line 1", "column 2 has no name"),
        ("id,id\n1,2\n", "line 1", "field 'id': two columns have this name"),
    ],
)
def test_broken_tables_name_the_line(tmp_path: Path, content: str, place: str, fault: str) -> None:
    message = refusal(written(tmp_path / "my.csv", content))
    assert message.startswith(f"my.csv, {place}: ")
    assert fault in message


def test_cells_may_be_larger_than_the_csv_module_allows_by_default(tmp_path: Path) -> None:
    svg = "<svg>" + "x" * 300_000 + "</svg>"
    assert data(written(tmp_path / "my.csv", f"svg\n{svg}\n")) == [{"svg": svg}]


def test_lists_of_name_and_caption_are_read(tmp_path: Path) -> None:
    path = written(tmp_path / "captions.txt", "a.svg\ta line\twith a tab\r\n\nb.svg\tb\n")
    assert [(r.place, dict(r.data)) for r in records(path)] == [
        ("line 1", {"file_name": "a.svg", "caption": "a line\twith a tab"}),
        ("line 3", {"file_name": "b.svg", "caption": "b"}),
    ]
    message = refusal(written(tmp_path / "captions.txt", "a.svg\ta\nb.svg b\n"))
    assert message.startswith("captions.txt, line 2: no tab")


# Bounds, and files that are none


def test_too_long_lines_and_fields_are_refused_by_place(tmp_path: Path) -> None:
    long = "x" * MAX_TEXT
    line = f'{{"a": 1}}\n{{"svg": "{long}"}}\n'
    assert refusal(written(tmp_path / "my.jsonl", line)).startswith("my.jsonl, line 2: longer than 10,485,760 bytes")
    assert refusal(written(tmp_path / "my.jsonl.gz", gzip.compress(line.encode(), 1))).startswith(
        "my.jsonl.gz, line 2: "
    )
    cell = "\n".join(["x" * 1000] * 11_000)
    message = refusal(written(tmp_path / "my.csv", f'id,svg\n1,a\n2,"{cell}"\n'))
    assert message.startswith("my.csv, line 3: the row that begins here is broken: field larger than field limit")
    message = refusal(written(tmp_path / "my.json", json.dumps([{"svg": ""}, {"svg": long + "x"}])))
    assert message.startswith("my.json, item 2: field 'svg': longer than 10,485,760 characters")
    message = refusal(written(tmp_path / "my.json", json.dumps([{"captions": ["", long + "x"]}])))
    assert message.startswith("my.json, item 1: field 'captions': longer than")


@pytest.mark.parametrize("name", ["my.jsonl", "my.json", "my.csv", "my.tsv", "my.txt", "my.jsonl.gz"])
def test_empty_files_are_refused(tmp_path: Path, name: str) -> None:
    assert refusal(written(tmp_path / name, b"")) == f"{name}: the file is empty."


@pytest.mark.parametrize(
    ("name", "content"), [("a.jsonl", "\n\n"), ("a.json", "[]"), ("a.json", "{}"), ("a.csv", "id\n")]
)
def test_files_without_records_are_refused(tmp_path: Path, name: str, content: str) -> None:
    assert refusal(written(tmp_path / name, content)) == f"{name}: holds no records."


def test_missing_files_and_unknown_formats_are_refused(tmp_path: Path) -> None:
    assert "there is no file or folder" in refusal(tmp_path / "nope.jsonl")
    message = refusal(written(tmp_path / "my.xlsx", b"PK"))
    assert message.startswith("my.xlsx: not a format that can be read (known: .jsonl ")
    assert "Unpack it: gunzip" in refusal(written(tmp_path / "my.parquet.gz", b"x"))


def test_git_lfs_pointers_are_recognised(tmp_path: Path) -> None:
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n"
    assert "git lfs pull" in refusal(written(tmp_path / "my.jsonl", pointer))


def test_a_folder_where_a_file_is_meant_is_refused(tmp_path: Path) -> None:
    (tmp_path / "my.jsonl").mkdir()
    message = refusal(tmp_path / "my.jsonl")
    assert message.startswith("my.jsonl: this folder holds neither")


def test_unreadable_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path / "my.jsonl", "{}\n")

    def denied(self: Path, *args: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", denied)
    assert refusal(path) == "my.jsonl: cannot be read: Permission denied."
