"""Regular expressions to position automata (Glushkov 1961).

The dialect is that of ``re``, as far as rules of tokens need it: characters, escapes, sets in ``[]``, groups in ``()``,
``|``, ``*``, ``+``, ``?``, ``{n}``, ``{m,}``, ``{m,n}``, ``(?i:)`` for ASCII letters of either case, and ``{name}`` for
another expression.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

_TOKEN = re.compile(
    r"(?P<set>\[\^?\]?(?:\\.|[^\]\\])*\])|\{(?P<name>[a-z]\w*)\}|\{(?P<least>\d+)(?P<range>,(?P<most>\d*))?\}"
    r"|\\(?P<escaped>.)|(?P<open>\((?:\?i:)?)|(?P<operator>[)|*+?])|(?P<plain>.)",
    re.DOTALL,
)
_MOST = {"?": 1, "*": None, "+": None}


class Part(NamedTuple):
    """A piece of an expression: which positions can come first, which last, and whether it can be empty."""

    first: frozenset[int]
    last: frozenset[int]
    nullable: bool


_EMPTY = Part(frozenset(), frozenset(), True)


class Positions:
    """The positions of some expressions: the set of characters at each, and which positions can follow it."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self.sets: list[str] = []
        self.follow: list[frozenset[int]] = []
        self._names = names

    def add(self, expression: str) -> Part:
        """Raises ValueError when the expression is malformed, KeyError when it names an unknown one."""
        tokens = list(_TOKEN.finditer(expression))
        part, stop = self._alternatives(tokens, 0, any_case=False)
        if stop != len(tokens):
            raise ValueError(f"a closing bracket too many: {expression}")
        return part

    def position(self, characters: str) -> Part:
        """One more position; ``characters`` is an expression of ``re`` that matches each of them."""
        self.sets.append(characters)
        self.follow.append(frozenset())
        only = frozenset([len(self.sets) - 1])
        return Part(only, only, False)

    def concatenation(self, left: Part, right: Part) -> Part:
        self._connect(left.last, right.first)
        return Part(
            left.first | right.first if left.nullable else left.first,
            left.last | right.last if right.nullable else right.last,
            left.nullable and right.nullable,
        )

    def _connect(self, before: Iterable[int], after: frozenset[int]) -> None:
        for position in before:
            self.follow[position] |= after

    def _alternatives(self, tokens: list[re.Match[str]], at: int, any_case: bool) -> tuple[Part, int]:
        part, at = self._sequence(tokens, at, any_case)
        while at < len(tokens) and tokens[at]["operator"] == "|":
            other, at = self._sequence(tokens, at + 1, any_case)
            part = Part(part.first | other.first, part.last | other.last, part.nullable or other.nullable)
        return part, at

    def _sequence(self, tokens: list[re.Match[str]], at: int, any_case: bool) -> tuple[Part, int]:
        part = _EMPTY
        while at < len(tokens) and tokens[at]["operator"] not in ("|", ")"):
            repeated, at = self._repeated(tokens, at, any_case)
            part = self.concatenation(part, repeated)
        return part, at

    def _repeated(self, tokens: list[re.Match[str]], at: int, any_case: bool) -> tuple[Part, int]:
        part, stop = self._atom(tokens, at, any_case)
        token = tokens[stop] if stop < len(tokens) else None
        if token is None or not (token["least"] or token["operator"] in _MOST):
            return part, stop
        if token["least"] is None:
            if _MOST[token["operator"]] is None:
                self._connect(part.last, part.first)
            return part._replace(nullable=part.nullable or token["operator"] != "+"), stop + 1
        least = int(token["least"])
        most = int(token["most"] or least)
        parts = [part, *(self._atom(tokens, at, any_case)[0] for _ in range(most - 1))]
        if token["range"] == ",":
            self._connect(parts[-1].last, parts[-1].first)
        whole = _EMPTY
        for count, each in enumerate(parts):
            whole = self.concatenation(whole, each if count < least else each._replace(nullable=True))
        return whole, stop + 1

    def _atom(self, tokens: list[re.Match[str]], at: int, any_case: bool) -> tuple[Part, int]:
        token = tokens[at]
        if opened := token["open"]:
            part, stop = self._alternatives(tokens, at + 1, any_case or opened == "(?i:")
            if stop == len(tokens):
                raise ValueError(f"a bracket is not closed: {token.string}")
            return part, stop + 1
        if token["name"]:
            return self.add(self._names[token["name"]]), at + 1
        if token["set"]:
            return self.position(f"(?ai:{token['set']})" if any_case else token["set"]), at + 1
        character = token["escaped"] or token["plain"]
        if character is None:
            raise ValueError(f"nothing to repeat: {token.string}")
        cases = {character.lower(), character.upper()} if any_case and character.isascii() else {character}
        return self.position(f"[{''.join(map(re.escape, sorted(cases)))}]"), at + 1
