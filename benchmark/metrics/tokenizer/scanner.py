"""One line of text to the tokens that the rules make of it, punctuation included."""

from __future__ import annotations

import re
from typing import NamedTuple

from benchmark.metrics.tokenizer.automaton import NOTHING, Automaton
from benchmark.metrics.tokenizer.rules import NAMES, RULES, Rule

# What the rules see behind a line: its end, and small letters. The original sees the next caption there.
_NEXT_LINE = "\nzz"

_BEYOND_THE_BASIC_PLANE = re.compile("[\U00010000-\U0010ffff]")


def _whole(rule: Rule) -> str:
    return f"({rule.expression})({rule.ahead})"


_ALL = Automaton([_whole(rule) for rule in RULES], NAMES)
_CONSUMED = {i: Automaton([rule.expression], NAMES) for i, rule in enumerate(RULES) if rule.ahead}
_AHEAD = {i: Automaton([rule.ahead], NAMES) for i, rule in enumerate(RULES) if rule.ahead}


class Token(NamedTuple):
    """What a rule makes of the text at some place.

    Attributes:
        printed: one token, none, or an abbreviation and the dot that ends its sentence.
        end: where scanning goes on.
        reach: how far the rules looked; nothing behind that place matters.
    """

    printed: list[str]
    end: int
    reach: int


class Line:
    """One line, scanned from left to right.

    Attributes:
        text: the line as the rules see it, in UTF-16: a character beyond the basic plane is two of them.
    """

    def __init__(self, line: str) -> None:
        """``line`` holds no line separators."""
        self.text = _BEYOND_THE_BASIC_PLANE.sub(_surrogates, line)
        self._seen = self.text + _NEXT_LINE
        self._matcher = _ALL.read(self._seen)

    def token(self, start: int) -> Token:
        index, end, reach = self._matcher.longest(start)
        if index == NOTHING:
            return Token([], start + 1, reach)
        if index in _AHEAD:
            end = self._consumed(index, start, end)
        return Token([_printed(token) for token in RULES[index].tokens(self.text[start:end])], end, reach)

    def _consumed(self, index: int, start: int, end: int) -> int:
        """Where the longest match ends that leaves a look-ahead up to ``end``."""
        matched = self._seen[start:end]
        ends = list(_CONSUMED[index].read(matched).ends(0, len(matched)))
        ahead = _AHEAD[index].read(matched)
        return start + max(place for place in ends if len(matched) in ahead.ends(place, len(matched)))


def _printed(token: str) -> str:
    if not token.isascii():
        token = token.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return re.sub("[ \t]", "\xa0", token.lower())


def _surrogates(character: re.Match[str]) -> str:
    return "".join(map(chr, memoryview(character[0].encode("utf-16-le")).cast("H")))
