"""The tokenizer of the COCO caption evaluation as it is: the jar of pycocoevalcap 1.2, one process for all captions.

    python tests/benchmark/metrics/ptb_oracle.py

writes the tokens of the captions in ``ptb_golden.json`` anew.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

from pycocoevalcap.tokenizer import ptbtokenizer

_JAR = Path(ptbtokenizer.__file__).parent / ptbtokenizer.STANFORD_CORENLP_3_4_1_JAR
GOLDEN = Path(__file__).with_name("ptb_golden.json")

COMMAND = ["java", "-cp", str(_JAR), "edu.stanford.nlp.process.PTBTokenizer"]
COMMAND += ["-preserveLines", "-lowerCase", "-encoding", "utf-8"]

# The jar looks across line ends, where it minds capitals, digits, dots, blanks and tags; and a quotation in a tag goes
# on over line ends. A line of small letters behind each caption is none of the former, and its quotation marks end the
# latter, whichever it is, so that no caption changes the tokens of another.
_NEUTRAL = 'zzz"\'"'
_NEUTRAL_TOKENS = "zzz '' ' ''"


def jar_tokens(captions: Sequence[str]) -> list[list[str]]:
    """What the jar prints for each caption, punctuation included; captions hold no line separators."""
    lines = "".join(f"{caption}\n{_NEUTRAL}\n" for caption in captions)
    done = subprocess.run(COMMAND, input=lines.encode(), capture_output=True, timeout=600, check=True)
    printed = done.stdout.decode().split("\n")
    assert len(printed) == 2 * len(captions) + 1, "a caption with a line separator"
    assert set(printed[1::2]) <= {_NEUTRAL_TOKENS}, "a token that reaches over the line end"
    return [line.split(" ") if line else [] for line in printed[:-1:2]]


def without_punctuation(tokens: Sequence[str]) -> list[str]:
    """As the wrapper of pycocoevalcap drops it."""
    return [token for token in tokens if token not in ptbtokenizer.PUNCTUATIONS]


def coco_tokens(captions: Sequence[str]) -> list[list[str]]:
    return [without_punctuation(tokens) for tokens in jar_tokens(captions)]


def main() -> None:
    """Write the golden values anew: the captions stay, their tokens are the jar's."""
    captions = list(json.loads(GOLDEN.read_text("utf-8")))
    lines = (
        f"{json.dumps(caption)}: {json.dumps(tokens)}"
        for caption, tokens in zip(captions, coco_tokens(captions), strict=True)
    )
    GOLDEN.write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")


if __name__ == "__main__":
    main()
