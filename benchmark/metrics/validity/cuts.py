"""Captions that lost their beginning or their end."""

from __future__ import annotations

import re
from collections.abc import Sequence

_CLOSERS = "\"'”’»)]}*_`"
_SENTENCE_END = re.compile(rf"[.!?…。！？؟।][{re.escape(_CLOSERS)}]{{0,4}}\Z")
# A sentence ends inside: not "St. Bernard", "U.S. Army" or "1. A list".
_BOUNDARY = re.compile(
    r"(?:[^\W\d_]{3}[.!?]|[\"”’)\]*_][.!?]|[.!?][\"”])[\"'”’)\]*_]{0,4}\s+[^\w\s]{0,4}[A-Z0-9À-ÖØ-ÞЀ-Я]"
)
_MID_SENTENCE = re.compile(r"\s*(?:[,;)\]}%]|'s\b|-[a-z])")
_NO_BEGINNING = re.compile(r"(?:of|and|or|is|are|was|were|has|have|be|been|than|which|whose|whom)")
_RULE = re.compile(r"(?:\n\s*[-=_*]{3,}\s*)+\Z")
_LAST_LINE = re.compile(r"(?:\A|\n)[ \t]{0,20}(#{1,6} [^\n]*|[-*•]|\d{1,2}[.)])\Z")
_LAST_WORDS = re.compile(r"([^\W_]+)\W{1,4}([^\W\d_]+)\Z")
_NO_END = re.compile(r"(?:the|a|an|and|or|but|of|its|their|which|than|depicts|la|il|un|una|e|che|le)")
_LETTER = re.compile(r"(?i:letters?|capital|type)")
_OPEN_QUOTE = re.compile(r'(?:\A|[\s(])"\w[^"]{0,100}\Z')
_SENTENCE = 5  # words; less is a label and needs no full stop
_ALWAYS = 0.97
_BEGINNING, _ENDING = 200, 2000  # characters that are looked at where the whole text is not needed


def cut_in_front(caption: str) -> bool:
    """The beginning is missing: it starts inside a word or a sentence.

    Finds a small first letter where later sentences start with a capital ("ck border and a white background. The
    rectangle is …"), and beginnings that none has (", with a hat", "of a human figure"). Not a caption in small
    letters ("a man on a bench"), a lower-case name ("iPhone"), or a single sentence that happens to be a fragment.
    """
    if _MID_SENTENCE.match(caption):
        return True
    first = re.match(r"\s*([^\W\d_]+)", caption[:_BEGINNING])
    if not first or not first[1].islower():
        return False
    return bool(_NO_BEGINNING.fullmatch(first[1])) or bool(_BOUNDARY.search(caption))


def dangling(caption: str) -> bool:
    """The end is missing, as the caption itself shows.

    Finds an end in a comma, colon, hyphen, open bracket or quotation mark, in a word that something must follow
    ("the", "of"), in an empty list item or a heading, and a last sentence without the full stop that the one before
    has. Not a caption without full stops, a letter's name ("capital letter a"), a rule below the text ("-----").
    """
    text = _RULE.sub("", caption[-_ENDING:]).rstrip()
    whole = len(caption) <= _ENDING
    if whole and (text.count("**") % 2 or (text.count('"') % 2 and _OPEN_QUOTE.search(text))):
        return True
    text = text.rstrip("*_ ")
    if _LAST_LINE.search(text) or text.endswith(tuple(",;:([{«“–—-")):
        return bool(re.search(r"\w", text))
    if _SENTENCE_END.search(text):
        return False
    if text.endswith(tuple(_CLOSERS)):
        return whole and text.count('"') % 2 == 1 and bool(re.search(r'[^\d"]"\Z', text))
    return _lacks_a_word(text) or bool(_BOUNDARY.search(text))


def cut_at_end(captions: Sequence[str]) -> list[bool]:
    """The end is missing: :func:`dangling`, or no full stop where this captioner always writes one.

    A captioner always writes one when 97 % of its sentences end in one; a sentence here is a caption of five words or
    more with a capital first. Then a sentence without one is cut. Not labels and captions in small letters among
    them, and nothing of people, who leave the full stop out now and then, or of a handful of captions.

    Args:
        captions: all captions of one captioner.
    """
    sentences = [_is_sentence(caption) for caption in captions]
    ended = [_ends(caption) for caption in captions]
    habit = sum(end for end, sentence in zip(ended, sentences, strict=True) if sentence)
    always = habit >= _ALWAYS * sum(sentences)
    return [
        dangling(caption) or (always and sentence and not end and not _is_closed(caption))
        for caption, sentence, end in zip(captions, sentences, ended, strict=True)
    ]


def _lacks_a_word(text: str) -> bool:
    words = _LAST_WORDS.search(text)
    return bool(words and _NO_END.fullmatch(words[2]) and not _LETTER.fullmatch(words[1]))


def _is_sentence(caption: str) -> bool:
    return caption.lstrip()[:1].isupper() and len(caption.split(maxsplit=_SENTENCE)) >= _SENTENCE


def _ends(caption: str) -> bool:
    return bool(_SENTENCE_END.search(_RULE.sub("", caption[-_ENDING:]).rstrip()))


def _is_closed(caption: str) -> bool:
    """Ends in a bracket or a quotation mark: 'the word "Java"', "a number (12)"."""
    return caption.rstrip().endswith(tuple(_CLOSERS))
