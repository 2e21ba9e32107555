"""Whatever stands in ids and captions comes back the same from every format."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmark.datasets.captions import read_captions
from benchmark.datasets.own import load
from benchmark.samples import Sample

SVG = "<svg/>"

ids = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1).filter(str.strip)
texts = st.text(st.characters(exclude_categories=("Cs",)))
captions = texts.filter(str.strip)
# In a table, a cell that is written like a list of texts is one.
plain = captions.filter(lambda text: not text.strip().startswith("["))
drawings = texts.map(lambda text: f"<svg><desc>{text}</desc></svg>")


def expected(drawn: dict[str, tuple[str, list[str]]]) -> tuple[Sample, ...]:
    return tuple(
        Sample(name, svg, tuple(dict.fromkeys(text.strip() for text in references)))
        for name, (svg, references) in drawn.items()
    )


def write_table(path: Path, rows: list[list[str]], delimiter: str = ",") -> None:
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream, delimiter=delimiter).writerows(rows)


def samples(captions: st.SearchStrategy[str]) -> st.SearchStrategy[dict[str, tuple[str, list[str]]]]:
    return st.dictionaries(ids, st.tuples(drawings, st.lists(captions, min_size=1)), min_size=1)


@given(drawn=samples(captions), escaped=st.booleans())
@settings(deadline=None)
def test_json_lines_give_the_samples_that_were_written(drawn: dict[str, tuple[str, list[str]]], escaped: bool) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "my.jsonl"
        records = ({"id": name, "svg": svg, "captions": list(refs)} for name, (svg, refs) in drawn.items())
        lines = (json.dumps(record, ensure_ascii=escaped) + "\n" for record in records)
        path.write_bytes("".join(lines).encode())
        assert load(path).samples == expected(drawn)


@given(drawn=samples(captions), listed=st.booleans())
@settings(deadline=None)
def test_tables_give_the_samples_that_were_written(drawn: dict[str, tuple[str, list[str]]], listed: bool) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "my.csv"
        rows = [[name, svg, json.dumps(refs, ensure_ascii=listed)] for name, (svg, refs) in drawn.items()]
        write_table(path, [["id", "svg", "captions"], *rows])
        assert load(path).samples == expected(drawn)


@pytest.mark.parametrize(("name", "delimiter"), [("my.csv", ","), ("my.tsv", "\t")])
@given(drawn=st.dictionaries(ids, st.tuples(plain, plain), min_size=1))
@settings(deadline=None)
def test_tables_with_a_column_per_caption_give_the_captions_that_were_written(
    name: str, delimiter: str, drawn: dict[str, tuple[str, str]]
) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        rows = [[key, *pair] for key, pair in drawn.items()]
        write_table(path, [["id", "caption_1", "caption_2"], *rows], delimiter)
        assert read_captions(path) == {key: (a.strip(), b.strip()) for key, (a, b) in drawn.items()}


@given(drawn=st.dictionaries(ids, texts, min_size=1))
@settings(deadline=None)
def test_predictions_come_back_to_the_last_blank(drawn: dict[str, str]) -> None:
    with TemporaryDirectory() as folder:
        table, lines = Path(folder) / "out.csv", Path(folder) / "out.jsonl"
        write_table(table, [["id", "prediction"], *map(list, drawn.items())])
        lines.write_text("".join(json.dumps({"id": k, "caption": v}) + "\n" for k, v in drawn.items()))
        whole = {key: (text,) for key, text in drawn.items()}
        assert read_captions(table, allow_empty=True) == whole
        assert read_captions(lines, allow_empty=True) == whole


# An object with both "id" and "caption" is one record.
@given(
    drawn=st.dictionaries(
        ids.filter(lambda i: i not in ("id", "image_id", "svg")), st.lists(captions, min_size=1), min_size=1
    )
)
@settings(deadline=None)
def test_documents_of_ids_and_captions_come_back(drawn: dict[str, list[str]]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "refs.json"
        path.write_text(json.dumps(drawn), encoding="utf-8")
        assert read_captions(path) == {key: tuple(t.strip() for t in refs) for key, refs in drawn.items()}
