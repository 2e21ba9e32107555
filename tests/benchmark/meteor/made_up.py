"""Captions that are hard to align: synonyms, paraphrases both ways, inflections, repetitions, and odd characters."""

from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np

from benchmark.metrics.meteor import source
from benchmark.metrics.meteor.paraphrase_index import WORD_BITS, ParaphraseIndex
from benchmark.metrics.meteor.words import read_word_lists

COMMON = ["a", "the", "in", "on", "of", "with", "and", "is", "are", "to", "by", "that", "two", "men", "man", "dog", "."]
ENDINGS = ("", "s", "es", "ed", "ing", "er", "est", "ly", "'s", "ness", "ful", "ization", "ies")
ODD = (
    *("1,000", "1,5", "a,b,c", "3.14", "12:30", "5'x", "90's", "no. 5", "no. x", "u.s.", "U.S.A.", "mr. x", "Mr. X"),
    *("http://a.b/c?d=e-f", "www.x.org.", "t-s-h", "foo--bar", "a–b", "—", "...", "..", "....x", "x..y", "DOTMULTI"),
    *("DOTMULTI.DOTMULTI.y", "DOTDOTMULTI", "''", "``", "“x”", "‘tis", "dog’s", "n't", "'s", "o'clock", "'", '"a"'),
    *("é", "naïve", "Ünïcode", "İ", "ΣΑΣ", "ß", "Привет", "你好", "🙂", "👩‍🚀", "x\u00a0y", "a\u3000b", "x\vy"),
    *("q4", "or", "c5", "as", "g8", "ev", "|", "||", "a|||b", "|||", "<svg", 'd="m0', "#ff0000", "100%", "$5", "\x01"),
    *("\t", "\f", "x\u2028y", "x\u0085y", "\u200b", "-", "--", "`", ",", "a.", "b.c", ".d", "1.", "1-2", "x-1-y"),
    *("a'b'c", "3's"),
)

Pair = tuple[str, list[str]]


class MadeUp:
    """Draws samples, each a hypothesis with one to four references."""

    def __init__(self, index: ParaphraseIndex, seed: int) -> None:
        jar = source.jar()
        assert jar is not None
        self._draw = random.Random(seed)
        synsets = read_word_lists(jar).synsets
        self._ambiguous = sorted((w for w in synsets if "_" not in w), key=lambda w: (-len(synsets[w]), w))[:3000]
        self._by_synset: dict[str, list[str]] = {}
        for word in self._ambiguous:
            for synset in synsets[word].split():
                self._by_synset.setdefault(synset, []).append(word)
        self._shared = [words for words in self._by_synset.values() if len(words) > 1]
        self._index = index
        self._words = list(index.words)
        counts = np.diff(index.starts)
        self._sources = np.argsort(-counts.astype(np.int64), kind="stable")[:60_000].tolist()

    def _phrase(self, node: int) -> str:
        words: list[str] = []
        while True:
            edge = int(self._index.edges[node])
            words.append(self._words[edge & ((1 << WORD_BITS) - 1)])
            node = (edge >> WORD_BITS) - 1
            if node < 0:
                return " ".join(reversed(words))

    def _paraphrases(self) -> tuple[str, str]:
        node = self._draw.choice(self._sources)
        target = self._draw.randrange(int(self._index.starts[node]), int(self._index.starts[node + 1]))
        pair = self._phrase(node), self._phrase(int(self._index.targets[target]))
        return pair if self._draw.random() < 0.5 else pair[::-1]

    def _synonyms(self) -> tuple[str, str]:
        words = self._draw.choice(self._shared)
        return self._draw.choice(words), self._draw.choice(words)

    def _inflected(self) -> tuple[str, str]:
        word = self._draw.choice(self._ambiguous)
        return word + self._draw.choice(ENDINGS), word + self._draw.choice(ENDINGS)

    def _common(self) -> tuple[str, str]:
        word = self._draw.choice(COMMON)
        return word, word

    def _odd(self) -> tuple[str, str]:
        return self._draw.choice(ODD), self._draw.choice(ODD)

    def sample(self, longest: int = 14, odd: bool = False) -> Pair:
        """One sample: the parts of its captions match one another in one of the ways, and are shuffled a little."""
        draw = self._draw
        kinds: list[Callable[[], tuple[str, str]]]
        kinds = [self._paraphrases, self._synonyms, self._inflected, self._common, self._common]
        kinds += [self._odd] * (3 if odd else 0)
        parts = [draw.choice(kinds)() for _ in range(draw.randint(0 if odd else 1, longest))]
        parts += draw.choices(parts, k=draw.randint(0, 4)) if parts else []  # repetitions
        captions = []
        for side in (0, *(draw.choice((1, 1, 0)) for _ in range(draw.randint(1, 4)))):
            own = [part[side if draw.random() < 0.85 else 1 - side] for part in parts if draw.random() < 0.85]
            for _ in range(draw.randint(0, 3)):
                if own:
                    own.insert(draw.randrange(len(own) + 1), own.pop(draw.randrange(len(own))))
            captions.append(draw.choice((" ", " ", " ", "  ") if odd else (" ",)).join(own))
        return captions[0], captions[1:]

    def repeated(self) -> Pair:
        """One sample of very few different words, many times each: the beam overflows."""
        kinds = [self._draw.choice((self._synonyms, self._common)) for _ in range(self._draw.randint(1, 3))]
        words = [word for kind in kinds for word in kind()]
        longest = self._draw.choice((25, 25, 25, 90))
        captions = [" ".join(self._draw.choices(words, k=self._draw.randint(1, longest))) for _ in range(3)]
        return captions[0], captions[1:]
