"""How the text that a rule consumes is printed as tokens, before it is lower-cased."""

from __future__ import annotations

import re
from collections.abc import Callable

Printer = Callable[[str], list[str]]

_SOFT_HYPHEN = "\xad"
_BRACKETS = {"(": "-LRB-", ")": "-RRB-", "[": "-LSB-", "]": "-RSB-", "{": "-LCB-", "}": "-RCB-"}
_ENTITIES = {
    "&amp;": ["&"],
    "&lt;": ["<"],
    "&gt;": [">"],
    "&nbsp;": [],
    "&md;": ["--"],
    "&mdash;": ["--"],
    "&ndash;": ["--"],
}
QUOTES = {
    **dict.fromkeys("`\u2018\u201b\x91\u2039", "`"),
    **dict.fromkeys("\u2019\x92\u203a", "'"),
    **dict.fromkeys("\u201c\x93\xab", "``"),
    **dict.fromkeys("\u201d\x94\xbb", "''"),
    **{mark: mark for mark in "\u201a\u201e\u201f"},
}
MONEY = {"\xa2": "cents", "\xa3": "#", **dict.fromkeys("\u20ac\xa4\u20a0\x80", "$")}
FRACTIONS = {"\xbc": "1/4", "\xbd": "1/2", "\xbe": "3/4", "\u2153": "1/3", "\u2154": "2/3"}


def as_it_is(text: str) -> list[str]:
    return [text]


def always(*tokens: str) -> Printer:
    return lambda text: list(tokens)


def word(text: str) -> list[str]:
    """Without soft hyphens (of nothing but those a hyphen remains), and with an ``&`` that is written as an entity."""
    return [re.sub("(?i)&amp;", "&", text.replace(_SOFT_HYPHEN, "")) or "-"]


def clitic(text: str) -> list[str]:
    """With the apostrophe of ASCII."""
    text = re.sub("\u2019|\x92|&apos;", "'", text)
    return [re.sub("[\u2018\x91\u201b]", "`", text)]


def end_of_sentence(text: str) -> list[str]:
    """An abbreviation whose dot ends the sentence, too."""
    return [text, "."]


def without_dot(text: str) -> list[str]:
    return [text[:-1], "."]


def brackets(text: str) -> list[str]:
    return ["".join(_BRACKETS.get(character, character) for character in text)]


def round_brackets(text: str) -> list[str]:
    return [text.replace("(", "-LRB-").replace(")", "-RRB-")]


def entity(text: str) -> list[str]:
    return _ENTITIES[text.lower()]


def quotes(text: str) -> list[str]:
    return ["".join(QUOTES[character] for character in text)]


def money(text: str) -> list[str]:
    return [MONEY[text]]


def fraction(text: str) -> list[str]:
    return [FRACTIONS[text]]
