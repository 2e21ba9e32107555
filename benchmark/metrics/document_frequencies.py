"""In how many samples n-grams occur: CIDEr's weights, counted from references or read from a file.

The file is a JSON document::

    {
      "format": "svg-caption-bench document frequencies",
      "schema": 1,
      "tokenizer": "ptb",
      "documents": 5000,
      "counts": {"a": 4711, "a cat": 120, "a cat on": 13, "a cat on a": 7}
    }

``documents`` is the number of samples; ``counts`` says of each n-gram (1 to 4 tokens joined by single blanks) in how
many samples at least one reference holds it. An n-gram of one sample may be left out, as it is when this module
writes: CIDEr gives it the weight of one that never occurs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmark.errors import UserError
from benchmark.files import sha256_of, write_atomic
from benchmark.metrics.base import Array, Corpus
from benchmark.metrics.ngrams import ORDER, Captions, Integers, Ngrams, counted, text

FORMAT = "svg-caption-bench document frequencies"
SCHEMA = 1


@dataclass(frozen=True)
class DocumentFrequencies:
    """Document frequencies of n-grams.

    Attributes:
        documents: number of samples, at least 2: with one, every n-gram of it would weigh nothing.
        tokenizer: that the references were tokenized with, as signatures name it.
        counts: n-gram -> number of samples, at most ``documents``; those of one sample may be absent.
    """

    documents: int
    tokenizer: str
    counts: Mapping[str, int]

    @property
    def signature(self) -> str:
        """``5000@1a2b3c4d5e6f``: number of samples, and a hash over everything that scores depend on."""
        counts = {ngram: count for ngram, count in self.counts.items() if count > 1}
        return f"{self.documents}@{sha256_of([self.documents, self.tokenizer, counts])[:12]}"

    def of(self, row: Captions, found: Ngrams, order: int) -> Array:
        """Of each distinct n-gram of an order, at least 1: ``[distinct]``."""
        known = (self.counts.get(text(row, place, order), 1) for place in found.places.tolist())
        return np.fromiter(known, np.float64, found.distinct)


def in_references(row: Captions, found: Ngrams) -> Integers:
    """In how many samples' references each distinct n-gram of a corpus occurs: ``[distinct]``."""
    first = np.searchsorted(found.captions, row.hypotheses)
    entries = np.sort(row.samples[found.captions[first:]] * found.distinct + found.ngrams[first:])
    entries = entries[np.diff(entries, prepend=-1) != 0]
    return np.bincount(entries % max(1, found.distinct), minlength=found.distinct)


def count(corpus: Corpus) -> DocumentFrequencies:
    """Those of a corpus' references."""
    row, orders = counted(corpus)
    counts: dict[str, int] = {}
    for order, found in enumerate(orders, start=1):
        frequencies = in_references(row, found)
        common = np.flatnonzero(frequencies > 1)
        names = (text(row, place, order) for place in found.places[common].tolist())
        counts |= zip(names, frequencies[common].tolist(), strict=True)
    return DocumentFrequencies(len(corpus), corpus.tokenizer, counts)


def write(path: Path, frequencies: DocumentFrequencies) -> None:
    """Write the file, atomically. Raises UserError."""
    document = {
        "format": FORMAT,
        "schema": SCHEMA,
        "tokenizer": frequencies.tokenizer,
        "documents": frequencies.documents,
        "counts": dict(sorted(frequencies.counts.items())),
    }
    write_atomic(path, json.dumps(document, ensure_ascii=False, indent=0) + "\n")


def read(path: Path) -> DocumentFrequencies:
    """Read such a file. Raises UserError that says what is wrong with it."""
    try:
        document = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise UserError(f"{path} cannot be read as document frequencies: {error}.") from error
    if not isinstance(document, dict) or (document.get("format"), document.get("schema")) != (FORMAT, SCHEMA):
        raise UserError(f"{path} holds no document frequencies; score --write-cider-df FILE writes them.")
    documents, tokenizer, counts = (document.get(key) for key in ("documents", "tokenizer", "counts"))
    if type(documents) is not int or documents < 2:
        raise UserError(f"{path}: 'documents' is {documents!r}, not a number of samples of at least 2.")
    if not isinstance(tokenizer, str):
        raise UserError(f"{path}: 'tokenizer' is {tokenizer!r}, not the name of a tokenizer such as 'ptb'.")
    if not isinstance(counts, dict):
        raise UserError(f"{path}: 'counts' is no object of n-grams and numbers.")
    for ngram, value in counts.items():
        if type(value) is not int or not 1 <= value <= documents:
            raise UserError(f"{path}: the count of {ngram!r} is {value!r}, not 1 to {documents} ('documents').")
        if not 1 <= len(words := ngram.split()) <= ORDER or " ".join(words) != ngram:
            raise UserError(f"{path}: {ngram!r} is not 1 to {ORDER} tokens joined by single blanks.")
    return DocumentFrequencies(documents, tokenizer, counts)
