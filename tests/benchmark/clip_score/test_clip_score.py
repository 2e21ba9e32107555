"""CLIP Score equals the formulas of Hessel et al. 2021, computed apart from it, on a small CLIP."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmark.drawn import drawn
from benchmark.metrics import Evaluation, evaluate
from benchmark.metrics.clip_score.encoder import load
from benchmark.metrics.clip_score.formulas import ref_clip_s
from benchmark.metrics.clip_score.metric import ClipScore
from benchmark.metrics.clip_score.options import ClipOptions
from benchmark.metrics.evaluation import tokenized_corpus
from benchmark.progress import Unwatched
from renderers import RenderOptions
from tests.benchmark.clip_score.small_clip import expected, scenes, small_clip

COLUMNS = ["CLIPScore", "CLIPScore-w2.5", "RefCLIPScore"]
LONG = "a drawing of " + ", ".join(f"{count} blue stars" for count in range(2, 40))
CAPTIONS = ["a red cat", "Two dogs &amp; a “bone”", LONG, "x", "no", "a red cat", "the number 7 in a circle", "日本"]
REFERENCES = [
    ["a cat", "an animal sitting"],
    ["dogs"],
    ["stars", LONG],
    ["y", "x"],
    ["yes"],
    ["a hat"],
    ["seven"],
    ["a flag"],
]
CUT, REFERENCE_CUT = "captions over 77 tokens", "samples with a reference over 77 tokens"
UNSEEN = "drawings that CLIP Score could not see"


def scored(
    captions: list[str], references: list[list[str]], pictures: list[Image.Image | None], options: ClipOptions
) -> Evaluation:
    return evaluate(
        {f"{i}": caption for i, caption in enumerate(captions)},
        {f"{i}": written for i, written in enumerate(references)},
        metrics=("clip_score",),
        images={f"{i}": picture for i, picture in enumerate(pictures) if picture is not None},
        configured={"clip_score": ClipScore(options)},
    )


@pytest.fixture(scope="module", params=[32, 57], ids=["as large as the model sees", "larger"])
def case(request: pytest.FixtureRequest) -> tuple[list[Image.Image], np.ndarray]:
    pictures = scenes(len(CAPTIONS), request.param)
    return pictures, expected(small_clip(0), pictures, CAPTIONS, REFERENCES)


@pytest.mark.parametrize("batch_size", [1, 3, 64])
def test_all_columns_equal_an_independent_computation_whatever_the_batch_size(
    case: tuple, batch_size: int, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SVG_CAPTION_BENCH_CACHE", str(tmp_path))
    pictures, values = case
    evaluation = scored(CAPTIONS, REFERENCES, pictures, ClipOptions(checkpoint=folder, batch_size=batch_size))
    found = evaluation.per_sample
    assert list(found.columns) == COLUMNS
    assert (values > 0).any(axis=0).all()
    assert (values == 0).any()
    assert found["CLIPScore"].to_numpy() / 100 == pytest.approx(values[:, 0] / 100, abs=1e-5)
    assert found[COLUMNS[1:]].to_numpy() == pytest.approx(values[:, 1:], abs=1e-5)
    assert list(evaluation.corpus.values()) == pytest.approx(values.mean(axis=0), abs=1e-4)


def test_the_harmonic_mean_is_0_where_a_part_is_0_and_ten_sevenths_at_most() -> None:
    parts = np.array([1.0, 0.0, -0.5, 0.4]), np.array([1.0, 1.0, 0.5, 0.5])
    assert ref_clip_s(*parts) == pytest.approx([10 / 7, 0, 0, 2 / 3])


def test_any_set_of_rows_scores_as_the_mean_of_its_samples(folder: Path) -> None:
    pictures = {f"{i}": picture for i, picture in enumerate(scenes(3))}
    corpus = tokenized_corpus(dict(zip("012", CAPTIONS, strict=False)), {id: ["a cat"] for id in "012"}, pictures)
    metric = ClipScore(ClipOptions(checkpoint=folder))
    rows = metric.statistics(corpus)
    singles = metric.score(rows)
    assert metric.score(rows[[0, 2, 2]].sum(axis=0)) == pytest.approx((singles[0] + 2 * singles[2]) / 3)


def test_a_blank_or_missing_caption_scores_0_like_that_of_a_drawing_nobody_could_draw(folder: Path) -> None:
    references = [["a cat"]] * 4
    pictures: list[Image.Image | None] = [*scenes(3), None]
    evaluation = scored(["a red cat", " \n", "", "a red cat"], references, pictures, ClipOptions(checkpoint=folder))
    alone = scored(["a red cat"], [["a cat"]], pictures[:1], ClipOptions(checkpoint=folder))
    assert evaluation.per_sample.to_numpy()[1:] == pytest.approx(0)
    assert evaluation.per_sample.to_numpy()[0] == pytest.approx(alone.per_sample.to_numpy()[0], abs=1e-5)
    assert evaluation.flags[UNSEEN].tolist() == [False, False, False, True]
    missing = evaluate(
        {"0": "a red cat"},
        {f"{i}": ["a cat"] for i in range(4)},
        ("clip_score",),
        images={f"{i}": picture for i, picture in enumerate(pictures) if picture is not None},
        configured={"clip_score": ClipScore(ClipOptions(checkpoint=folder))},
    )
    assert missing.per_sample.to_numpy()[1:] == pytest.approx(0)


def test_nothing_at_all_scores_0(folder: Path) -> None:
    evaluation = scored(["", ""], [["a cat"], ["a dog"]], [None, None], ClipOptions(checkpoint=folder))
    assert evaluation.per_sample.to_numpy() == pytest.approx(np.zeros((2, 3)))


def test_texts_that_are_longer_than_the_model_reads_are_flagged(folder: Path) -> None:
    # "A photo depicts " and the two ends take 5 of the 77 tokens.
    captions = ["cat " * 72, "cat " * 73, LONG, "cat"]
    references = [["cat"], ["cat"], ["cat", LONG], ["cat " * 72]]
    flags = scored(captions, references, scenes(4), ClipOptions(checkpoint=folder)).flags
    assert flags[CUT].tolist() == [False, True, True, False]
    assert flags[REFERENCE_CUT].tolist() == [False, False, True, False]


def test_hostile_captions_take_no_time(folder: Path) -> None:
    letters = "".join(chr(97 + (i * 7919 + i * i) % 26) for i in range(300_000))
    captions = [letters, "ab" * 200_000, "&amp;" * 100_000, "<end_of_text>" * 30_000, "lone \udc80 surrogate", "\0"]
    start = time.process_time()
    evaluation = scored(captions, [["a cat"]] * 6, scenes(6), ClipOptions(checkpoint=folder))
    assert time.process_time() - start < 10  # a quadratic tokenizer takes minutes
    assert np.isfinite(evaluation.per_sample.to_numpy()).all()
    assert evaluation.flags[CUT].tolist() == [True, True, True, True, False, False]


def test_transparent_pictures_are_seen_on_white(folder: Path) -> None:
    clear = Image.new("RGBA", (32, 32), (255, 0, 0, 0))
    options = ClipOptions(checkpoint=folder)
    found = scored(["a cat"] * 2, [["a dog"]] * 2, [clear, Image.new("RGB", (32, 32), "white")], options)
    assert found.per_sample.loc["0"].tolist() == found.per_sample.loc["1"].tolist()


def test_drawings_are_drawn_in_the_size_that_the_model_sees_on_the_background_of_the_signature(folder: Path) -> None:
    svg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><circle cx="4" cy="4" r="3" fill="red"/></svg>'
    images = drawn([svg, "no svg", svg], RenderOptions(background="#00ff00"))
    pictures = list(images.pictures(32))
    square = (32, 32), "RGB"
    assert [picture and (picture.size, picture.mode) for picture in pictures] == [square, None, square]
    assert pictures[0] is not None
    assert pictures[0].getpixel((0, 0)) == (0, 255, 0)
    configured = {"clip_score": ClipScore(ClipOptions(checkpoint=folder))}
    references = {id: ["a circle"] for id in "abc"}
    evaluation = evaluate({"a": "a red circle"}, references, ("clip_score",), images=images, configured=configured)
    assert "|size:32|bg:#00ff00|" in evaluation.signatures["CLIPScore"]
    assert evaluation.flags[UNSEEN].tolist() == [False, True, False]


def test_a_drawing_that_failed_is_not_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    svg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><path d="M0 0h8v8z"/></svg>'
    images = drawn([svg, "no svg"], RenderOptions())
    first = list(images.pictures(16))
    asked: list[str] = []

    def render_many(pool: object, svgs: object) -> object:
        for one in svgs:  # type: ignore[attr-defined]
            asked.append(one)
            yield from original(pool, [one])

    from renderers import RenderPool

    original = RenderPool.render_many
    monkeypatch.setattr(RenderPool, "render_many", render_many)
    again = list(images.pictures(16))
    assert asked == [svg]
    assert again[1] is first[1] is None
    assert again[0] is not None
    assert first[0] is not None
    assert again[0].tobytes() == first[0].tobytes()


def test_without_pictures_the_cell_says_so(folder: Path) -> None:
    configured = {"clip_score": ClipScore(ClipOptions(checkpoint=folder))}
    evaluation = evaluate({"a": "x"}, {"a": ["x"]}, ("clip_score",), configured=configured)
    assert set(evaluation.unavailable) == set(COLUMNS)
    assert "looks at the drawings" in evaluation.unavailable["CLIPScore"]


def test_signatures_say_how_each_column_was_computed(folder: Path) -> None:
    signatures = scored(["x"], [["x", "y"]], scenes(1), ClipOptions(checkpoint=folder, dtype="bfloat16")).signatures
    for column in COLUMNS:
        parts = signatures[column].split("|")
        assert parts[:2] == [column, "checkpoint"]
        assert parts[2].startswith("sha256:")
        assert parts[3].startswith("open_clip-")
        assert {"bfloat16", "size:32", "bg:#ffffff", "empty:0", "v1"} <= set(parts)
    assert "|prompt:none|w:100|" in signatures["CLIPScore"]
    assert "|prompt:A_photo_depicts|w:2.5|" in signatures["CLIPScore-w2.5"]
    assert "|prompt:A_photo_depicts|w:2.5|max-ref|harmonic-mean|" in signatures["RefCLIPScore"]
    assert "|refs:2|" in signatures["RefCLIPScore"]
    assert "tok:" not in signatures["CLIPScore"]


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_half_precision_is_close_to_float32(dtype: str, case: tuple, folder: Path) -> None:
    pictures, values = case
    evaluation = scored(CAPTIONS, REFERENCES, pictures, ClipOptions(checkpoint=folder, dtype=dtype))
    assert evaluation.unavailable == {}
    assert evaluation.per_sample.to_numpy() / [100, 1, 1] == pytest.approx(values / [100, 1, 1], abs=0.05)


def test_the_network_is_not_asked_for_anything(folder: Path, offline: Callable[[], int], tmp_path: Path) -> None:
    import shutil

    fresh = shutil.copytree(folder, tmp_path / "fresh")  # so that it is loaded anew
    evaluation = scored(CAPTIONS, REFERENCES, scenes(8), ClipOptions(checkpoint=fresh))
    assert len(evaluation.corpus) == 3
    assert offline() == 0


def test_a_device_that_is_not_here_is_named(folder: Path) -> None:
    for device in ("cuda:9", "abacus"):
        evaluation = scored(["x"], [["x"]], scenes(1), ClipOptions(checkpoint=folder, device=device))
        assert f"no device {device!r}" in evaluation.unavailable["CLIPScore"]


def test_an_embedding_that_is_no_number_is_an_error_not_a_score(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    options = ClipOptions(checkpoint=folder, batch_size=2)
    encoder = load(options, Unwatched())
    monkeypatch.setattr(encoder.model, "encode_image", lambda batch: batch.mean(dim=(2, 3)) * float("nan"))
    pictures = scenes(1, 33)
    assert "no number in float32" in scored(["x"], [["x"]], pictures, options).unavailable["CLIPScore"]
