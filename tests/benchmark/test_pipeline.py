from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import pandas as pd
import pytest

from benchmark import pipeline, scoring
from benchmark.errors import NothingToRun, UserError
from benchmark.pipeline import RunConfig, run
from benchmark.progress import Unwatched
from benchmark.store import Shard
from captioners import CAPTIONERS, Answer, CaptionerError, Drawing
from captioners.base import Baseline
from renderers.registry import Availability

FAST = ("bleu", "cider")


class Counting(Baseline):
    """Says how long the SVG is; counts what it is asked."""

    name = "counting"
    summary = "for tests"
    reads = "svg"
    asked = 0
    sizes: ClassVar[list[int]] = []

    def caption(self, drawings: Sequence[Drawing]) -> list[Answer]:
        type(self).asked += len(drawings)
        self.sizes.append(len(drawings))
        return [Answer(f"{len(drawing.svg)} characters") for drawing in drawings]


class Failing(Counting):
    """Cannot caption the third drawing, nor any batch that holds it."""

    name = "failing"

    def caption(self, drawings: Sequence[Drawing]) -> list[Answer]:
        if any(drawing.id.endswith("third") for drawing in drawings):
            raise RuntimeError("out of memory")
        return super().caption(drawings)


class Short(Counting):
    """Answers only the first drawing of a batch."""

    name = "short"

    def caption(self, drawings: Sequence[Drawing]) -> list[Answer]:
        return super().caption(drawings)[:1]


class Odd(Counting):
    """Answers with something that is no caption, or a strange one."""

    name = "odd"

    def caption(self, drawings: Sequence[Drawing]) -> list[Answer]:
        return [
            {"first": None, "second": Answer(5), "third": Answer('\udc80\r"x"')}.get(d.id, Answer("y"))
            for d in drawings
        ]


class Sorting(Counting):
    """Takes the shortest drawings first, two at a time, and tells of what it cut and did not see."""

    name = "sorting"

    def batches(self, drawings: Sequence[Drawing], batch_size: int) -> Iterator[Sequence[Drawing]]:
        ordered = sorted(drawings, key=lambda drawing: (len(drawing.svg), drawing.id))
        for start in range(0, len(ordered), 2):
            yield ordered[start : start + 2]

    def caption(self, drawings: Sequence[Drawing]) -> list[Answer]:
        told = [{"cleaned": ["quotes"]}, {"dropped": 3}]
        answers = zip(super().caption(drawings), told, strict=False)
        return [replace(answer, details=details) for answer, details in answers]


class Looking(Baseline):
    """Says the colour of the centre of the picture and how large it is."""

    name = "looking"
    summary = "for tests"
    reads = "image"
    image_size = 32

    def caption(self, drawings: Sequence[Drawing]) -> list[Answer]:
        assert all(d.image is not None and d.svg == "" and d.captions == () for d in drawings)
        return [Answer(f"{d.image.getpixel((16, 16))} of {d.image.size}") for d in drawings if d.image]


