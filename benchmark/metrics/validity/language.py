"""Captions in another script or language than the references.

Without a language detector: those of the packages that are light enough (langdetect, py3langid) guess at captions of
three words, and a guess must not stand in a leaderboard. Closed-class words decide instead, which every sentence has,
and a caption with too few of them is not judged.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache

_FUNCTION_WORDS = {
    "English": "the a an of and or in on at to with for from by is are was were be been has have it its this that "
    "which there as into two one some his her their not but he she they who while behind over under up "
    "down out off through",
    "German": "der die das den dem des ein eine einen einem einer eines und oder in im am an auf aus mit von vom zu "
    "zum zur für ist sind war hat nicht sich als auch nach bei über unter vor hinter zwischen wird werden "
    "zwei es er sie mehrere",
    "French": "le la les l un une des du de d et ou dans en sur sous avec pour par est sont était a qui que dont il "
    "elle ils elles au aux ce cette ces son sa ses deux pas ne se plus entre vers à où être",
    "Spanish": "el la los las un una unos unas de del y o en con por para es son está están que se su sus al lo como "
    "más sobre entre hacia no dos hay muy a tiene este esta cuyo",
    "Italian": "il lo la i gli le l un uno una di del dello della dei degli delle e o in nel nella nei nelle con su "
    "sul sulla per da dal dalla è sono che si al alla ai alle ha hanno due non come più tra verso sua suo",
    "Portuguese": "o a os as um uma uns umas de do da dos das e ou em no na nos nas com por para é são está que se seu "
    "sua ao à como mais sobre entre não dois duas há tem",
    "Dutch": "de het een en of in op aan van met voor uit bij naar door over onder is zijn was heeft hebben die "
    "dat deze dit er niet ook als twee tussen achter naast te om zich wordt",
}
_LANGUAGES = {name: frozenset(words.split()) for name, words in _FUNCTION_WORDS.items()}
_WORD = re.compile(r"[^\W\d_]+")
_FEWEST_HITS = 3
_TIMES = 3  # as many function words of the other language as of the references'
_SHARE = 0.2  # of the words; a sentence has twice as many
_KNOWN_SCRIPT = 0.01  # share of the references' letters
_EAST_ASIAN = {"HIRAGANA": "CJK", "KATAKANA": "CJK", "HANGUL": "CJK", "BOPOMOFO": "CJK"}


def other_script(captions: Sequence[str], references: Iterable[str]) -> list[bool]:
    """More than half of the letters are of scripts that the references, taken together, do not use.

    Finds a Chinese caption among English references. Not a caption that quotes a sign ("the characters 出口"), nor
    one without letters; nothing where the references have no letters.
    """
    used = _scripts(references)
    known = {script for script, count in used.items() if count >= _KNOWN_SCRIPT * used.total()}
    return [bool(known) and _is_mostly_outside(_scripts([caption]), known) for caption in captions]


def other_language(captions: Sequence[str], references: Iterable[str]) -> list[bool]:
    """Function words say another of seven languages than the references, taken together.

    English, German, French, Spanish, Italian, Portuguese, Dutch. Found when three function words or more, and a fifth
    of all words, are of another language, and three times as many as of the references'. Not a caption of a few words,
    not one with foreign names in it ("the logo of La Poste"), not one in a language that is not among the seven;
    nothing where the references are in none of them.
    """
    hits = _hits(Counter(word for text in references for word in _words(text)))
    expected = max(hits, key=lambda name: hits[name])
    if hits[expected] < _FEWEST_HITS:
        return [False] * len(captions)
    return [_speaks_another(Counter(_words(caption)), expected) for caption in captions]


def _speaks_another(words: Counter[str], expected: str) -> bool:
    hits = _hits(words)
    most = max(hits.values())
    return most >= max(_FEWEST_HITS, _TIMES * hits[expected], _SHARE * words.total())


def _hits(words: Counter[str]) -> dict[str, int]:
    return {name: sum(words[word] for word in known) for name, known in _LANGUAGES.items()}


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def _scripts(texts: Iterable[str]) -> Counter[str]:
    """Letters per script."""
    scripts: Counter[str] = Counter()
    for text in texts:
        for character, count in Counter(text).items():
            if character.isalpha():
                scripts[_script(character)] += count
    return scripts


def _is_mostly_outside(scripts: Counter[str], known: set[str]) -> bool:
    outside = sum(count for script, count in scripts.items() if script not in known)
    return 2 * outside > scripts.total()


@cache
def _script(letter: str) -> str:
    """The first word of the letter's Unicode name: LATIN, CYRILLIC, CJK, …"""
    name = unicodedata.name(letter, "unknown").split()[0].partition("-")[0]
    return _EAST_ASIAN.get(name, name)
