"""WordNet, which NLTK's METEOR takes its synonyms from and which must be downloaded."""

from __future__ import annotations

import contextlib
import warnings
import zipfile
from collections.abc import Sequence
from functools import cache
from typing import Any

from benchmark.metrics.base import MetricError
from renderers.registry import AVAILABLE, Availability

REMEDY = "python -m nltk.downloader wordnet"


def availability() -> Availability:
    """Whether WordNet is in one of the folders where NLTK looks for its data."""
    return AVAILABLE if _place() is not None else Availability("there is no readable WordNet in nltk_data", REMEDY)


class Synonyms:
    """NLTK's reader of WordNet, as far as METEOR uses it; looks each word up once."""

    def __init__(self, reader: Any) -> None:
        self._reader = reader
        self._known: dict[str, Sequence[Any]] = {}

    def synsets(self, word: str) -> Sequence[Any]:
        """The synsets of a word, of any part of speech."""
        if word not in self._known:
            self._known[word] = self._reader.synsets(word)
        return self._known[word]


def synonyms() -> Synonyms:
    """WordNet as it is found now. Raises MetricError when it is absent or damaged."""
    place = _place()
    if place is None:
        raise MetricError(str(availability()))
    try:
        return _read(str(place))
    except (OSError, LookupError, ValueError, AssertionError, zipfile.BadZipFile) as error:
        raise MetricError(f"WordNet in {place} is damaged: {' '.join(str(error).split())}; {REMEDY}") from error


@cache
def _read(_place_name: str) -> Synonyms:
    from nltk.corpus.reader.wordnet import WordNetCorpusReader

    with warnings.catch_warnings():  # that other languages are not there
        warnings.simplefilter("ignore")
        return Synonyms(WordNetCorpusReader(_place(), None))


def _place() -> Any:
    """NLTK's pointer to the folder or archive; None where there is neither, or half an archive."""
    import nltk.data

    for name in ("corpora/wordnet", "corpora/wordnet.zip/wordnet/"):
        with contextlib.suppress(LookupError, OSError, zipfile.BadZipFile):
            return nltk.data.find(name)
    return None
