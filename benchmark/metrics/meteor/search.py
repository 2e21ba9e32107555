"""The beam search of METEOR 1.5, with its pruning and its order among equals: both change scores."""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter
from typing import TypeAlias

from benchmark.metrics.meteor.candidates import Match

BEAM = 40

# A path through the reference: its key, used words of the hypothesis (bits), the place behind its last match in the
# reference and in the hypothesis (-1: no chunk is open), and its matches with their places, the last one first. Keys
# order paths: more gained, then fewer closed chunks, then less distance, all in one number.
Chosen: TypeAlias = "tuple[tuple[int, Match], Chosen] | None"
_Path: TypeAlias = tuple[int, int, int, int, Chosen]

_KEY = itemgetter(0)


def search(options: Sequence[Sequence[Match]], fixed: Sequence[Match | None], length: int) -> Chosen:
    """The matches chosen among those that compete, and the fixed ones among which they must find their place.

    Args:
        options: for each place of the reference the competing matches that begin there.
        fixed: for each place of the reference the match that begins there and competes with none.
        length: words of the hypothesis.

    Returns:
        the chosen matches that are not fixed, with their places in the reference, as a list linked from the last one.
    """
    # No path can have more distance than this, nor more chunks than places.
    most = max(length, len(options)) * (len(options) + sum(map(len, options)))
    chunk = 1 << most.bit_length()
    gained = chunk << (len(options) + 1).bit_length()

    paths: list[_Path] = [(0, 0, 0, -1, None)]
    behind = 0  # of all paths together
    place = 0
    while place < len(options):
        if len(paths) > 1:
            paths.sort(key=_KEY)
            del paths[BEAM:]
        matches = options[place]
        if matches:
            expand = _expand if len(matches) <= BEAM else _expand_wide
            paths = expand(paths, place, matches, chunk, gained)
            behind = max(behind, place + max([match[3] for match in matches]))
            place += 1
        elif place < behind:
            paths, place = _step(paths, place, fixed[place], chunk, gained)
        else:
            end = place
            while end < len(options) and not options[end]:
                end += 1
            paths, place = _walk(paths, place, fixed[place:end], chunk, gained)
    paths.sort(key=_KEY)
    return min(paths[:BEAM], key=lambda path: path[0] + chunk if path[3] >= 0 else path[0])[4]


def _step(paths: list[_Path], place: int, match: Match | None, chunk: int, gained: int) -> tuple[list[_Path], int]:
    """One place without options, which lies within a chosen match of some path."""
    start, end, length, cost = -1, -1, 1, 0
    if match is not None:
        start, end, length = match.start, match.end, match.length
        cost = abs(place - start) - match.gain * gained
    return [
        path
        if place < path[2]
        else (path[0] + cost + chunk if 0 <= path[3] != start else path[0] + cost, path[1], path[2], end, path[4])
        for path in paths
    ], place + length


def _walk(
    paths: list[_Path], place: int, fixed: Sequence[Match | None], chunk: int, gained: int
) -> tuple[list[_Path], int]:
    """Several places without options; behind the first one nothing distinguishes paths, nor changes their order."""
    entered = last = -1 if fixed[0] is None else fixed[0].start
    cost = 0
    end = place + len(fixed)
    first = place
    while place < end:
        match = fixed[place - first]
        if match is None:
            if last >= 0:
                cost += chunk
            last = -1
            place += 1
        else:
            if 0 <= last != match.start:
                cost += chunk
            cost += abs(place - match.start) - match.gain * gained
            last = match.end
            place += match.length
    return [
        (key + cost + chunk if 0 <= open_at != entered else key + cost, used, behind, last, chosen)
        for key, used, behind, open_at, chosen in paths
    ], place


def _expand(paths: list[_Path], place: int, matches: Sequence[Match], chunk: int, gained: int) -> list[_Path]:
    """Every path once with each match that is free and once with none.

    The distance of a match is counted for the path without it, and so for the copies made after it.
    """
    rows = [
        (mask, gain * gained, start, end, abs(place - start), place + length, (place, match))
        for match in matches
        for _, start, end, length, mask, gain in (match,)
    ]
    expanded: list[_Path] = []
    append = expanded.append
    for path in paths:
        key, used, behind, last, chosen = path
        if place < behind:
            append(path)
        elif last < 0:
            for mask, gain, _, end, distance, after, this in rows:
                if not used & mask:
                    append((key - gain, used | mask, after, end, (this, chosen)))
                    key += distance
            append((key, used, behind, -1, chosen))
        else:
            for mask, gain, start, end, distance, after, this in rows:
                if not used & mask:
                    closing = 0 if start == last else chunk
                    append((key - gain + closing, used | mask, after, end, (this, chosen)))
                    key += distance
            append((key + chunk, used, behind, -1, chosen))
    return expanded


def _expand_wide(paths: list[_Path], place: int, matches: Sequence[Match], chunk: int, gained: int) -> list[_Path]:
    """The same for more matches than the beam is wide, without the copies that cannot be in it.

    Of copies that gain the same and close as many chunks, the earlier ones have no more distance.
    """
    expanded: list[_Path] = []
    for path in paths:
        key, used, behind, last, chosen = path
        if place < behind:
            expanded.append(path)
            continue
        room: dict[int, int] = {}
        for match in matches:
            _, start, end, length, mask, gain = match
            if used & mask:
                continue
            change = (chunk if 0 <= last != start else 0) - gain * gained
            left = room.get(change, BEAM)
            if left:
                room[change] = left - 1
                expanded.append((key + change, used | mask, place + length, end, ((place, match), chosen)))
            key += abs(place - start)
        expanded.append((key + chunk if last >= 0 else key, used, behind, -1, chosen))
    return expanded
