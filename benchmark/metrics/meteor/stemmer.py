"""The Snowball stemmer for English ("Porter2") as it was from 2006 to 2019, which METEOR 1.5 contains.

Regions are positions that are fixed once, before anything is cut off. Later versions of the algorithm give other stems.
Source: Porter, https://snowballstem.org/algorithms/english/stemmer.html, without the changes made since.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_WHOLE = {
    **{"skis": "ski", "skies": "sky", "dying": "die", "lying": "lie", "tying": "tie", "idly": "idl", "gently": "gentl"},
    **{"ugly": "ugli", "early": "earli", "only": "onli", "singly": "singl"},
    **{word: word for word in ("sky", "news", "howe", "atlas", "cosmos", "bias", "andes")},
}
_DONE_AFTER_PLURAL = {"inning", "outing", "canning", "herring", "earring", "proceed", "exceed", "succeed"}
_DOUBLES = ("bb", "dd", "ff", "gg", "mm", "nn", "pp", "rr", "tt")
_STEP_2 = {
    **{"tional": "tion", "enci": "ence", "anci": "ance", "abli": "able", "entli": "ent", "izer": "ize"},
    **{"ization": "ize", "ational": "ate", "ation": "ate", "ator": "ate", "alism": "al", "aliti": "al", "alli": "al"},
    **{"fulness": "ful", "ousli": "ous", "ousness": "ous", "iveness": "ive", "iviti": "ive", "biliti": "ble"},
    **{"bli": "ble", "ogi": "og", "fulli": "ful", "lessli": "less", "li": ""},
}
_STEP_3 = {
    **{"tional": "tion", "ational": "ate", "alize": "al", "icate": "ic", "iciti": "ic", "ical": "ic"},
    **{"ful": "", "ness": "", "ative": ""},
}
_STEP_4 = (
    *("al", "ance", "ence", "er", "ic", "able", "ible", "ant", "ement", "ment", "ent", "ism", "ate", "iti", "ous"),
    *("ive", "ize", "ion"),
)

_VOWEL_Y = re.compile("([aeiouy])y")
_SPECIAL_REGION = re.compile("gener|commun|arsen")
_REGION = re.compile("[aeiouy][^aeiouy]")
_VOWEL = re.compile("[aeiouy]")
_SHORT = re.compile("[^aeiouy][aeiouy][^aeiouywxY]$|^[aeiouy][^aeiouy]$")
_PLURAL = re.compile("(sses|ied|ies|us|ss|s)$")
_PAST = re.compile("(eedly|ingly|edly|eed|ing|ed)$")


def _longest(suffixes: Iterable[str]) -> re.Pattern[str]:
    return re.compile(f"({'|'.join(sorted(suffixes, key=len, reverse=True))})$")


_SUFFIX_2, _SUFFIX_3, _SUFFIX_4 = _longest(_STEP_2), _longest(_STEP_3), _longest(_STEP_4)


def stem(word: str) -> str:
    """The stem of a lower-case word."""
    if len(word) < 3:
        return word
    if word in _WHOLE:
        return _WHOLE[word]
    word = re.sub("^y", "Y", word.removeprefix("'"))
    word = _VOWEL_Y.sub(r"\1Y", word)
    special = _SPECIAL_REGION.match(word)
    r1 = special.end() if special else _region(word, 0)
    r2 = _region(word, r1)
    word = _without_plural(_without_possessive(word))
    if word not in _DONE_AFTER_PLURAL:
        word = _without_past(word, r1)
        if len(word) > 2 and word[-1] in "yY" and word[-2] not in "aeiouy":
            word = word[:-1] + "i"
        word = _step_2(word, r1)
        word = _step_3(word, r1, r2)
        word = _step_4(word, r2)
        word = _step_5(word, r1, r2)
    return word.replace("Y", "y")


def _region(word: str, start: int) -> int:
    """Where the part behind the first non-vowel that follows a vowel begins."""
    found = _REGION.search(word, start)
    return found.end() if found else len(word)


def _without_possessive(word: str) -> str:
    for suffix in ("'s'", "'s", "'"):
        if word.endswith(suffix):
            return word[: -len(suffix)]
    return word


def _without_plural(word: str) -> str:
    found = _PLURAL.search(word)
    if found is None:
        return word
    before = word[: found.start()]
    match found[0]:
        case "sses":
            return before + "ss"
        case "ied" | "ies":
            return before + ("i" if len(before) > 1 else "ie")
        case "s":
            return before if _VOWEL.search(before[:-1]) else word
    return word


def _without_past(word: str, r1: int) -> str:
    found = _PAST.search(word)
    if found is None:
        return word
    before = word[: found.start()]
    if found[0].startswith("eed"):
        return before + "ee" if found.start() >= r1 else word
    if not _VOWEL.search(before):
        return word
    if before.endswith(("at", "bl", "iz")):
        return before + "e"
    if before.endswith(_DOUBLES):
        return before[:-1]
    return before + "e" if len(before) == r1 and _SHORT.search(before) else before


def _step_2(word: str, r1: int) -> str:
    found = _SUFFIX_2.search(word)
    if found is None or found.start() < r1:
        return word
    before = word[: found.start()]
    if (found[0] == "ogi" and not before.endswith("l")) or (found[0] == "li" and before[-1:] not in set("cdeghkmnrt")):
        return word
    return before + _STEP_2[found[0]]


def _step_3(word: str, r1: int, r2: int) -> str:
    found = _SUFFIX_3.search(word)
    if found is None or found.start() < (r2 if found[0] == "ative" else r1):
        return word
    return word[: found.start()] + _STEP_3[found[0]]


def _step_4(word: str, r2: int) -> str:
    found = _SUFFIX_4.search(word)
    if found is None or found.start() < r2:
        return word
    before = word[: found.start()]
    return word if found[0] == "ion" and not before.endswith(("s", "t")) else before


def _step_5(word: str, r1: int, r2: int) -> str:
    last = len(word) - 1
    if word.endswith("e") and (last >= r2 or (last >= r1 and not _SHORT.search(word[:-1]))):
        return word[:-1]
    if word.endswith("l") and last >= r2 and word.endswith("ll"):
        return word[:-1]
    return word