@pytest.fixture(autouse=True)
def registered(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    CAPTIONERS.names()
    parts = dict(CAPTIONERS._parts)
    Counting.asked = 0
    Counting.sizes.clear()
    for captioner in (Counting, Failing, Short, Odd, Sorting, Looking):
        parts[captioner.name] = captioner
    monkeypatch.setattr(CAPTIONERS, "_parts", parts)
    yield


def config(data: Path, out: Path, *captioners: str, **more: object) -> RunConfig:
    return replace(
        RunConfig(captioners=captioners, dataset=str(data), output_dir=out, metrics=FAST, split="all"),
        **more,
    )


def drawing(colour: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><rect width="8" height="8" fill="{colour}"/></svg>'
    )


def write(path: Path, svgs: Iterable[tuple[str, str]]) -> Path:
    lines = [{"id": id, "svg": svg, "references": [f"{id} thing", "a thing"]} for id, svg in svgs]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def test_every_row_is_scored_on_the_same_samples(own_data: Path, tmp_path: Path) -> None:
    outcome = run(config(own_data, tmp_path / "out", "all", split="test"))
    table = pd.read_csv(tmp_path / "out" / "leaderboard.csv")
    scored = table[table["status"] == "ok"]
    assert set(scored["captioner"]) >= {"constant", "svg-metadata", "nearest-neighbour", "human", "counting"}
    assert scored["n"].nunique() == scored["dataset_fingerprint"].nunique() == 1
    assert set(table[table["status"] == "unavailable"]["captioner"]) == {
        "llama-3.1-8b", "gemma-2-9b", "blip", "blip-large", "vit-gpt2",
        "cogvlm-chat", "cogvlm-base-490", "cogvlm-base-224",
    }  # fmt: skip
    assert [row.captioner for row in outcome.rows][: len(scored)] == list(scored["captioner"])


def test_a_second_run_computes_nothing(own_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = config(own_data, tmp_path, "counting")
    run(wanted)
    before = {file: file.stat().st_mtime_ns for file in tmp_path.rglob("*.jsonl")}
    assert Counting.asked == 30

    def never(*_: object, **__: object) -> None:
        raise AssertionError("scored again")

    monkeypatch.setattr(scoring, "evaluate", never)
    run(wanted)
    assert Counting.asked == 30
    assert {file: file.stat().st_mtime_ns for file in tmp_path.rglob("*.jsonl")} == before


def test_scores_are_made_anew_when_the_captions_or_the_metrics_change(own_data: Path, tmp_path: Path) -> None:
    wanted = config(own_data, tmp_path, "counting")
    run(wanted)
    (file,) = tmp_path.rglob("predictions.jsonl")
    file.write_text(file.read_text().replace("characters", "letters"))
    (before,) = (json.loads(f.read_text()) for f in tmp_path.rglob("scores.json"))
    run(wanted)
    (after,) = (json.loads(f.read_text()) for f in tmp_path.rglob("scores.json"))
    assert before["captions_sha256"] != after["captions_sha256"]
    run(replace(wanted, metrics=("rouge_l",)))
    (final,) = (json.loads(f.read_text()) for f in tmp_path.rglob("scores.json"))
    assert list(final["scores"]) == ["ROUGE-L"]


def test_a_captioner_that_fails_costs_that_drawing_alone(tmp_path: Path) -> None:
    data = write(tmp_path / "d.jsonl", [(name, drawing("red")) for name in ("first", "second", "third", "fourth")])
    outcome = run(config(data, tmp_path / "out", "failing"))
    (row,) = outcome.rows
    assert row.facts["coverage"] == 0.75
    assert row.flags[:2] == ("coverage 75.0%: 3 of 4 samples", "1 failed (25.0%)")
    (file,) = tmp_path.rglob("predictions.jsonl")
    failed = [line for line in map(json.loads, file.read_text().splitlines()) if line["status"] == "failed"]
    assert [(line["id"], line["caption"], line["error"]) for line in failed] == [
        ("third", "", "RuntimeError: out of memory")
    ]


def test_a_captioner_with_too_few_answers_is_asked_one_by_one(own_data: Path, tmp_path: Path) -> None:
    outcome = run(config(own_data, tmp_path, "short"))
    assert outcome.rows[0].facts["coverage"] == 1


def test_an_answer_that_is_no_caption_costs_that_drawing_alone(tmp_path: Path) -> None:
    data = write(tmp_path / "d.jsonl", [(name, drawing("red")) for name in ("first", "second", "third", "fourth")])
    for _ in range(2):
        (row,) = run(config(data, tmp_path / "out", "odd")).rows
        assert (row.facts["coverage"], row.flags[:2]) == (0.5, ("coverage 50.0%: 2 of 4 samples", "2 failed (50.0%)"))
    (file,) = tmp_path.rglob("per_sample.csv")
    table = pd.read_csv(file, keep_default_na=False)
    assert table["caption"].tolist() == ["", "", '\\udc80\r"x"', "y"]


def test_a_drawing_that_cannot_be_rendered_costs_that_drawing_alone(tmp_path: Path) -> None:
    svgs = [("red", drawing("red")), ("broken", "<svg><g></svg>"), ("blue", drawing("blue"))]
    run(config(write(tmp_path / "d.jsonl", svgs), tmp_path / "out", "looking"))
    (file,) = tmp_path.rglob("predictions.jsonl")
    lines = {line["id"]: line for line in map(json.loads, file.read_text().splitlines())}
    assert lines["red"]["caption"] == "(255, 0, 0) of (32, 32)"
    assert lines["blue"]["caption"] == "(0, 0, 255) of (32, 32)"
    assert lines["red"]["rendering"]["backend"] == "resvg"
    assert (lines["broken"]["status"], lines["broken"]["caption"]) == ("failed", "")
    assert "line 1" in lines["broken"]["error"]


def test_a_captioner_may_choose_its_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    svgs = [(f"d{width}", drawing("red" + " " * width)) for width in (30, 10, 20)]
    data = write(tmp_path / "d.jsonl", [*svgs, ("huge", "<svg>" + "<g/>" * 300_000 + "</svg>")])
    (row,) = run(config(data, tmp_path / "whole", "sorting", repair=False)).rows
    (whole,) = (tmp_path / "whole").rglob("predictions.jsonl")
    lines = [json.loads(line) for line in whole.read_text().splitlines()]
    assert [(line["id"], line["status"]) for line in lines] == [
        ("huge", "failed"), ("d10", "ok"), ("d20", "ok"), ("d30", "ok"),
    ]  # fmt: skip
    assert Counting.sizes == [2, 1]
    assert "2 captions cleaned of quotes" in row.flags
    assert "1 drawings shortened for the model" in row.flags

    captioned = Sorting.caption

    def interrupted(self: Sorting, drawings: Sequence[Drawing]) -> list[Answer]:
        if drawings[0].id == "d30":
            raise KeyboardInterrupt
        return captioned(self, drawings)

    monkeypatch.setattr(Sorting, "caption", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run(config(data, tmp_path / "parts", "sorting", repair=False))
    monkeypatch.setattr(Sorting, "caption", captioned)
    run(config(data, tmp_path / "parts", "sorting", repair=False))
    (parts,) = (tmp_path / "parts").rglob("predictions.jsonl")
    again = [json.loads(line) for line in parts.read_text().splitlines()]
    assert [{**line, "seconds": 0} for line in again] == [{**line, "seconds": 0} for line in lines]


def test_the_batch_size_changes_no_caption(own_data: Path, tmp_path: Path) -> None:
    captions = []
    for batch_size in (1, 5, 100):
        wanted = config(own_data, tmp_path / str(batch_size), "nearest-neighbour", "counting", batch_size=batch_size)
        captions.append({row.captioner: row.captions for row in run(replace(wanted, split="test")).rows})
    assert captions[0] == captions[1] == captions[2]
    assert max(Counting.sizes) > 5 > min(Counting.sizes) == 1


def test_shards_together_make_the_whole(own_data: Path, tmp_path: Path) -> None:
    first = run(config(own_data, tmp_path / "two", "counting", shard=Shard(1, 2)))
    assert first.unfinished == {"counting": 15}
    assert [row.status for row in first.rows] == ["incomplete"]
    second = run(config(own_data, tmp_path / "two", "counting", shard=Shard(2, 2)))
    assert second.unfinished == {}
    whole = run(config(own_data, tmp_path / "one", "counting"))
    assert second.rows[0].scores == whole.rows[0].scores
    assert second.rows[0].facts["predictions_sha256"] == whole.rows[0].facts["predictions_sha256"]


def test_a_captioner_that_has_become_able_is_no_longer_called_unavailable(
    own_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Counting, "availability", lambda _: Availability("no weights"))
    rows = {row.captioner: row for row in run(config(own_data, tmp_path, "all", split="test")).rows}
    assert (rows["counting"].status, rows["counting"].reason) == ("unavailable", "no weights")
    monkeypatch.undo()
    monkeypatch.setitem(CAPTIONERS._parts, "counting", Counting)
    (row,) = (
        r
        for r in run(config(own_data, tmp_path, "counting", split="test", shard=Shard(1, 2))).rows
        if r.captioner == "counting"
    )
    assert row.status == "incomplete"


def test_two_names_with_the_same_captions_are_flagged(
    own_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(CAPTIONERS._parts, "twin", type("Twin", (Counting,), {"name": "twin"}))
    outcome = run(config(own_data, tmp_path, "counting", "twin"))
    assert {row.captioner: row.flags for row in outcome.rows} == {
        "counting": ("same captions as twin",),
        "twin": ("same captions as counting",),
    }


class Unteachable(Counting):
    """Cannot learn from anything."""

    name = "unteachable"
    learns = True

    def fit(self, training: Iterable[Drawing]) -> None:
        raise CaptionerError(f"cannot learn from {len(list(training))} drawings")


def test_a_captioner_that_cannot_learn_costs_its_own_row_alone(
    own_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(CAPTIONERS._parts, "unteachable", Unteachable)
    outcome = run(config(own_data, tmp_path, "all", split="test"))
    rows = {row.captioner: row for row in outcome.rows}
    assert (rows["unteachable"].status, rows["unteachable"].reason[:18]) == ("unavailable", "cannot learn from ")
    assert rows["counting"].status == "ok"
    with pytest.raises(UserError, match="unteachable: cannot learn from"):
        run(config(own_data, tmp_path, "unteachable", split="test"))


def test_training_drawings_that_cannot_be_rendered_are_counted(tmp_path: Path) -> None:
    lines = [
        {"id": str(i), "svg": svg, "references": ["x", "y"], "split": split}
        for i, (svg, split) in enumerate(
            [
                (drawing("red"), "train"),
                ("<svg><g></svg>", "train"),
                (drawing("blue"), "test"),
                (drawing("red"), "test"),
            ]
        )
    ]
    (tmp_path / "d.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    notes: list[str] = []
    watcher = Unwatched()
    watcher.note = notes.append
    run(config(tmp_path / "d.jsonl", tmp_path / "out", "nearest-neighbour", split="test"), watcher)
    assert any("1 of 2 training drawings could not be rendered" in note for note in notes)


def test_failed_drawings_are_tried_again_when_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = write(tmp_path / "d.jsonl", [(name, drawing("red")) for name in ("first", "second", "third", "fourth")])
    wanted = config(data, tmp_path / "out", "failing")
    assert run(wanted).rows[0].facts["coverage"] == 0.75
    monkeypatch.setattr(Failing, "caption", Counting.caption)
    assert run(wanted).rows[0].facts["coverage"] == 0.75
    assert run(replace(wanted, retry_failed=True)).rows[0].facts["coverage"] == 1


def test_training_drawings_are_never_evaluated_ones(own_data: Path, tmp_path: Path) -> None:
    with pytest.raises(NothingToRun, match="no training drawings outside the evaluated ones"):
        run(config(own_data, tmp_path, "constant"))  # split "all" evaluates the training split too


def test_a_named_captioner_that_cannot_run_is_an_error_before_anything_runs(own_data: Path, tmp_path: Path) -> None:
    with pytest.raises(
        UserError, match=r"named and cannot run.*\n  cogvlm-chat: the weights are not on this machine"
    ) as error:
        run(config(own_data, tmp_path / "out", "counting", "cogvlm-chat"))
    assert error.value.exit_code == 2
    assert Counting.asked == 0
    with pytest.raises(NothingToRun) as error:
        run(config(own_data, tmp_path / "out", "cogvlm-chat"))
    assert error.value.exit_code == 3


def test_human_needs_two_references(tmp_path: Path) -> None:
    data = tmp_path / "d.jsonl"
    data.write_text(json.dumps({"id": "a", "svg": drawing("red"), "caption": "a red square"}) + "\n")
    with pytest.raises(NothingToRun, match="1 of 1 samples have a single reference; it needs two"):
        run(config(data, tmp_path / "out", "human"))


def test_a_held_out_reference_is_not_scored_against(tmp_path: Path) -> None:
    data = tmp_path / "d.jsonl"
    lines = [{"id": id, "svg": drawing("red"), "references": ["one two", f"three {id}"]} for id in ("a", "b")]
    data.write_text("".join(json.dumps(line) + "\n" for line in lines))
    outcome = run(config(data, tmp_path / "out", "human", metrics=("bleu", "rouge_l")))
    assert outcome.rows[0].score("ROUGE-L") == 0  # it would be 1 against itself
    assert "|refs:1|" in outcome.rows[0].scores["ROUGE-L"]["signature"]


def test_predictions_of_another_background_are_not_mixed_in(own_data: Path, tmp_path: Path) -> None:
    run(config(own_data, tmp_path, "looking"))
    with pytest.raises(UserError, match=r"renderer.background: '#ffffff' -> '#000000'"):
        run(config(own_data, tmp_path, "looking", background="black"))


def test_the_manifest_repeats_the_run(own_data: Path, tmp_path: Path) -> None:
    run(config(own_data, tmp_path / "a", "counting", limit=9, seed=4))
    (manifest,) = (json.loads(f.read_text()) for f in (tmp_path / "a").rglob("manifest.json"))
    options = manifest["options"]
    assert (options["captioners"], options["limit"], options["seed"]) == ("counting", 9, 4)
    assert manifest["software"]["pycocoevalcap"] == "1.2"
    assert (manifest["dataset"]["dataset"], manifest["dataset"]["n"]) == ("scenes", 9)
    assert manifest["identity"]["dataset"] == pipeline.load_dataset(str(own_data)).limit(9, 4).fingerprint()


def test_learners_are_fingerprinted_by_what_they_learnt_from(own_data: Path, tmp_path: Path) -> None:
    run(config(own_data, tmp_path, "constant", split="test"))
    (manifest,) = (json.loads(f.read_text()) for f in tmp_path.rglob("manifest.json"))
    whole = pipeline.load_dataset(str(own_data))
    assert manifest["identity"]["captioner"]["training"] == whole.split("train").fingerprint()
