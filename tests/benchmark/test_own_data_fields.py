"""Which fields are taken for drawing, captions, id, group and split."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmark.datasets.fields import Fields, asked_fields, caption_fields, sample_fields
from benchmark.datasets.formats.source import Record, Source
from benchmark.errors import UserError

SVG = "<svg/>"
SOURCE = Source(Path("my.jsonl"), "my.jsonl")


def records(*data: dict[str, object]) -> list[Record]:
    return [Record(item, SOURCE, f"line {number}") for number, item in enumerate(data, 1)]


@pytest.mark.parametrize(
    ("record", "fields"),
    [
        ({"svg": SVG, "caption": "c"}, Fields("svg", ("caption",))),
        ({"Filename": "x", "Svg": SVG, "Caption": "c"}, Fields("Svg", ("Caption",), "Filename")),
        ({"xml": SVG, "svg": SVG, "caption": "c"}, Fields("svg", ("caption",))),
        ({"SVG-Code": SVG, "ground truth": "c"}, Fields("SVG-Code", ("ground truth",))),
        ({"caption": "c", "captions": ["c"], "svg": SVG}, Fields("svg", ("captions",))),
        ({"reference": "c", "captions": {"model": "c"}, "svg": SVG}, Fields("svg", ("reference",))),
        ({"svg": SVG, "caption_2": "c", "caption_10": "c", "caption_1": "c"},
         Fields("svg", ("caption_1", "caption_2", "caption_10"))),
        ({"svg": SVG, "reference0": "c", "reference1": "c"}, Fields("svg", ("reference0", "reference1"))),
        ({"svg": SVG, "caption": "c", "caption_2": "c"}, Fields("svg", ("caption", "caption_2"))),
        ({"instruction": "Describe", "input": SVG, "output": "c"}, Fields("input", ("output",))),
        ({"svg": SVG, "text": "c"}, Fields("svg", ("text",))),
        ({"text": SVG, "label": "c"}, Fields("text", ("label",))),
        ({"code": "style=fill:none\td=M0,0", "label": "c"}, Fields("code", ("label",))),
        ({"svg": SVG, "label": 3, "text": "c"}, Fields("svg", ("text",))),
        ({"file_name": "a.svg", "caption": "c"}, Fields("file_name", ("caption",), "file_name")),
        ({"path": "figs/a.svg", "svg": SVG, "caption": "c"}, Fields("svg", ("caption",))),
        ({"svg": SVG, "caption": "c", "name": "n", "id": 1, "class": "g", "subset": "val"},
         Fields("svg", ("caption",), "id", "class", "subset")),
        ({"svg": SVG, "caption": "c", "subset": "icons", "category": ["x"]}, Fields("svg", ("caption",))),
        ({"svg": SVG, "caption": "c", "split": "no split at all"}, Fields("svg", ("caption",), split="split")),
    ],
)  # fmt: skip
def test_usual_names_are_found(record: dict[str, object], fields: Fields) -> None:
    assert sample_fields(records(record), Fields()) == fields


def test_a_field_that_few_records_have_gives_way_to_one_that_most_have() -> None:
    few = records({"svg": SVG, "references": ["c"]}, *({"svg": SVG, "reference": "c"} for _ in range(3)))
    assert sample_fields(few, Fields()).captions == ("reference",)


def test_a_field_that_only_few_records_have_is_found_all_the_same() -> None:
    few = records({"svg": SVG, "caption": "c"}, *({"caption": "c"} for _ in range(3)))
    assert sample_fields(few, Fields()).svg == "svg"


@pytest.mark.parametrize(
    ("record", "what", "option"),
    [
        ({"id": 1, "caption": "c"}, "drawings", "--svg-field"),
        ({"id": 1, "input": "a description", "output": SVG}, "drawings", "--svg-field"),
        ({"id": 1, "svg": SVG}, "captions", "--caption-field"),
        ({"id": 1, "svg": SVG, "captions": {"model": "c"}}, "captions", "--caption-field"),
        ({"id": 1, "svg": SVG, "output": SVG}, "captions", "--caption-field"),
    ],
)
def test_what_is_not_found_is_said_with_the_fields_there_are(record: dict[str, object], what: str, option: str) -> None:
    with pytest.raises(UserError) as caught:
        sample_fields(records(record), Fields())
    message = str(caught.value)
    assert message.startswith(f"my.jsonl: no field holds {what} (looked for ")
    assert message.endswith(f"Its fields: {', '.join(record)}. Name the right one with {option}.")


def test_captions_alone_need_an_id() -> None:
    with pytest.raises(UserError, match=r"my.jsonl: no field holds ids .*--id-field"):
        caption_fields(records({"caption": "c"}), Fields())


def test_predictions_have_names_of_their_own_and_are_never_taken_from_references() -> None:
    both = records({"id": 1, "reference": "r", "caption": "c", "prediction": "p"})
    assert caption_fields(both, Fields()).captions == ("caption",)
    assert caption_fields(both, Fields(), predictions=True).captions == ("prediction",)
    with pytest.raises(UserError, match="looked for prediction, pred, hypothesis, generated_caption"):
        caption_fields(records({"id": 1, "reference": "r", "ground_truth": "g"}), Fields(), predictions=True)


def test_names_asked_for_may_differ_in_case_and_dashes() -> None:
    asked = asked_fields(svg="svg_code", captions=["LONG,short"], id="Key")
    found = sample_fields(records({"SVG-Code": SVG, "long": "c", "Short": "c", "key": 1}), asked)
    assert found == Fields("SVG-Code", ("long", "Short"), "key")


def test_the_choice_is_described() -> None:
    assert str(Fields("svg", ("a", "b"), "id", "g", "s")) == (
        "drawings from 'svg'; captions from 'a', 'b'; ids from 'id'; groups from 'g'; splits from 's'"
    )
    assert str(Fields("svg", ("a",))) == (
        "drawings from 'svg'; captions from 'a'; ids made of the source's name and the position"
    )
