"""What METEOR knows of single words: function words, stems, synonyms; and which words of a corpus can match."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from benchmark.metrics.meteor import source
from benchmark.metrics.meteor.normalizer import read_prefixes
from benchmark.metrics.meteor.stemmer import stem

# Tried in this order; the first whose result is in the synonym table wins.
_DETACHMENTS = (
    *(("s", ""), ("ses", "s"), ("xes", "x"), ("zes", "z"), ("ches", "ch"), ("shes", "sh"), ("men", "man")),
    *(("ies", "y"), ("s", ""), ("ies", "y"), ("es", "e"), ("es", ""), ("ed", "e"), ("ed", "")),
    *(("ing", "e"), ("ing", ""), ("er", ""), ("est", ""), ("er", "e"), ("est", "e")),
)


@dataclass(frozen=True)
class WordLists:
    """The tables of the jar.

    Attributes:
        function: words without content of their own, e.g. "the", and punctuation.
        prefixes: words that keep their dot -> whether only before a number.
        bases: irregular form -> its base forms, e.g. "mice" -> ["mouse"].
        synsets: word -> the numbers of its sets of synonyms, as one text.
    """

    function: frozenset[str]
    prefixes: Mapping[str, bool]
    bases: Mapping[str, list[str]]
    synsets: Mapping[str, str]

    def synonym_sets(self, word: str) -> frozenset[int]:
        """Two different words are synonyms when they share one of these."""
        bases = self.bases.get(word)
        if bases is None:
            bases = [self._detached(word)]
        return frozenset(int(number) for key in (word, *bases) for number in self.synsets.get(key, "").split())

    def _detached(self, word: str) -> str:
        """The base form by regular inflection; "" when there is none in the table."""
        if word.endswith("ss") or len(word) <= 2:
            return word
        for suffix, replacement in _DETACHMENTS:
            if word.endswith(suffix):
                base = word[: len(word) - len(suffix)] + replacement
                if base in self.synsets:
                    return base + "ful" if word.endswith("ful") else base
        return ""


@cache
def read_word_lists(jar: Path) -> WordLists:
    """Read once in a process. Raises OSError, KeyError or BadZipFile."""
    exceptions = source.member(jar, "synonym/english.exceptions")
    bases = defaultdict(list)
    for base, forms in zip(exceptions[::2], exceptions[1::2], strict=True):
        for form in forms.split():
            bases[form].append(base)
    synsets = source.member(jar, "synonym/english.synsets")
    return WordLists(
        function=frozenset(source.member(jar, "function/english.words")),
        prefixes=read_prefixes(source.member(jar, "nonbreaking/english.prefixes")),
        bases=dict(bases),
        synsets=dict(zip(synsets[::2], synsets[1::2], strict=True)),
    )


def java_hash(word: str) -> int:
    """``String.hashCode`` of Java, 0 to 2^32 - 1: words and stems count as equal when these are equal."""
    value = 0
    units = word.encode("utf-16-le", "surrogatepass")
    for low, high in zip(units[::2], units[1::2], strict=True):
        value = (31 * value + low + 256 * high) & 0xFFFFFFFF
    return value


@dataclass(frozen=True, slots=True)
class Related:
    """Words of the corpus that can match one word, by number: as equal, of equal stem, as synonyms.

    One other word can be in several of these.
    """

    equal: frozenset[int]
    stem: frozenset[int]
    synonym: frozenset[int]
    any: frozenset[int]


class Vocabulary:
    """The words of a corpus, numbered, and how they are related.

    Args:
        words: each of them once.
    """

    def __init__(self, words: Iterable[str], lists: WordLists) -> None:
        self.numbers = {word: number for number, word in enumerate(words)}
        self.function = [int(word in lists.function) for word in self.numbers]
        self.keys = [java_hash(word) for word in self.numbers]
        self._stems = [java_hash(stem(word)) for word in self.numbers]
        self._synsets = [lists.synonym_sets(word) for word in self.numbers]
        self._of_key, self._of_stem = _inverted([key] for key in self.keys), _inverted([key] for key in self._stems)
        self._of_synset = _inverted(self._synsets)
        self._related: dict[int, Related] = {}

    def related(self, number: int) -> Related:
        """What can match the word of this number."""
        known = self._related.get(number)
        if known is None:
            equal = frozenset(self._of_key[self.keys[number]])
            stem = frozenset(self._of_stem[self._stems[number]]) - equal
            synonym = frozenset().union(*(self._of_synset[synset] for synset in self._synsets[number])) - equal
            known = self._related[number] = Related(equal, stem, synonym, equal | stem | synonym)
        return known


def _inverted(keys: Iterable[Iterable[int]]) -> Mapping[int, list[int]]:
    """Key -> the numbers of the words that have it."""
    numbers = defaultdict(list)
    for number, own in enumerate(keys):
        for key in own:
            numbers[key].append(number)
    return numbers
