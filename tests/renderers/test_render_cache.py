"""Renderings on disk: what is found is what was drawn, and nothing that happens to the files is an error."""

from __future__ import annotations

import json
import multiprocessing
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from renderers import RENDERERS, Limits, Rendering, RenderOptions, RenderPool, render
from renderers import cache as disk

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


def files(base: Path) -> list[Path]:
    return sorted(path for path in (base / "renders").rglob("*") if path.is_file())


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


def test_entries_are_whole_files_in_sharded_folders(cache_base: Path) -> None:
    (rendering,) = drawn([DRAWING])
    (entry,) = files(cache_base)
    assert len(entry.name) == 64
    assert entry.parent.name == entry.name[:2]
    assert same(disk.unpack(entry.read_bytes()), rendering)


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
    assert len(files(cache_base)) == 2


def test_a_change_of_the_rules_draws_again(cache_base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn([DRAWING])
    monkeypatch.setattr(disk, "rules_digest", lambda: b"other rules")
    drawn([DRAWING])
    assert len(files(cache_base)) == 2


def test_bytes_and_text_that_differ_have_entries_of_their_own(cache_base: Path) -> None:
    encoded = DRAWING.encode("utf-16")
    with RenderPool(SMALL, workers=1) as pool:
        text, data = pool.render_many([DRAWING, encoded])
    assert isinstance(text, Rendering) and isinstance(data, Rendering)
    assert text.image == data.image
    assert len(files(cache_base)) == 2


def test_another_version_of_the_backend_draws_again(cache_base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn([DRAWING])
    monkeypatch.setattr(RENDERERS["resvg"], "version", lambda _: "0")
    drawn([DRAWING])
    assert len(files(cache_base)) == 2


def test_two_names_of_one_colour_share_an_entry(cache_base: Path) -> None:
    drawn([DRAWING], RenderOptions(background="white"))
    drawn([DRAWING], RenderOptions(background="#FFF"))
    assert len(files(cache_base)) == 1


def spoil(entry: Path, how: str) -> None:
    data = entry.read_bytes()
    if how == "cut":
        entry.write_bytes(data[: len(data) // 2])
    elif how == "empty":
        entry.write_bytes(b"")
    elif how == "flipped":
        middle = len(data) // 2
        entry.write_bytes(data[:middle] + bytes([data[middle] ^ 255]) + data[middle + 1 :])
    elif how == "another format":
        disk.unpack(data).image.save(entry, "PNG")
    elif how == "without words":
        entry.write_bytes(disk.zstd.compress(json.dumps({}).encode() + b"\n" + disk.unpack(data).image.tobytes()))
    elif how == "folder":
        entry.unlink()
        entry.mkdir()


@pytest.mark.parametrize("how", ["cut", "empty", "flipped", "another format", "without words"])
def test_a_spoiled_entry_is_drawn_again_and_mended(how: str, cache_base: Path) -> None:
    (before,) = drawn([DRAWING])
    (entry,) = files(cache_base)
    spoil(entry, how)
    assert disk.load(entry) is None
    (after,) = drawn([DRAWING])
    assert same(before, after)
    kept = disk.load(entry)
    assert kept is not None and same(kept, before)
    assert files(cache_base) == [entry]


def test_a_cache_that_cannot_be_written_costs_one_warning(cache_base: Path) -> None:
    cache_base.write_text("a file where the folder should be")
    with pytest.warns(RuntimeWarning, match="SVG_CAPTION_BENCH_CACHE") as warnings:
        results = drawn([DRAWING, BLANK, DRAWING])
    assert len(warnings) == 1
    assert [bool(result.blank) for result in results] == [False, True, False]


def test_an_entry_that_cannot_be_written_later_costs_one_warning(cache_base: Path) -> None:
    (before,) = drawn([DRAWING])
    (entry,) = files(cache_base)
    spoil(entry, "folder")
    with pytest.warns(RuntimeWarning, match="renderings are not kept") as warnings:
        (after,) = drawn([DRAWING])
    assert len(warnings) == 1
    assert same(before, after)
    assert files(cache_base) == []


def test_nothing_is_written_without_the_cache(cache_base: Path) -> None:
    drawn([DRAWING], cache=False)
    assert not cache_base.exists()


def test_a_writer_that_was_killed_leaves_nothing_that_is_read(cache_base: Path) -> None:
    (before,) = drawn([DRAWING])
    (entry,) = files(cache_base)
    entry.rename(entry.with_name(".0123.part"))
    (after,) = drawn([DRAWING])
    assert same(before, after)
    assert entry.exists()


def test_the_cache_is_in_the_users_cache_directory_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SVG_CAPTION_BENCH_CACHE")
    assert disk.cache_folder().name == "renders"
    assert "svg-caption-bench" in disk.cache_folder().parts
