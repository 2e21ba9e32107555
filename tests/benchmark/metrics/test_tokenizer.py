"""Captions become the tokens of pycocoevalcap 1.2; oracle: its jar, or what the jar made of ``ptb_golden.json``."""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
from pathlib import Path

import pytest

from benchmark.datasets.registry import load_dataset
from benchmark.metrics import tokenizer
from benchmark.metrics.tokenizer import automaton, ptb_tokenize, tokenize
from tests.benchmark.metrics.ptb_lines import HOSTILE, KINDS, lines
from tests.benchmark.metrics.ptb_oracle import GOLDEN, coco_tokens

GOLDEN_TOKENS: dict[str, list[str]] = json.loads(GOLDEN.read_text("utf-8"))


@pytest.fixture(autouse=True)
def nothing_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokenizer, "_KNOWN", {})


def test_every_rule_gives_the_tokens_of_the_original() -> None:
    assert dict(zip(GOLDEN_TOKENS, ptb_tokenize(list(GOLDEN_TOKENS)), strict=True)) == GOLDEN_TOKENS


@pytest.mark.java
def test_the_golden_values_are_what_the_original_says() -> None:
    assert dict(zip(GOLDEN_TOKENS, coco_tokens(list(GOLDEN_TOKENS)), strict=True)) == GOLDEN_TOKENS


def test_flickr8k_tokens_equal_the_official_ones(shared: Path) -> None:
    data = json.loads((shared / "flickr8k_subset.json").read_text("utf-8"))
    official = data["tokenized"]
    assert len(data["captions"]) == 1012
    for id, captions in data["captions"].items():
        assert tokenize(captions) == official["hypotheses"][id] + official["references"][id]


@pytest.mark.java
def test_long_captions_with_markup_and_echoes_equal_the_original(shared: Path) -> None:
    rows = map(json.loads, (shared / "thesis_captions.jsonl").read_text("utf-8").splitlines())
    captions = [caption for row in rows for caption in row["captions"].values()]
    assert sum("**" in caption for caption in captions) > 20
    assert any("\n" in caption for caption in captions)
    one_line_each = [re.sub("[\n\r\v\f\u2028\u2029]+", " ", caption) for caption in captions]
    assert ptb_tokenize(captions) == coco_tokens(one_line_each)


@pytest.mark.java
def test_names_of_emoji_equal_the_original() -> None:
    captions = [reference for sample in load_dataset("openmoji").samples for reference in sample.references]
    assert len(captions) > 1000
    assert ptb_tokenize(captions) == coco_tokens(captions)


@pytest.mark.java
@pytest.mark.parametrize("kind", KINDS)
def test_made_up_lines_equal_the_original(kind: str) -> None:
    captions = list(lines(kind, 600, seed=20))
    assert ptb_tokenize(captions) == coco_tokens(captions)


@pytest.mark.parametrize(
    ("captions", "expected"),
    [
        ([], []),
        ([""], [[]]),
        (["", "A dog.", " "], [[], ["a", "dog"], []]),
        (["One\r\ntwo\u2028three\x0bfour", "five"], [["one", "two", "three", "four"], ["five"]]),
        (["lone \udc80 surrogate"], [["lone", "surrogate"]]),
        (["dog\n b", "dog b\n"], [["dog", "b"], ["dog", "b"]]),
    ],
)
def test_captions_never_shift(captions: list[str], expected: list[list[str]]) -> None:
    assert ptb_tokenize(captions) == expected
    assert tokenize(captions) == [" ".join(tokens) for tokens in expected]


def test_the_next_caption_changes_nothing() -> None:
    # The original says "j" here, as "The" starts a sentence.
    assert ptb_tokenize(["a sign with the letter j.", "The dog"]) == [
        ["a", "sign", "with", "the", "letter", "j."],
        ["the", "dog"],
    ]


def test_words_that_were_seen_before_change_nothing() -> None:
    captions = [caption for kind in KINDS for caption in lines(kind, 300, seed=21)]
    alone = []
    for caption in captions:
        tokenizer._KNOWN.clear()
        alone += ptb_tokenize([caption])
    words = random.Random(0).sample([word for caption in captions for word in caption.split(" ")], k=3000)
    ptb_tokenize([*words, *(f"{word} x" for word in words)])
    assert ptb_tokenize(captions) == alone


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokenizer, "_MOST_KNOWN", 10)
    captions = [*GOLDEN_TOKENS, "x" * 1000]
    assert ptb_tokenize(captions) == [*GOLDEN_TOKENS.values(), ["x" * 1000]]
    assert 0 < len(tokenizer._KNOWN) <= 10
    assert max(map(len, tokenizer._KNOWN)) <= 41


class Counted(list):
    """How often an element is read."""

    reads = 0

    def __getitem__(self, place):
        self.reads += 1
        return super().__getitem__(place)


@pytest.mark.parametrize("unit", HOSTILE, ids=ascii)
def test_hostile_lines_take_linear_time(unit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = []
    read = automaton.Automaton.read

    def counted(self, text):
        found = read(self, text)
        found._classes = Counted(found._classes)
        texts.append(found)
        return found

    monkeypatch.setattr(automaton.Automaton, "read", counted)

    def reads(length: int) -> int:
        texts.clear()
        ptb_tokenize([unit * (length // len(unit))])
        return sum(text._classes.reads for text in texts)

    assert reads(8000) < 2.2 * reads(4000) + 100


@pytest.mark.parametrize("unit", ["x", "x!", ".", "<a ", "😀", " ", "a'", "\xad"], ids=ascii)
def test_a_hundred_thousand_characters_are_read_to_the_end(unit: str) -> None:
    tokens = ptb_tokenize([unit * (100_000 // len(unit)) + " end"])[0]
    assert tokens[-1] == "end"


def test_neither_java_nor_nltk_is_needed() -> None:
    program = (
        "import os, sys; os.environ['PATH'] = ''; from benchmark.metrics.tokenizer import tokenize;"
        "print(tokenize(['It is a DOG, is it not?'])[0], {'nltk', 'pycocoevalcap'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "it is a dog is it not set()\n"
