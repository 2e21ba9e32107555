"""Captions that go in circles, and one text for many drawings."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

_LONGEST_BLOCK = 12  # words
_AGAIN = {1: 3, 2: 4, 3: 3}  # times that a block comes again by its length in words; twice a longer one
_FUNCTION_WORD = re.compile(r"the|an?|of|and|or|is|are|in|on|to|with|that|it|this|as|by")
_STUCK = re.compile(r"(\w{1,8}?)\1{9,}")
_SENTENCES = re.compile(r"[.!?。！？]\s|\n+")
_SENTENCE_WORDS = 5
_REPEATED = 0.25  # share of four-grams
_ENOUGH = 40  # words that a share is taken of
_MANY = 5
_MANY_SHARE = 0.05


def looping(caption: str) -> bool:
    """It repeats itself as no writer does.

    Finds a word four times in a row ("the", "of", … three times), two words five times, three words four times, four to
    twelve words three times, a sentence of five words or more twice, letters that go on ("aaaaaaaaaa"), and texts of
    forty words or more in which a quarter of the four-word sequences have been said before (rep-4 of Welleck et al.
    2020). Not emphasis ("very very very big", "ho ho ho"), a noun that comes again in each sentence, a row of things
    ("black, white, black, white", "a red circle, a red square and a red line").
    """
    words = re.findall(r"\w+", caption.casefold())
    return (
        _repeats_blocks(words)
        or bool(_STUCK.search(caption))
        or _repeats_a_sentence(caption)
        or (len(words) >= _ENOUGH and repeated_share(words) >= _REPEATED)
    )


def repeated_share(words: Sequence[str], length: int = 4) -> float:
    """Share of the sequences of ``length`` words that stand further in front too, 0 to 1."""
    count = max(1, len(words) - length + 1)
    return 1 - len({tuple(words[i : i + length]) for i in range(count)}) / count


def one_text_for_many(captions: Sequence[str], references: Sequence[Sequence[str]]) -> list[bool]:
    """The same text for five samples or more and for a twentieth of all, more often than it is true.

    Finds a captioner that has collapsed into one answer. Not a text that half as many samples have as a reference
    (drawings of the same thing), and not empty captions. Case, blanks and the full stop make no difference.

    Args:
        captions: all captions of one captioner.
        references: those of each sample.
    """
    texts = [_plain(caption) for caption in captions]
    counts = Counter(text for text in texts if text)
    true = Counter(text for some in references for text in {_plain(reference) for reference in some})
    least = max(_MANY, _MANY_SHARE * len(captions))
    repeated = {text for text, count in counts.items() if count >= least and count > 2 * true[text]}
    return [text in repeated for text in texts]


def _plain(text: str) -> str:
    return " ".join(text.casefold().split()).rstrip(" .")


def _repeats_blocks(words: Sequence[str]) -> bool:
    for length in range(1, _LONGEST_BLOCK + 1):
        same = 0  # words in a row that equal the one a block before
        for i in range(length, len(words)):
            same = same + 1 if words[i] == words[i - length] else 0
            times = 2 if length == 1 and _FUNCTION_WORD.fullmatch(words[i]) else _AGAIN.get(length, 2)
            if same >= times * length:
                return True
    return False


def _repeats_a_sentence(caption: str) -> bool:
    sentences = (re.findall(r"\w+", sentence.casefold()) for sentence in _SENTENCES.split(caption))
    counts = Counter(tuple(words) for words in sentences if len(words) >= _SENTENCE_WORDS)
    return any(count > 1 for count in counts.values())
