"""Length of the longest common subsequence, in the bits of integers (Allison and Dix 1986; Hyyrö 2004)."""

from __future__ import annotations

from collections.abc import Sequence


def lcs_length(one: Sequence[str], other: Sequence[str]) -> int:
    """How many words both have in common in the same order, gaps allowed.

    A column of the usual table of lengths is one integer, whose zero bits are where the length grows; each word of
    the longer text costs a few operations on an integer of as many bits as the shorter has words. A long caption
    against short references therefore takes linear time.
    """
    short, long = (one, other) if len(one) <= len(other) else (other, one)
    occurring = set(long)
    places: dict[str, int] = {}
    for i, word in enumerate(short):
        if word in occurring:
            places[word] = places.get(word, 0) | 1 << i
    if not places:
        return 0
    everywhere = (1 << len(short)) - 1
    column = everywhere
    for word in long:
        if at := places.get(word):
            matches = column & at
            column = (column + matches | column - matches) & everywhere
    return len(short) - column.bit_count()
