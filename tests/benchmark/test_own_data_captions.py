"""Captions made elsewhere, and their references, by id."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmark.datasets.captions import read_captions, read_hypotheses
from benchmark.errors import UserError

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"


def written(path: Path, *lines: object) -> Path:
    texts = (line if isinstance(line, str) else json.dumps(line) for line in lines)
    path.write_text("".join(f"{text}\n" for text in texts), encoding="utf-8")
    return path


def refusal(path: Path, **options: Any) -> str:
    with pytest.raises(UserError) as caught:
        read_captions(path, **options)
    return str(caught.value)


def test_the_lines_of_a_run_are_read_as_they_stand(tmp_path: Path) -> None:
    path = written(
        tmp_path / "predictions.jsonl",
        {"id": "b", "caption": " a disc \n", "raw": " a disc \n<eos>", "status": "ok"},
        {"id": "a", "caption": "", "raw": "", "status": "empty"},
        {"id": "c", "caption": None, "raw": None, "status": "failed"},
    )
    assert list(read_captions(path, allow_empty=True).items()) == [("b", (" a disc \n",)), ("a", ("",)), ("c", ("",))]


def test_repeated_ids_accumulate(tmp_path: Path) -> None:
    coco = [{"image_id": 1, "caption": "x"}, {"image_id": 2, "caption": "y"}, {"image_id": 1, "caption": "x"}]
    path = written(tmp_path / "results.json", coco)
    assert read_captions(path) == {"1": ("x", "x"), "2": ("y",)}
    assert read_captions(path, allow_empty=True) == {"1": ("x", "x"), "2": ("y",)}


def test_a_model_answers_once(tmp_path: Path) -> None:
    path = written(tmp_path / "out.jsonl", {"id": 1, "caption": "x", "answer": "y"}, {"id": 2, "caption": ""})
    assert read_hypotheses(path) == {"1": "x", "2": ""}
    path = written(tmp_path / "out.jsonl", {"id": 1, "caption": "x"}, {"id": 2, "caption": ["y", "y"]})
    with pytest.raises(UserError, match=r"out.jsonl holds 2 captions for the sample '2' \(1 such samples\)"):
        read_hypotheses(path)


def test_references_are_stripped_and_blank_ones_left_out(tmp_path: Path) -> None:
    path = written(tmp_path / "refs.csv", "id,caption_1,caption_2,caption_3", "a, x ,,y", 'b,"[""p"", "" q""]",,')
    assert read_captions(path) == {"a": ("x", "y"), "b": ("p", "q")}


def test_a_model_may_answer_a_list(tmp_path: Path) -> None:
    path = written(tmp_path / "out.csv", "id,prediction", 'a,"[""x""]"', "b,['y']")
    assert read_captions(path, allow_empty=True) == {"a": ('["x"]',), "b": ("['y']",)}


def test_a_python_list_in_a_table_of_references_is_refused(tmp_path: Path) -> None:
    message = refusal(written(tmp_path / "refs.csv", "id,captions", 'a,"[]"', "b,\"['x', 'y']\""), max_errors=2)
    first, second = message.splitlines()
    assert first.startswith("refs.csv, line 3: field 'captions': looks like a list, but is not JSON. Write it as [")
    assert second.startswith("refs.csv, line 2: field 'captions': no caption.")


def test_brackets_alone_make_no_list(tmp_path: Path) -> None:
    path = written(tmp_path / "refs.csv", "id,caption", "a,[a sign]", "b,[1]")
    assert read_captions(path) == {"a": ("[a sign]",), "b": ("[1]",)}


def test_coco_captions_are_references(tmp_path: Path) -> None:
    content = {"images": [{"id": 9, "file_name": "a.jpg"}], "annotations": [{"image_id": 9, "caption": "x"}]}
    assert read_captions(written(tmp_path / "refs.json", content)) == {"9": ("x",)}


def test_a_dataset_with_drawings_gives_its_references(tmp_path: Path) -> None:
    path = written(tmp_path / "my.jsonl", {"id": 1, "svg": "<svg/>", "captions": ["x", "y"]})
    assert read_captions(path) == {"1": ("x", "y")}


def test_fields_can_be_named(tmp_path: Path) -> None:
    path = written(tmp_path / "out.csv", "id,caption,code,answer", "1,x,a,y")
    assert read_captions(path, id_field="code", caption_fields=["answer,caption"]) == {"a": ("y", "x")}
    assert refusal(path, id_field="nope") == (
        "out.csv: there is no field 'nope' (--id-field). Its fields: id, caption, code, answer."
    )


@pytest.mark.parametrize("allow_empty", [True, False])
@pytest.mark.parametrize(
    ("record", "field", "fault"),
    [
        ({"caption": "x"}, "id", "missing; this record has: caption."),
        ({"id": "a"}, "caption", "missing; this record has: id."),
        ({"id": "a", "caption": 3}, "caption", "is a number, not text"),
        ({"id": "a\tb", "caption": "x"}, "id", "control characters"),
    ],
)
def test_a_faulty_record_names_line_and_field(
    tmp_path: Path, allow_empty: bool, record: object, field: str, fault: str
) -> None:
    path = written(tmp_path / "out.jsonl", {"id": "first", "caption": "x"}, record)
    message = refusal(path, allow_empty=allow_empty)
    assert message.startswith(f"out.jsonl, line 2: field '{field}': ")
    assert fault in message


@pytest.mark.parametrize("caption", ["", " ", None, []])
def test_an_id_without_references_is_refused(tmp_path: Path, caption: object) -> None:
    path = written(tmp_path / "refs.jsonl", {"id": "first", "caption": "x"}, {"id": "a", "caption": caption})
    assert refusal(path).startswith("refs.jsonl, line 2: field 'caption': ")


def test_several_errors_are_shown_up_to_the_limit(tmp_path: Path) -> None:
    path = written(tmp_path / "refs.jsonl", *({"id": number, "caption": ""} for number in range(4)))
    assert len(refusal(path, max_errors=4).splitlines()) == 4
    assert refusal(path, max_errors=2).splitlines()[2:] == ["… and more."]


def test_real_captions_of_photographs_are_read(tmp_path: Path) -> None:
    source = SHARED / "flickr8k_subset.json"
    if not source.exists():
        pytest.skip(f"{source.name} is not here")
    captions = json.loads(source.read_text(encoding="utf-8"))["captions"]
    found = read_captions(written(tmp_path / "refs.json", captions))
    assert found == {name: tuple(text.strip() for text in texts) for name, texts in captions.items()}


def test_a_real_record_without_a_reference_is_named() -> None:
    path = SHARED / "thesis_captions.jsonl"
    if not path.exists():
        pytest.skip(f"{path.name} is not here")
    records = [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]
    bare = [number for number, record in enumerate(records, 1) if not record.get("reference")]
    places = [message.partition(": ")[0] for message in refusal(path, max_errors=99).splitlines()]
    assert places == [f"thesis_captions.jsonl, line {number}" for number in bare]
