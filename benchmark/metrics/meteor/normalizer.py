"""A line of text to lower-case words, punctuation split off, as METEOR's ``-norm`` does it.

Every substitution scans from left to right and never looks again at what it has consumed; that is why some separators
survive (the second comma of ``a,b,c``, the second dash of ``t-s-h``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_ALPHA = (
    "A-Za-z\u0160\u017d\u0161\u017e\u0178\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u017e"
    "\u0400-\u04ff\u0500-\u0527\ua640-\ua66e\ua67e-\ua697\u1d00-\u1d7f"
)
_ALNUM = _ALPHA + "0-9"
_NOT_ALPHA, _NOT_ALPHA_OR_DIGIT = f"[^{_ALPHA}]", f"[^{_ALNUM}]"

# What needs none of the steps: most captions that a PTB tokenizer has seen, its punctuation taken out.
_PLAIN = re.compile("[a-z0-9 ]*")

_SYMBOL = re.compile(f"([^{_ALNUM} \t\n\v\f\r.'`,\\-\u2018\u2019])")

_COMMAS = (
    (re.compile("([^0-9]),([^0-9])"), r"\1 , \2"),
    (re.compile("([0-9]),([^0-9])"), r"\1 , \2"),
    (re.compile("([^0-9]),([0-9])"), r"\1 , \2"),
)
_QUOTES_AND_DASHES = (
    (re.compile("[`\u2018\u2019]"), "'"),
    (re.compile("''|[\u201c\u201d]"), ' " '),
    (re.compile("\u2013"), "-"),
    (re.compile("--"), "-"),
    (re.compile(f"([{_ALNUM}.])-([{_ALNUM}])"), r"\1 \2"),
)
_APOSTROPHES = (
    (re.compile(f"({_NOT_ALPHA})'({_NOT_ALPHA})"), r"\1 ' \2"),
    (re.compile(f"({_NOT_ALPHA_OR_DIGIT})'([{_ALPHA}])"), r"\1 ' \2"),
    (re.compile(f"([{_ALPHA}])'({_NOT_ALPHA})"), r"\1 ' \2"),
    (re.compile(f"([{_ALPHA}])'([{_ALPHA}])"), r"\1 '\2"),
    (re.compile("([0-9])'(s)"), r"\1 '\2"),
)

_DOTS = re.compile(r"\.(\.+)")
_DOTS_LEFT = re.compile(r"DOTMULTI(\.+)")
_DOTS_HIDDEN = re.compile("(?:DOT)+(?:MULTI)?")

_BLANK = re.compile("[ \t\n\f\r]+")  # not \v
_WIDE_BLANKS = re.compile("[ \u2000-\u200a\u202f\u205f\u3000\u00a0]+")
_TRIMMED = "".join(map(chr, range(0x21)))
_HAS_ALPHA = re.compile(f"[{_ALPHA}]")


def read_prefixes(lines: list[str]) -> dict[str, bool]:
    """Words that keep their dot -> whether only before a number, from the jar's ``nonbreaking/english.prefixes``."""
    fields = [line.split() for line in lines]
    return {line[0]: line[1:2] == ["#NUMERIC_ONLY#"] for line in fields if line and not line[0].startswith("#")}


def normalized(text: str, prefixes: Mapping[str, bool]) -> list[str]:
    """Lower-case words of one line; linear in its length.

    Args:
        text: tokenized or not; line breaks count as blanks.
        prefixes: of :func:`read_prefixes`, compared before lower-casing.
    """
    if _PLAIN.fullmatch(text):
        return text.split()
    text = _SYMBOL.sub(r" \1 ", f" {text} ")
    text = _hide_dots(text)
    for pattern, replacement in (*_COMMAS, *_QUOTES_AND_DASHES, *_APOSTROPHES):
        text = pattern.sub(replacement, text)
    text = _show_dots(" ".join(_split_dots(_words(text), prefixes)))
    return _words(_WIDE_BLANKS.sub(" ", text).strip(_TRIMMED).lower())


def _words(text: str) -> list[str]:
    return [word for word in _BLANK.split(text) if word]


def _hide_dots(text: str) -> str:
    """Two or more dots become one word of letters, ``DOTDOTMULTI`` for two, which the next steps leave alone.

    The first round differs from the others only when the text itself says ``DOTMULTI.``; the others, one for each
    dot, are done at once.
    """
    text = _DOTS.sub(r" DOTMULTI\1", text)
    if "DOTMULTI." not in text:
        return text
    text = re.sub(r"DOTMULTI\.([^.])", r"DOTDOTMULTI \1", text)
    text = text.replace("DOTMULTI.", "DOTDOTMULTI")
    return _DOTS_LEFT.sub(lambda found: "DOT" * len(found[1]) + "DOTMULTI ", text)


def _show_dots(text: str) -> str:
    if "DOTMULTI" not in text:
        return text
    return _DOTS_HIDDEN.sub(
        lambda found: "." * ((len(found[0]) - 5) // 3) if found[0].endswith("MULTI") else found[0], text
    )


def _split_dots(words: list[str], prefixes: Mapping[str, bool]) -> list[str]:
    """Take the dot off the end of a word, unless it belongs to an abbreviation or no new sentence begins."""
    split = []
    for word, following in zip(words, [*words[1:], ""], strict=True):
        # More than one unit of UTF-16: a letter beyond the first plane is two.
        if not word.endswith(".") or word == ".":
            split.append(word)
            continue
        before = word[:-1]
        numeric = prefixes.get(before)
        if "." in before and _HAS_ALPHA.search(before):
            split.append(word.replace(".", ""))
        elif numeric is False or "a" <= following[:1] <= "z" or (numeric and "0" <= following[:1] <= "9"):
            split.append(word)
        else:
            split += [before, "."]
    return split
