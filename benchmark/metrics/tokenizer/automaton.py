"""Longest match of many regular expressions at once, in linear time: what a generated scanner does.

Python's ``re`` takes the first alternative that matches, a scanner the longest of all. So the expressions become one
automaton, which is made deterministic state by state, as texts ask for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from benchmark.metrics.tokenizer.expressions import Positions

# What is read further than this behind a match is remembered, so that no text is read over and over again
# (Reps 1998, "Maximal munch" tokenization in linear time).
_FORGETTABLE = 32

NOTHING = -1  # the class behind the last character, and which expression matches where none does


class Match(NamedTuple):
    """The longest match at some place.

    Attributes:
        which: the expression's index, the first of those that match as long; NOTHING when there is none.
        end: behind its last character.
        reach: the last character that was looked at, so that what follows cannot change the match.
    """

    which: int
    end: int
    reach: int


class _Classes(dict[str, int]):
    """Character -> its class: characters that are in the same sets need not be told apart."""

    def __init__(self, sets: Sequence[str]) -> None:
        super().__init__()
        self.memberships: list[frozenset[str]] = []
        self._patterns = {text: re.compile(text) for text in sets}
        self._numbers: dict[frozenset[str], int] = {}

    def __missing__(self, character: str) -> int:
        sets = frozenset(text for text, pattern in self._patterns.items() if pattern.match(character))
        if sets not in self._numbers:
            self._numbers[sets] = len(self.memberships)
            self.memberships.append(sets)
        number = self[character] = self._numbers[sets]
        return number


class _State(dict[int, "_State"]):
    """The positions that the next character may be at; maps that character's class to the next state."""

    __slots__ = ("_automaton", "positions", "which")

    def __init__(self, automaton: Automaton, positions: frozenset[int]) -> None:
        super().__init__()
        self._automaton = automaton
        self.positions = positions
        self.which = min((automaton.ends[p] for p in positions & automaton.ends.keys()), default=NOTHING)

    def __missing__(self, number: int) -> _State:
        state = self[number] = self._automaton.step(self, number)
        return state


class Automaton:
    """Expressions that are matched together, in the order of their precedence."""

    def __init__(self, expressions: Sequence[str], names: Mapping[str, str]) -> None:
        """See :meth:`Positions.add`; ``names`` are the expressions that others refer to."""
        positions = Positions(names)
        self.ends: dict[int, int] = {}  # the position behind an expression -> its index
        first: frozenset[int] = frozenset()
        for index, expression in enumerate(expressions):
            part = positions.add(expression)
            end = positions.position("")
            self.ends[min(end.first)] = index
            first |= positions.concatenation(part, end).first
        self._sets, self._follow = positions.sets, positions.follow
        self._classes = _Classes(sorted(set(self._sets) - {""}))
        self._at: dict[int, frozenset[int]] = {NOTHING: frozenset()}  # class -> positions it may stand at
        self._states: dict[frozenset[int], _State] = {}
        self._start = self._state(first)

    def read(self, text: str) -> Text:
        return Text(self._start, [*map(self._classes.__getitem__, text), NOTHING])

    def step(self, state: _State, number: int) -> _State:
        """The state behind a character of the class ``number``."""
        if number not in self._at:
            sets = self._classes.memberships[number]
            self._at[number] = frozenset(p for p, characters in enumerate(self._sets) if characters in sets)
        return self._state(frozenset().union(*(self._follow[p] for p in state.positions & self._at[number])))

    def _state(self, positions: frozenset[int]) -> _State:
        if positions not in self._states:
            self._states[positions] = _State(self, positions)
        return self._states[positions]


class Text:
    """One text that is matched at one place after another."""

    def __init__(self, start: _State, classes: list[int]) -> None:
        self._start = start
        self._classes = classes
        self._hopeless: set[tuple[int, int]] = set()  # (place, state) from where no match ends

    def longest(self, start: int) -> Match:
        """Over all calls with growing ``start``, the time is linear in the length of the text."""
        classes, state, place = self._classes, self._start, start
        which, end = NOTHING, start
        while True:
            state = state[classes[place]]
            if not state.positions:
                reach = place
                break
            place += 1
            if state.which >= 0:
                which, end = state.which, place
            elif self._hopeless and (place, id(state)) in self._hopeless:
                reach = len(classes)
                break
        if place - end > _FORGETTABLE:
            self._remember(start, end, place)
        return Match(which, end, reach)

    def ends(self, start: int, stop: int) -> Iterator[int]:
        """Where a match that starts at ``start`` can end, up to ``stop``."""
        state = self._start
        for place in range(start, stop):
            state = state[self._classes[place]]
            if not state.positions:
                return
            if state.which >= 0:
                yield place + 1

    def _remember(self, start: int, end: int, stop: int) -> None:
        state = self._start
        for place in range(start, stop):
            state = state[self._classes[place]]
            if place >= end:
                self._hopeless.add((place + 1, id(state)))
