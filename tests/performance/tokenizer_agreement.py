"""How often the tokenizer differs from the jar of pycocoevalcap, on made-up lines of every kind.

    python tests/performance/tokenizer_agreement.py [--lines 5000] [--seed 1] [--show 10] [--text FILE …]

``--text`` compares the lines of text files, too. For each kind: lines, those whose tokens differ, and those that differ
still when punctuation is dropped, as scores see them. Exit code 1 when more than 0.02 % do. Needs Java.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmark.metrics.tokenizer import ptb_tokenize
from benchmark.metrics.tokenizer.scanner import Line

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "benchmark" / "metrics"))
from ptb_lines import KINDS, lines
from ptb_oracle import jar_tokens, without_punctuation

TOLERATED = 0.0002


def raw_tokens(caption: str) -> list[str]:
    """Punctuation included."""
    line, place, found = Line(caption), 0, list[str]()
    while place < len(line.text):
        token = line.token(place)
        found += token.printed
        place = token.end
    return found


def compare(name: str, captions: Sequence[str], show: int) -> int:
    raw = differ = 0
    for caption, theirs, ours in zip(captions, jar_tokens(captions), ptb_tokenize(captions), strict=True):
        raw += raw_tokens(caption) != theirs
        if ours != without_punctuation(theirs):
            differ += 1
            if differ <= show:
                print(f"  {caption!r}\n    jar  {without_punctuation(theirs)}\n    ours {ours}")
    print(f"{name:20} {len(captions):8} lines {raw:6} differ {differ:6} without punctuation", flush=True)
    return differ


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--lines", type=int, default=5000, help="of each kind")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=10, help="differences of each kind")
    parser.add_argument("--text", type=Path, nargs="*", default=[])
    arguments = parser.parse_args()
    samples = {kind: list(lines(kind, arguments.lines, arguments.seed)) for kind in KINDS}
    samples |= {path.name: re.split("[\n\r\v\f\u2028\u2029]+", path.read_text("utf-8")) for path in arguments.text}
    differ = sum(compare(name, captions, arguments.show) for name, captions in samples.items())
    total = sum(map(len, samples.values()))
    print(f"{differ} of {total} lines differ: {differ / total:.4%}")
    return int(differ / total > TOLERATED)


if __name__ == "__main__":
    sys.exit(main())
