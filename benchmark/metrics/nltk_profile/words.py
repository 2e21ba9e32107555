"""Captions to words, for NLTK's BLEU and METEOR."""

from __future__ import annotations

from collections.abc import Sequence

from benchmark.metrics.base import Corpus

TOKENIZATION = "nltk-word"


def tokenized(corpus: Corpus) -> list[tuple[list[str], list[list[str]]]]:
    """Words of hypothesis and references, sample by sample: those of ``nltk.word_tokenize(…, preserve_line=True)``."""
    from nltk.tokenize import NLTKWordTokenizer

    tokenizer = NLTKWordTokenizer()

    def words(captions: Sequence[str]) -> list[list[str]]:
        return [tokenizer.tokenize(caption.lower()) for caption in captions]

    return list(zip(words(corpus.hypotheses), map(words, corpus.references), strict=True))
