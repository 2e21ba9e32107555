"""One line of text to the tokens that the rules make of it, punctuation included."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from benchmark.metrics.tokenizer.automaton import NOTHING, Automaton
from benchmark.metrics.tokenizer.rules import NAMES, RULES, Rule

# What the rules see behind a line: its end, and small letters. The original sees the next caption there.
_NEXT_LINE = "\nzz"

_BEYOND_THE_BASIC_PLANE = re.compile("[\U00010000-\U0010ffff]")


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
        self._matcher = _all_rules().read(self._seen)

    def token(self, start: int) -> Token:
        which, end, reach = self._matcher.longest(start)
        if which == NOTHING:
            return Token([], start + 1, reach)
        rule = RULES[which]
        if rule.ahead:
            end = start + _consumed(rule, self._seen[start:end])
        return Token([_printed(token) for token in rule.tokens(self.text[start:end])], end, reach)


@cache
def _all_rules() -> Automaton:
    return Automaton([f"({rule.expression})({rule.ahead})" for rule in RULES], NAMES)


@cache
def _automaton(expression: str) -> Automaton:
    return Automaton([expression], NAMES)


def _consumed(rule: Rule, matched: str) -> int:
    """How much of what matched is not looked ahead at: as much as can be."""
    stop = len(matched)
    ahead = _automaton(rule.ahead).read(matched)
    ends = _automaton(rule.expression).read(matched).ends(0, stop)
    return max(end for end in ends if stop in ahead.ends(end, stop))


def _printed(token: str) -> str:
    if not token.isascii():
        token = token.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return token.lower().replace(" ", "\xa0")


def _surrogates(character: re.Match[str]) -> str:
    return "".join(map(chr, memoryview(character[0].encode("utf-16-le")).cast("H")))
