"""The beam search of METEOR 1.5, with its pruning and its order among equals: both change scores."""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter
from typing import TypeAlias

from benchmark.metrics.meteor.candidates import Match

BEAM = 40

# A path through the reference: its key, used words of the hypothesis (bits), the place behind its last match in the
# reference and in the hypothesis (-1: no chunk is open), and its matches, the last one first. Keys order paths: more
# gained, then fewer closed chunks, then less distance, all in one number.
_Chosen: TypeAlias = "tuple[int, Match, _Chosen] | None"
_Path: TypeAlias = tuple[int, int, int, int, _Chosen]

_KEY = itemgetter(0)


def search(options: Sequence[Sequence[Match]], fixed: Sequence[Match | None]) -> _Chosen:
    """The matches chosen among those that compete, and the fixed ones among which they must find their place.

    Args:
        options: for each place of the reference the competing matches that begin there.
        fixed: for each place of the reference the match that begins there and competes with none.

    Returns:
        the chosen matches that are not fixed, with their places in the reference, as a list linked from the last one.
    """
    # No path can have more distance than this, nor more chunks than places.
    most = sum(abs(place - match.start) for place, matches in enumerate(options) for match in matches)
    most += sum(abs(place - match.start) for place, match in enumerate(fixed) if match)
    chunk = 1 << most.bit_length()
    gained = chunk << (len(options) + 1).bit_length()

    paths: list[_Path] = [(0, 0, 0, -1, None)]
    for place, matches in enumerate(options):
        if len(paths) > 1:
            paths.sort(key=_KEY)
            del paths[BEAM:]
        match = fixed[place]
        if match is not None:
            paths = _enter(paths, place, match, chunk, gained)
        elif not matches:
            paths = [
                path if path[3] < 0 or place < path[2] else (path[0] + chunk, path[1], path[2], -1, path[4])
                for path in paths
            ]
        elif len(matches) <= BEAM:
            paths = _expand(paths, place, matches, chunk, gained)
        else:
            paths = _expand_wide(paths, place, matches, chunk, gained)
    paths.sort(key=_KEY)
    return min(paths[:BEAM], key=lambda path: path[0] + chunk if path[3] >= 0 else path[0])[4]


def _enter(paths: list[_Path], place: int, match: Match, chunk: int, gained: int) -> list[_Path]:
    step = abs(place - match.start) - match.gain * gained
    start, end, behind = match.start, match.end, place + match.length
    return [
        (key + step + chunk if 0 <= last != start else key + step, used, behind, end, chosen)
        for key, used, _, last, chosen in paths
    ]


def _expand(paths: list[_Path], place: int, matches: Sequence[Match], chunk: int, gained: int) -> list[_Path]:
    """Every path once with each match that is free and once with none.

    The distance of a match is counted for the path without it, and so for the copies made after it.
    """
    expanded: list[_Path] = []
    append = expanded.append
    for path in paths:
        key, used, behind, last, chosen = path
        if place < behind:
            append(path)
            continue
        for match in matches:
            start, end, length, mask, gain, _ = match
            if not used & mask:
                copy = key - gain * gained
                if 0 <= last != start:
                    copy += chunk
                append((copy, used | mask, place + length, end, (place, match, chosen)))
                key += abs(place - start)
        append((key + chunk if last >= 0 else key, used, behind, -1, chosen))
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
            start, end, length, mask, gain, _ = match
            if used & mask:
                continue
            change = (chunk if 0 <= last != start else 0) - gain * gained
            left = room.get(change, BEAM)
            if left:
                room[change] = left - 1
                expanded.append((key + change, used | mask, place + length, end, (place, match, chosen)))
            key += abs(place - start)
        expanded.append((key + chunk if last >= 0 else key, used, behind, -1, chosen))
    return expanded
