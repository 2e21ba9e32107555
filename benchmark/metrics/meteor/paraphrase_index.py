"""The paraphrase table as arrays: which phrases there are, and what each can be replaced by.

All phrases, sources and targets, are the nodes of one tree, whose edges are words. A node's place in ``edges``, which
is sorted, is its number, so that a phrase is found by one binary search for each of its words.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmark.progress import Watcher

LONGEST = 7  # words of a phrase in the table that pycocoevalcap ships
WORD_BITS = 16

_BLOCK = 1 << 22  # bytes of unpacked text at a time
_END = "\0"  # stands behind each phrase and is number 0; words are numbered from 1

Numbers = npt.NDArray[np.integer]


@dataclass(frozen=True)
class ParaphraseIndex:
    """The table.

    Attributes:
        words: word -> its number, 1 and up.
        edges: ``[nodes]`` uint64, ascending: (number of the parent node + 1, or 0) << 16 | number of the word.
        starts: ``[nodes + 1]`` uint32: the paraphrases of a node are ``targets[starts[node] : starts[node + 1]]``.
        targets: ``[entries]`` uint32: nodes, for each source in the order of the table.
    """

    words: dict[str, int]
    edges: npt.NDArray[np.uint64]
    starts: npt.NDArray[np.uint32]
    targets: npt.NDArray[np.uint32]

    def find(self, parents: Numbers, words: Numbers) -> npt.NDArray[np.int64]:
        """The children of nodes (-1: of the root) along words, each ``[n]``; -1 where there is none."""
        edges = _edges(parents, words)
        found = np.searchsorted(self.edges, edges)
        found[found == len(self.edges)] = 0
        return np.where(self.edges[found] == edges, found, -1)

    def paraphrases(self, sources: Numbers) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """All entries of these source nodes, in the order of the sources and of the table: sources, targets."""
        starts = self.starts[sources].astype(np.int64)
        counts = self.starts[sources + 1] - starts
        skipped = np.repeat(starts - (np.cumsum(counts) - counts), counts)
        return np.repeat(sources, counts), self.targets[np.arange(len(skipped)) + skipped].astype(np.int64)


def build(table: Path, watcher: Watcher) -> ParaphraseIndex:
    """Index the table that pycocoevalcap ships: in a quarter of a minute, with 0.7 GiB of memory.

    Raises OSError, EOFError or ValueError when the file cannot be read or is not such a table.
    """
    words = _Words({_END: 0})
    parts = list(_entries(table, words, watcher))
    # Most sources have several entries in a row; they are looked at once.
    sources = np.concatenate([part[0] for part in parts])
    counts = np.concatenate([part[1] for part in parts])
    targets = np.concatenate([part[2] for part in parts])
    del parts
    edges, nodes = _tree(np.concatenate([sources, targets]))
    of_source = np.repeat(nodes[: len(sources)], counts)
    starts = np.zeros(len(edges) + 1, dtype=np.uint32)
    np.cumsum(np.bincount(of_source, minlength=len(edges)), out=starts[1:])
    order = np.argsort(of_source, kind="stable")
    return ParaphraseIndex(words, edges, starts, nodes[len(sources) :][order].astype(np.uint32))


class _Words(dict[str, int]):
    """Numbers every new word that it is asked for."""

    def __missing__(self, word: str) -> int:
        number = self[word] = len(self)
        if number >> WORD_BITS:
            raise ValueError(f"the paraphrase table has {number} words or more")
        return number


def _entries(
    table: Path, words: _Words, watcher: Watcher
) -> Iterator[tuple[npt.NDArray[np.uint16], npt.NDArray[np.int64], npt.NDArray[np.uint16]]]:
    """Blocks of different sources ``[m, 7]``, how many entries each has ``[m]``, and targets ``[n, 7]``."""
    size = table.stat().st_size >> 20
    rest: list[bytes] = []
    read = 0
    with (
        table.open("rb") as packed,
        gzip.open(packed) as file,
        watcher.task("METEOR: indexing the paraphrases, once, MiB", size) as advance,
    ):
        while block := file.read(_BLOCK):
            lines = (b"\n".join(rest) + block).split(b"\n")
            whole = (len(lines) - 1) // 3 * 3  # the last line may be cut
            rest, lines = lines[whole:], lines[:whole]
            if lines:
                yield _numbered(lines, words)
            advance((packed.tell() >> 20) - read)
            read = packed.tell() >> 20
    if rest != [b""]:
        raise ValueError(f"the paraphrase table {table} is cut")


def _numbered(
    lines: Sequence[bytes], words: _Words
) -> tuple[npt.NDArray[np.uint16], npt.NDArray[np.int64], npt.NDArray[np.uint16]]:
    sources, targets = _phrases(lines[1::3], words), _phrases(lines[2::3], words)
    firsts = np.flatnonzero(np.append(True, (sources[1:] != sources[:-1]).any(axis=1)))
    return sources[firsts], np.diff(firsts, append=len(sources)), targets


def _phrases(lines: Sequence[bytes], words: _Words) -> npt.NDArray[np.uint16]:
    """Phrases as rows of word numbers, ``[n, 7]``, with 0 behind the last word."""
    tokens = f" {_END} ".encode().join([*lines, b""]).decode("utf-8").split(" ")[:-1]
    numbers = np.fromiter(map(words.__getitem__, tokens), dtype=np.uint16, count=len(tokens))
    ends = np.flatnonzero(numbers == 0)
    lengths = np.diff(ends, prepend=-1) - 1
    if lengths.max() > LONGEST:
        raise ValueError(f"the paraphrase table has a phrase of more than {LONGEST} words")
    phrases = np.zeros((len(lines), LONGEST), dtype=np.uint16)
    rows = np.repeat(np.arange(len(lines)), lengths)
    phrases[rows, np.arange(len(rows)) - np.repeat(np.cumsum(lengths) - lengths, lengths)] = numbers[numbers != 0]
    return phrases


def _tree(phrases: npt.NDArray[np.uint16]) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int64]]:
    """Edges of the tree of all phrases ``[n, 7]``, and the node of each ``[n]``."""
    nodes = np.full(len(phrases), -1, dtype=np.int64)
    levels = []
    count = 0
    for words in phrases.T:
        here = np.flatnonzero(words)
        edges, places = np.unique(_edges(nodes[here], words[here]), return_inverse=True)
        nodes[here] = places + count
        levels.append(edges)
        count += len(edges)
    return np.concatenate(levels), nodes


def _edges(parents: Numbers, words: Numbers) -> npt.NDArray[np.uint64]:
    return (parents + 1).astype(np.uint64) << np.uint64(WORD_BITS) | words.astype(np.uint64)
