"""Captions to tokens: the PTB tokenizer of the COCO caption evaluation (pycocoevalcap 1.2), without Java.

Where the tokens are known to differ from the original's:

- A caption's tokens depend on nothing else. The original looks ahead into the next caption, and a line separator other
  than ``\\n`` shifts all later captions.
- Words with a rule of their own that no comparison met: abbreviations of four and more letters, rare words with an
  apostrophe.
- "ſ" (U+017F), which the original takes for an "s" in abbreviations.
- The lower case of "Σ" before a digit, and of letters that are newer than the Unicode of either Java or Python.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import chain

from benchmark.metrics.tokenizer.characters import BLANKS
from benchmark.metrics.tokenizer.scanner import Line

# What pycocoevalcap drops. Tokens are lower-case by then, so that brackets remain.
_PUNCTUATION = frozenset(["''", "'", "``", "`", ".", "?", "!", ",", ":", "-", "--", "...", ";"])

# Each of these ends a line for the original, and each line is a caption for its wrapper: one stray carriage return
# shifts all later captions onto the wrong samples. Here they are blanks.
_LINE_SEPARATORS = re.compile("[\n\r\v\f\u2028\u2029]+")

# Tokens of what stands between two blanks, wherever the rules look no further. A word that ends its line is not the
# same word: a mark that no word holds stands behind it. Bounded, as captions come from strangers.
_KNOWN: dict[str, list[str]] = {}
_MOST_KNOWN = 50_000
_LONGEST_KNOWN = 40  # characters
_LAST = " "

_OTHER_BLANK = re.compile(f"(?! )[{BLANKS}]")


def tokenizer_name() -> str:
    """Stands in the signature of every number."""
    return "ptb"


def ptb_tokenize(captions: Sequence[str]) -> list[list[str]]:
    """Lower-cased tokens without punctuation of each caption, as pycocoevalcap 1.2 makes them.

    A blank inside a token, as in ``5 1/2``, is printed as U+00A0; brackets are printed as ``-lrb-`` and so on.
    """
    return [_tokens(caption) for caption in captions]


def tokenize(captions: Sequence[str]) -> list[str]:
    """The same as one text per caption, its tokens joined by single blanks."""
    return [" ".join(_tokens(caption)) for caption in captions]


def _tokens(caption: str) -> list[str]:
    words = caption.split(" ")
    words[-1] += _LAST
    try:
        return list(chain.from_iterable(map(_KNOWN.__getitem__, words)))
    except KeyError:
        return _scanned(_LINE_SEPARATORS.sub(" ", caption.encode("utf-8", "replace").decode()))


def _scanned(caption: str) -> list[str]:
    line = Line(caption)
    words = line.text + _LAST
    kept: list[str] = []
    place = 0
    while place <= len(line.text):
        end = words.find(" ", place, len(line.text))
        word = words[place:end] if end >= 0 else words[place:]
        known = _KNOWN.get(word)
        if known is None:
            known, place = _scanned_word(line, place, word)
        else:
            place += len(word)
        kept += known
        place += 1
        if _OTHER_BLANK.match(words, place):  # blanks are skipped together: an address may start with these
            place = line.token(place - 1).end
    return kept


def _scanned_word(line: Line, start: int, word: str) -> tuple[list[str], int]:
    """Tokens up to the first blank that is not part of one, or to the end of the line, and where that is."""
    kept: list[str] = []
    place = reach = start
    while place < len(line.text) and line.text[place] != " ":
        token = line.token(place)
        place, reach = token.end, max(reach, token.reach)
        kept += [printed for printed in token.printed if printed not in _PUNCTUATION]
    looks_no_further = word.endswith(_LAST) or reach <= start + len(word)
    if looks_no_further and len(word) <= _LONGEST_KNOWN and not _OTHER_BLANK.match(word):
        if len(_KNOWN) >= _MOST_KNOWN:
            _KNOWN.clear()
        _KNOWN[word] = kept
    return kept, place
