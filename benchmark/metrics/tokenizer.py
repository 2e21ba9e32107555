"""Captions to tokens: the PTB tokenizer of the COCO caption evaluation, or NLTK's where there is no Java."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from benchmark.metrics import java
from benchmark.metrics.base import MetricError

# Every one of these ends a line for the jar, and each line is a caption for its wrapper: one stray carriage return
# would shift all later captions onto the wrong samples.
_LINE_SEPARATORS = re.compile("[\n\r\v\f\u2028\u2029]+")

_TIMEOUT = 600.0  # seconds; the jar reads 200,000 tokens per second


def tokenizer_name() -> str:
    """``"ptb"``, or ``"nltk"`` where there is no Java; stands in the signature of every number."""
    return "ptb" if java.availability() else "nltk"


def tokenize(captions: Sequence[str]) -> list[str]:
    """Lower-cased tokens without punctuation, joined by single blanks; one string per caption.

    Both tokenizers follow the Penn Treebank conventions, yet not to the letter: numbers from different tokenizers
    are not comparable, and their signatures differ. Raises MetricError when Java is there and does not work.
    """
    lines = [_LINE_SEPARATORS.sub(" ", caption).encode("utf-8", "replace").decode() for caption in captions]
    if not lines:
        return []
    return _ptb(lines) if java.availability() else _nltk(lines)


def _ptb(lines: list[str]) -> list[str]:
    """What ``PTBTokenizer`` of pycocoevalcap does, without its temporary file in the package's own folder."""
    from pycocoevalcap.tokenizer import ptbtokenizer

    jar = Path(ptbtokenizer.__file__).parent / ptbtokenizer.STANFORD_CORENLP_3_4_1_JAR
    command = ["java", "-cp", str(jar), "edu.stanford.nlp.process.PTBTokenizer"]
    options = ["-preserveLines", "-lowerCase", "-encoding", "utf-8"]
    try:
        done = subprocess.run(
            command + options, input="\n".join(lines).encode(), capture_output=True, timeout=_TIMEOUT, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise _java_fails(error) from error
    # The jar puts a line end behind the last line only when that line has tokens.
    tokenized = done.stdout.decode("utf-8", "replace").removesuffix("\n").split("\n")
    if done.returncode != 0 or len(tokenized) > len(lines):
        raise _java_fails(done.stderr.decode("utf-8", "replace").strip()[-500:])
    tokenized += [""] * (len(lines) - len(tokenized))
    return [_join(line.rstrip().split(" "), ptbtokenizer.PUNCTUATIONS) for line in tokenized]


def _java_fails(why: object) -> MetricError:
    return MetricError(
        f"the PTB tokenizer does not work: {why}. Repair the Java installation, or take it off the PATH to use "
        "another tokenizer."
    )


def _nltk(lines: list[str]) -> list[str]:
    from nltk.tokenize import NLTKWordTokenizer
    from pycocoevalcap.tokenizer.ptbtokenizer import PUNCTUATIONS

    tokenizer = NLTKWordTokenizer()
    # As the wrapper of the PTB tokenizer does it: lower-cased first, so that "-lrb-" stays.
    tokenized = ([t.lower() for t in tokenizer.tokenize(line, convert_parentheses=True)] for line in lines)
    return [_join(tokens, PUNCTUATIONS) for tokens in tokenized]


def _join(tokens: Iterable[str], dropped: Collection[str]) -> str:
    return " ".join(token for token in tokens if token not in dropped)
