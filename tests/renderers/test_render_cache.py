"""Renderings on disk: what is found is what was drawn, and nothing that happens to the files is an error."""

from __future__ import annotations

import json
import multiprocessing
import os
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from renderers import RENDERERS, Limits, Rendering, RenderOptions, RenderPool, render
from renderers import cache as disk
from renderers.kept_files import cache_folder

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

DRAWING = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10">'
    '<circle cx="5" cy="5" r="4" fill="teal" opacity="0.7"/><a href="http://x"/><g fill="0,0,0"/></svg>'
)
BLANK = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"/>'
SMALL = RenderOptions(width=40, height=30)


def drawn(svgs: Sequence[str], options: RenderOptions = SMALL, cache: bool = True) -> list[Rendering]:
    with RenderPool(options, workers=1, cache=cache) as pool:
        results = list(pool.render_many(svgs))
    assert all(isinstance(result, Rendering) for result in results)
    return [result for result in results if isinstance(result, Rendering)]


def written(base: Path, suffix: str = ".renderings") -> list[Path]:
    """What was written to, the oldest first."""
    return sorted((base / "renders").glob(f"*/*{suffix}"), key=lambda path: path.stat().st_mtime_ns)


def same(one: Rendering, other: Rendering) -> bool:
    return (
        one.image.tobytes() == other.image.tobytes()
        and (one.image.mode, one.image.size) == (other.image.mode, other.image.size)
        and (one.backend, one.repairs, one.blank) == (other.backend, other.repairs, other.blank)
        and (one.flags, one.fallbacks) == (other.flags, other.fallbacks)
    )


def test_a_hit_equals_a_miss_in_every_pixel_and_word_and_starts_no_process(cache_base: Path) -> None:
    misses = drawn([DRAWING, BLANK])
    with RenderPool(SMALL) as pool:
        hits = list(pool.render_many([DRAWING, BLANK]))
        assert multiprocessing.active_children() == []
    plain = render(DRAWING, 40, 30)
    assert len(plain.repairs) == 2
    for hit, miss in zip(hits, misses, strict=True):
        assert isinstance(hit, Rendering)
        assert same(hit, miss)
    assert same(misses[0], plain)
    assert misses[1].blank


def test_the_renderings_of_a_pool_stand_in_one_file_one_behind_the_other(cache_base: Path) -> None:
    first, second = drawn([DRAWING, BLANK])
    drawn([DRAWING, BLANK])
    (file,) = written(cache_base)
    (index,) = written(cache_base, ".index")
    data, places = file.read_bytes(), list(disk._places(index))
    assert [key for key, _ in places] == [disk.document_key(DRAWING), disk.document_key(BLANK)]
    (_, here), (_, there) = places
    assert (here.offset, there.offset, there.offset + there.length) == (0, here.length, len(data))
    assert same(disk.unpack(data[: here.length]), first)
    assert same(disk.unpack(data[here.length :]), second)


def test_pools_that_draw_at_the_same_time_write_to_files_of_their_own(cache_base: Path) -> None:
    with RenderPool(SMALL, workers=1) as one, RenderPool(SMALL, workers=1) as other:
        here, there = one.render_many([DRAWING, BLANK]), other.render_many([BLANK, DRAWING])
        pairs = list(zip(here, there, strict=True))
    assert len(written(cache_base)) == 2
    hits = drawn([DRAWING, BLANK])
    assert len(written(cache_base)) == 2
    for hit, result in zip(hits, (pairs[0][0], pairs[1][0]), strict=True):
        assert isinstance(result, Rendering) and same(hit, result)


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_what_is_unpacked_is_what_was_packed(mode: str) -> None:
    image = Image.effect_noise((31, 17), 90).convert(mode)
    rendering = Rendering(image, "resvg", ("colour", "é"), "", 0.25, ("flag",), ("resvg: no",))
    assert disk.unpack(disk.pack(rendering)) == rendering


@pytest.mark.parametrize(
    "other",
    [
        RenderOptions(width=41, height=30),
        RenderOptions(width=40, height=31),
        RenderOptions(width=40, height=30, background="#fffffe"),
        RenderOptions(width=40, height=30, background="transparent"),
        RenderOptions(width=40, height=30, backend="resvg"),
        RenderOptions(width=40, height=30, repair=False),
        RenderOptions(width=40, height=30, limits=Limits(elements=10)),
    ],
)
def test_what_changes_the_pixels_has_an_entry_of_its_own(other: RenderOptions, cache_base: Path) -> None:
    drawn([DRAWING])
    drawn([DRAWING], other)
    assert len(written(cache_base)) == 2


