"""The index of paraphrases: what it says, and that it is whole or not there."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from benchmark.metrics.meteor import paraphrase_index, paraphrase_store
from benchmark.metrics.meteor.paraphrase_index import ParaphraseIndex
from benchmark.metrics.meteor.paraphrase_store import open_index
from benchmark.metrics.meteor.paraphrases import at_hand, find_phrases
from benchmark.progress import Advance, Unwatched

ENTRIES = [
    ("big", "large"),
    ("big", "very tall"),
    ("a lot of", "many"),
    ("a lot of", "lots of"),
    ("lots of", "many"),
    ("big", "huge"),
    ("éclair", "cake"),
]
BUILD = """
import sys
from pathlib import Path
from benchmark.metrics.meteor.paraphrase_store import open_index
from benchmark.progress import Unwatched
print(open_index(Path(sys.argv[1]), Unwatched()).targets.size)
"""


class Listening(Unwatched):
    """Keeps what is said."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.tasks: list[str] = []

    def note(self, message: str) -> None:
        self.notes.append(message)

    @contextmanager
    def task(self, description: str, total: int, done: int = 0) -> Iterator[Advance]:
        self.tasks.append(description)
        yield lambda steps: None


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A table of the few ENTRIES, and an empty cache."""
    monkeypatch.setenv("SVG_CAPTION_BENCH_CACHE", str(tmp_path / "cache"))
    path = tmp_path / "paraphrases.gz"
    write(path, ENTRIES)
    return path


def write(path: Path, entries: list[tuple[str, str]]) -> None:
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.writelines(f"0.5\n{source}\n{target}\n" for source, target in entries)


def kept(table: Path) -> list[Path]:
    return sorted((table.parent / "cache" / "meteor").glob("paraphrases-*"))


def replacements(index: ParaphraseIndex, *sentences: str) -> list[tuple[str, str]]:
    """Source and target of the entries that are at hand, in order of their sources."""
    said = [sentence.split() for sentence in sentences]
    words = [word for sentence in said for word in sentence]
    found = find_phrases(index, said)
    phrases = {
        phrase: " ".join(words[place : place + length])
        for place, phrase, length in zip(found.places, found.phrases, found.lengths, strict=True)
    }
    entries = at_hand(index, found)
    return [(phrases[s], phrases[t]) for s, targets in entries.targets.items() for t in targets]


def test_entries_whose_phrases_both_occur_are_found_in_the_order_of_the_table(table: Path) -> None:
    index = open_index(table, Unwatched())
    assert sorted(replacements(index, "a lot of big dogs", "many large and huge dogs")) == [
        ("a lot of", "many"),
        ("big", "huge"),
        ("big", "large"),
    ]
    targets = [t for s, t in replacements(index, "huge large big very tall")]
    assert targets == ["large", "very tall", "huge"]
    assert replacements(index, "éclair", "cake") == [("éclair", "cake")]


def test_a_phrase_does_not_reach_into_the_next_sentence(table: Path) -> None:
    assert replacements(open_index(table, Unwatched()), "a lot", "of many") == []


def test_the_second_time_nothing_is_built(table: Path) -> None:
    first, second = Listening(), Listening()
    built, mapped = open_index(table, first), open_index(table, second)
    assert (len(first.tasks), len(second.tasks), first.notes) == (1, 0, [])
    assert built.words == mapped.words
    for name in ("edges", "starts", "targets"):
        assert np.array_equal(getattr(built, name), getattr(mapped, name))


def test_another_table_gets_another_index(table: Path) -> None:
    assert open_index(table, Unwatched()).targets.size == 7
    write(table, [*ENTRIES, ("small", "tiny")])
    assert open_index(table, Unwatched()).targets.size == 8
    assert len(kept(table)) == 2


@pytest.mark.parametrize("at", [10, 300, -1], ids=["header", "arrays", "words"])
def test_a_spoiled_index_is_built_again(table: Path, at: int) -> None:
    open_index(table, Unwatched())
    (path,) = kept(table)
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)
    again = Listening()
    assert open_index(table, again).targets.size == 7
    assert len(again.tasks) == 1


def test_a_cut_index_is_built_again(table: Path) -> None:
    open_index(table, Unwatched())
    (path,) = kept(table)
    whole = path.read_bytes()
    for size in (0, 100, 256, len(whole) - 1):
        path.write_bytes(whole[:size])
        assert open_index(table, Unwatched()).targets.size == 7
        assert path.read_bytes() == whole


def test_a_build_that_is_killed_leaves_nothing_that_is_taken_for_an_index(table: Path) -> None:
    killed = BUILD.replace("print", "import os; os.fsync = lambda file: os.kill(os.getpid(), 9); print")
    assert subprocess.run([sys.executable, "-c", killed, table], env=environment(), check=False).returncode == -9
    assert kept(table) == []
    assert len(list((table.parent / "cache" / "meteor").glob(".paraphrases-*.part"))) == 1
    assert open_index(table, Unwatched()).targets.size == 7
    assert list((table.parent / "cache" / "meteor").glob(".paraphrases-*.part")) == []


def test_processes_that_build_at_once_leave_one_index(table: Path) -> None:
    processes = [
        subprocess.Popen([sys.executable, "-c", BUILD, table], env=environment(), stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    assert [process.communicate()[0] for process in processes] == ["7\n"] * 3
    assert len(kept(table)) == 1


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}


def test_without_a_place_to_keep_it_the_index_is_built_and_a_note_says_so(table: Path) -> None:
    (table.parent / "cache").write_text("a file, not a folder")
    said = Listening()
    assert open_index(table, said).targets.size == 7
    assert len(said.notes) == 1
    assert said.notes[0].startswith("METEOR: the index of paraphrases cannot be kept, each run builds it again: ")


def test_a_full_disk_costs_the_index_and_nothing_else(table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, index: ParaphraseIndex) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(paraphrase_store, "store", full)
    said = Listening()
    assert open_index(table, said).targets.size == 7
    assert "No space left on device" in said.notes[0]


@pytest.mark.parametrize("text", ["", "0.5\nbig\n", "0.5\nbig\nlarge\n0.5\n", "0.5\na b c d e f g h\nx\n"])
def test_what_is_no_table_is_refused(table: Path, text: str) -> None:
    with gzip.open(table, "wt") as file:
        file.write(text)
    with pytest.raises(ValueError, match="table"):
        open_index(table, Unwatched())


def test_a_table_read_in_small_blocks_says_the_same(table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paraphrase_index, "_BLOCK", 5)
    index = paraphrase_index.build(table, Unwatched())
    said = replacements(index, *{phrase for entry in ENTRIES for phrase in entry})
    assert sorted(said) == sorted(ENTRIES)
    assert [target for source, target in said if source == "big"] == ["large", "very tall", "huge"]
