"""No picture and no caption is encoded twice by the same model, and none is mixed up with another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmark.metrics import evaluate
from benchmark.metrics.clip_score.embedding import embedded
from benchmark.metrics.clip_score.embedding_store import EmbeddingStore, key_of
from benchmark.metrics.clip_score.encoder import ClipEncoder
from benchmark.metrics.clip_score.metric import ClipScore
from benchmark.metrics.clip_score.options import ClipOptions
from tests.benchmark.clip_score.small_clip import expected, saved, scenes, small_clip

CAPTIONS, REFERENCES = ["a cat", "two dogs", "a cat"], [["a hat"], ["dogs"], ["a cat"]]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of this test alone."""
    monkeypatch.setenv("SVG_CAPTION_BENCH_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "clip"


@pytest.fixture
def encoded(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Every picture and text that a model is shown from here on."""
    seen: list[object] = []
    images, texts = ClipEncoder.images, ClipEncoder.texts

    def watched_images(self: ClipEncoder, pictures: Sequence[Image.Image]) -> object:
        seen.extend(picture.tobytes() for picture in pictures)
        return images(self, pictures)

    def watched_texts(self: ClipEncoder, captions: Sequence[str]) -> object:
        seen.extend(captions)
        return texts(self, captions)

    monkeypatch.setattr(ClipEncoder, "images", watched_images)
    monkeypatch.setattr(ClipEncoder, "texts", watched_texts)
    return seen


def scores(pictures: Sequence[Image.Image], folder: Path, **options: object) -> np.ndarray:
    settings = ClipOptions(checkpoint=folder, **options)  # type: ignore[arg-type]
    names = [f"{i}" for i in range(3)]
    found = evaluate(
        dict(zip(names, CAPTIONS, strict=True)),
        dict(zip(names, REFERENCES, strict=True)),
        ("clip_score",),
        images=dict(zip(names, pictures, strict=True)),
        configured={"clip_score": ClipScore(settings)},
    )
    return found.per_sample.to_numpy()


def test_the_second_time_nothing_is_encoded_and_the_scores_are_the_same(folder: Path, encoded: list[object]) -> None:
    first = scores(scenes(3), folder)
    assert len(encoded) == 3 + 2 + 4  # equal captions are one: two bare ones, four with the prompt
    encoded.clear()
    assert scores(scenes(3), folder).tolist() == first.tolist()
    assert encoded == []


def test_of_changed_pictures_only_the_changed_one_is_encoded(folder: Path, encoded: list[object]) -> None:
    pictures = scenes(3)
    scores(pictures, folder)
    encoded.clear()
    pictures[1] = pictures[1].transpose(Image.Transpose.ROTATE_90)
    found = scores(pictures, folder)
    assert encoded == [pictures[1].tobytes()]
    assert found / [100, 1, 1] == pytest.approx(
        expected(small_clip(0), pictures, CAPTIONS, REFERENCES) / [100, 1, 1], abs=1e-5
    )


def test_pictures_of_the_same_bytes_in_another_shape_are_others(folder: Path, encoded: list[object]) -> None:
    wide = Image.frombytes("RGB", (64, 16), scenes(1)[0].tobytes())
    scores([wide] * 3, folder)
    encoded.clear()
    scores(scenes(1) * 3, folder)
    assert encoded == [wide.tobytes()]


def test_other_weights_activation_or_dtype_are_another_model(folder: Path, tmp_path: Path) -> None:
    scores(scenes(3), folder)
    for name, seed, changes in (("seed", 1, {}), ("activation", 0, {"quick_gelu": True})):
        other = saved(tmp_path / name, seed, **changes)
        values = expected(small_clip(seed, **changes), scenes(3), CAPTIONS, REFERENCES)
        assert np.abs(values - scores(scenes(3), folder)).max() > 1e-3
        assert scores(scenes(3), other) / [100, 1, 1] == pytest.approx(values / [100, 1, 1], abs=1e-5)
    exact, half = scores(scenes(3), folder), scores(scenes(3), folder, dtype="bfloat16")
    assert np.abs(exact - half).max() > 0
    assert scores(scenes(3), folder).tolist() == exact.tolist()


def test_weights_that_changed_in_place_are_loaded_anew(tmp_path: Path) -> None:
    folder, other = saved(tmp_path / "one", 0), saved(tmp_path / "two", 1)
    before = scores(scenes(3), folder)
    (other / "open_clip_model.safetensors").replace(folder / "open_clip_model.safetensors")
    after = scores(scenes(3), folder)
    values = expected(small_clip(1), scenes(3), CAPTIONS, REFERENCES)
    assert after / [100, 1, 1] == pytest.approx(values / [100, 1, 1], abs=1e-5)
    assert before.tolist() != after.tolist()


@pytest.mark.parametrize("damage", ["bit", "cut", "empty", "pickle"])
def test_what_is_spoiled_on_disk_is_computed_anew(
    damage: str, folder: Path, cache: Path, encoded: list[object]
) -> None:
    first = scores(scenes(3), folder)
    for file in cache.rglob("*.npy"):
        content = bytearray(file.read_bytes())
        if damage == "bit":
            content[-5] ^= 16
        elif damage == "cut":
            content = content[:-40]
        elif damage == "empty":
            content = bytearray()
        if damage == "pickle":
            np.save(file, np.array([{}], dtype=object), allow_pickle=True)
        else:
            file.write_bytes(content)
    encoded.clear()
    assert scores(scenes(3), folder) == pytest.approx(first, abs=1e-4)
    assert encoded


def test_files_are_whole_and_of_numpy_without_pickles(folder: Path, cache: Path) -> None:
    scores(scenes(3), folder)
    files = [path for path in cache.rglob("*") if path.is_file()]
    assert {path.suffix for path in files} == {".npy"}
    assert sum(len(np.load(file, allow_pickle=False)) for file in files) == 9


def test_where_nothing_can_be_written_scores_are_the_same_and_a_warning_says_so(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = scores(scenes(3), folder)
    (tmp_path / "file").touch()
    monkeypatch.setenv("SVG_CAPTION_BENCH_CACHE", str(tmp_path / "file"))
    with pytest.warns(RuntimeWarning, match="embeddings are not kept"):
        assert scores(scenes(3), folder) == pytest.approx(kept, abs=1e-4)


def test_what_is_computed_before_a_failure_is_kept(cache: Path) -> None:
    def items() -> Iterable[str]:
        yield from "ab"
        raise KeyboardInterrupt

    def encode(texts: Sequence[str]) -> list[np.ndarray]:
        return [np.full(4, ord(text), dtype=np.float32) for text in texts]

    def key(text: str) -> bytes:
        return key_of("text", text.encode())

    with pytest.raises(KeyboardInterrupt), EmbeddingStore("0" * 32) as store:
        embedded(items(), key, encode, store, batch_size=1)
    with EmbeddingStore("0" * 32) as store:
        kept = store.get(key("a"))
        assert kept is not None
        assert kept.tolist() == [97] * 4
        assert store.get(key("c")) is None
