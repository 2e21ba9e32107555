"""The tokenizer of the COCO caption evaluation as it is: the jar of pycocoevalcap 1.2, one process for all captions."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

from pycocoevalcap.tokenizer import ptbtokenizer

_JAR = Path(ptbtokenizer.__file__).parent / ptbtokenizer.STANFORD_CORENLP_3_4_1_JAR
_COMMAND = ["java", "-cp", str(_JAR), "edu.stanford.nlp.process.PTBTokenizer"]
_OPTIONS = ["-preserveLines", "-lowerCase", "-encoding", "utf-8"]

# The jar looks across line ends, where it minds capitals, digits, dots, blanks and tags; and a quotation in a tag goes
# on over line ends. A line of small letters behind each caption is none of the former, and its quotation marks end the
# latter, whichever it is, so that no caption changes the tokens of another.
_NEUTRAL = 'zzz"\'"'
_NEUTRAL_TOKENS = "zzz '' ' ''"


def jar_tokens(captions: Sequence[str]) -> list[list[str]]:
    """What the jar prints for each caption, punctuation included; captions hold no line separators."""
    lines = "".join(f"{caption}\n{_NEUTRAL}\n" for caption in captions)
    done = subprocess.run(_COMMAND + _OPTIONS, input=lines.encode(), capture_output=True, timeout=600, check=True)
    printed = done.stdout.decode().split("\n")
    assert len(printed) == 2 * len(captions) + 1, "a caption with a line separator"
    assert set(printed[1::2]) <= {_NEUTRAL_TOKENS}, "a token that reaches over the line end"
    return [line.split(" ") if line else [] for line in printed[:-1:2]]


def coco_tokens(captions: Sequence[str]) -> list[list[str]]:
    """The same without punctuation, as the wrapper of pycocoevalcap drops it."""
    return [[t for t in tokens if t not in ptbtokenizer.PUNCTUATIONS] for tokens in jar_tokens(captions)]