def test_a_change_of_the_rules_draws_again(cache_base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn([DRAWING])
    monkeypatch.setattr(disk, "rules_digest", lambda: b"other rules")
    drawn([DRAWING])
    assert len(written(cache_base)) == 2


def test_bytes_and_text_that_differ_have_entries_of_their_own(cache_base: Path) -> None:
    assert disk.document_key(DRAWING) != disk.document_key(DRAWING.encode())
    with RenderPool(SMALL, workers=1) as pool:
        text, data = pool.render_many([DRAWING, DRAWING.encode("utf-16")])
    assert isinstance(text, Rendering) and isinstance(data, Rendering)
    assert text.image == data.image
    (index,) = written(cache_base, ".index")
    assert len(list(disk._places(index))) == 2


def test_another_version_of_the_backend_draws_again(cache_base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn([DRAWING])
    monkeypatch.setattr(RENDERERS["resvg"], "version", lambda _: "0")
    drawn([DRAWING])
    assert len(written(cache_base)) == 2


def test_two_names_of_one_colour_share_an_entry(cache_base: Path) -> None:
    drawn([DRAWING], RenderOptions(background="white"))
    drawn([DRAWING], RenderOptions(background="#FFF"))
    assert len(written(cache_base)) == 1


def spoil(file: Path, how: str) -> None:
    data = file.read_bytes()
    middle = len(data) // 2
    if how == "cut":
        file.write_bytes(data[:middle])
    elif how == "empty":
        file.write_bytes(b"")
    elif how == "flipped":
        file.write_bytes(data[:middle] + bytes([data[middle] ^ 255]) + data[middle + 1 :])
    elif how == "another format":
        disk.unpack(data).image.save(file, "PNG")
    elif how == "without words":
        file.write_bytes(disk.zstd.compress(json.dumps({}).encode() + b"\n" + disk.unpack(data).image.tobytes()))
    elif how == "gone":
        file.unlink()


@pytest.mark.parametrize(
    ("suffix", "how"),
    [
        *((".renderings", how) for how in ("cut", "empty", "flipped", "another format", "without words", "gone")),
        *((".index", how) for how in ("cut", "empty", "flipped", "gone")),
    ],
)
def test_what_is_spoiled_is_drawn_again_and_mended(suffix: str, how: str, cache_base: Path) -> None:
    (before,) = drawn([DRAWING])
    (file,) = written(cache_base, suffix)
    spoil(file, how)
    if (index := file.with_suffix(".index")).exists():
        os.utime(index, (0, 0))  # clearly older than what is drawn now
    (after,) = drawn([DRAWING])
    assert same(before, after)
    count = len(written(cache_base, ".index"))
    with RenderPool(SMALL) as pool:
        (kept,) = pool.render_many([DRAWING])
        assert multiprocessing.active_children() == []
    assert isinstance(kept, Rendering) and same(kept, before)
    assert len(written(cache_base, ".index")) == count


@pytest.mark.parametrize("length", range(0, 48, 7))
def test_a_writer_that_was_killed_in_the_middle_of_an_entry_spoils_no_other(length: int, cache_base: Path) -> None:
    before = drawn([DRAWING, BLANK])
    (index,) = written(cache_base, ".index")
    data = index.read_bytes()
    assert len(data) == 96
    index.write_bytes(data[: 48 + length])
    with RenderPool(SMALL, workers=1) as pool:
        (hit,) = pool.render_many([DRAWING])
        assert multiprocessing.active_children() == []
        (drawn_again,) = pool.render_many([BLANK])
    assert isinstance(hit, Rendering) and same(hit, before[0])
    assert isinstance(drawn_again, Rendering) and same(drawn_again, before[1])


def test_a_cache_that_cannot_be_written_costs_one_warning(cache_base: Path) -> None:
    cache_base.write_text("a file where the folder should be")
    with pytest.warns(RuntimeWarning, match="SVG_CAPTION_BENCH_CACHE") as warnings:
        results = drawn([DRAWING, BLANK, DRAWING])
    assert len(warnings) == 1
    assert [bool(result.blank) for result in results] == [False, True, False]


def test_renderings_that_cannot_be_written_later_cost_one_warning(
    cache_base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = OSError(28, "No space left on device")

    def refuse(*_: object) -> None:
        raise full

    monkeypatch.setattr(disk._Writer, "append", refuse)
    with pytest.warns(RuntimeWarning, match="renderings are not kept: .*No space left") as warnings:
        results = drawn([DRAWING, BLANK, DRAWING])
    assert len(warnings) == 1
    assert [bool(result.blank) for result in results] == [False, True, False]


def test_after_an_entry_that_could_not_be_written_whole_others_go_to_new_files(
    cache_base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = disk.pack(render(DRAWING, 40, 30))
    cache = disk.RenderCache(disk.kind_folder("one"))
    append = disk._Writer.append

    def cut(writer: disk._Writer, key: bytes, packed: bytes) -> disk._Place:
        append(writer, key, packed)
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(disk._Writer, "append", cut)
        with pytest.raises(OSError, match="No space"):
            cache.store(b"1" * 32, packed)
    cache.store(b"2" * 32, packed)
    cache.close()
    assert len(written(cache_base)) == 2
    again = disk.RenderCache(disk.kind_folder("one"))
    assert again.load(b"2" * 32) is not None


def test_nothing_is_written_without_the_cache(cache_base: Path) -> None:
    drawn([DRAWING], cache=False)
    assert not cache_base.exists()


def test_the_cache_is_in_the_users_cache_directory_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SVG_CAPTION_BENCH_CACHE")
    assert cache_folder("renders").name == "renders"
    assert "svg-caption-bench" in cache_folder("renders").parts
