"""METEOR against the jar, on captions that are hard to align and on real ones: every count, every bit of every score.

    python tests/benchmark/meteor/fuzz.py [--count 6000] [--seed 0] [--texts FILE …]
    python tests/benchmark/meteor/fuzz.py --golden tests/benchmark/meteor/golden.json

``--texts`` names files of captions to pair with one another, one caption to a line (or JSONL: every text in it).
With ``--golden`` a few samples of each made-up class and the examples below are written to a file, with what the jar
says of them. Needs Java. Exit code 1 when anything differs; the first differences of each class are shown.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from jar import official, running
from made_up import MadeUp, Pair

from benchmark.datasets.registry import DATASETS
from benchmark.metrics.base import METRICS, Corpus
from benchmark.metrics.meteor import source
from benchmark.metrics.meteor.alignment import CHUNKS
from benchmark.metrics.meteor.paraphrase_store import open_index
from benchmark.metrics.tokenizer import tokenize
from benchmark.progress import Unwatched

EXAMPLES: list[Pair] = [
    ("", ["a dog"]),
    ("a dog", [""]),
    ("", ["", ""]),
    ("|||", ["a dog"]),
    ("a dog", ["", "a dog runs"]),
    ("a dog runs", ["a dog runs"]),
    ("a dog runs on the beach", ["the dogs ran on a beach"]),
    ("the boy is running", ["a boy runs", "the boy runs fast"]),
    ("a man rides a bicycle", ["a man rides a bike"]),
    ("two men are taking part in a race", ["two men are participating in a race"]),
    ("running dogs", ["runs dog"]),
    ("q4", ["or"]),
    ("realization", ["realize"]),
    ("good", ["well"]),
    ("a b a b a", ["b a b a b"]),
    ("one | two || three", ["one|||two", "three ||| one | two"]),
    ("in front of a building", ["before a building"]),
    ("a person is standing next to a car", ["someone stands beside a car"]),
    ("\u201cLook\u201d, he said\u2026 3,000 caf\u00e9s, e.g. Joe's (no. 5).", ["look he said 3,000 cafes e.g. joe 's"]),
    ("a " * 60 + "dog", ["the dog and " + "a " * 50]),
    ("the cat sat on the mat " * 9, ["the mat sat on the cat " * 8]),
]


def texts_of(document: Any) -> Iterator[str]:
    """All strings in a JSON document."""
    if isinstance(document, str):
        yield document
    elif isinstance(document, dict | list):
        for value in document.values() if isinstance(document, dict) else document:
            yield from texts_of(value)


def read_texts(path: Path) -> list[str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    texts = [text for line in lines for text in (texts_of(json.loads(line)) if path.suffix == ".jsonl" else [line])]
    return [text for text in texts if len(text) < 20_000]


def paired(texts: Sequence[str], count: int, draw: random.Random) -> list[Pair]:
    """Samples of neighbouring texts, which have much in common; some are empty, doubled or shuffled."""
    samples = []
    for _ in range(count):
        at = draw.randrange(len(texts))
        near = [texts[(at + draw.randint(-3, 3)) % len(texts)] for _ in range(draw.randint(1, 4))]
        hypothesis = draw.choice([texts[at]] * 12 + ["", texts[at] * 2, " ".join(sorted(texts[at].split()))])
        samples.append((hypothesis, [draw.choice([text] * 20 + [""]) for text in near]))
    return samples


def differences(samples: Sequence[Pair], jar: Any) -> list[str]:
    """What differs from the jar, as lines to read. Line breaks are blanks for both."""
    clean = [
        (h.replace("\n", " ").replace("\r", " "), [r.replace("\n", " ").replace("\r", " ") for r in rs])
        for h, rs in samples
    ]
    theirs = official(jar, *zip(*clean, strict=True))
    metric = METRICS["meteor"]
    rows = metric.statistics(Corpus(*zip(*samples, strict=True), "none"))  # type: ignore[arg-type]
    scores = metric.score(rows)[:, 0].tolist()
    found = []
    for sample, row, score, counts, expected in zip(samples, rows, scores, theirs.rows, theirs.scores, strict=True):
        own = row.tolist()
        if own[CHUNKS] == 0 and counts[CHUNKS] == 1:  # a perfect row, which has no chunk in sums
            own[CHUNKS] = 1.0
        if own != counts or score != expected:
            found.append(f"{sample!r}\n  ours   {own} {score!r}\n  theirs {counts} {expected!r}")
    corpus = metric.score(rows.sum(axis=0))[0]
    if corpus != theirs.corpus:
        found.append(f"corpus: ours {corpus!r}, theirs {theirs.corpus!r}")
    return found


def write_golden(path: Path, samples: Sequence[Pair], jar: Any) -> None:
    """Samples with the jar's counts and scores, one to a line, and its score of all of them."""
    said = official(jar, *zip(*samples, strict=True))
    lines = [
        json.dumps({"hypothesis": h, "references": rs, "counts": counts, "score": score})
        for (h, rs), counts, score in zip(samples, said.rows, said.scores, strict=True)
    ]
    path.write_text(f'{{"corpus": {said.corpus!r}, "samples": [\n' + ",\n".join(lines) + "\n]}\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--count", type=int, default=6000, help="samples of each made-up class, in all")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--golden", type=Path)
    parser.add_argument("--texts", type=Path, nargs="*", default=[])
    arguments = parser.parse_args()
    table = source.paraphrases()
    assert table is not None
    made_up = MadeUp(open_index(table, Unwatched()), arguments.seed)
    if arguments.golden:
        samples = [*EXAMPLES, *(made_up.sample() for _ in range(50)), *(made_up.sample(odd=True) for _ in range(80))]
        with running() as jar:
            write_golden(arguments.golden, samples + [made_up.repeated() for _ in range(40)], jar)
        return
    draw = random.Random(arguments.seed)
    third = arguments.count // 3
    classes = {
        "synonyms, paraphrases, inflections": [made_up.sample() for _ in range(third)],
        "the same with odd tokens": [made_up.sample(odd=True) for _ in range(third)],
        "few words many times": [made_up.repeated() for _ in range(third)],
    }
    names = [r for sample in DATASETS["openmoji"]().samples for r in sample.references]
    classes["openmoji names"] = paired(names, third, draw)
    for path in arguments.texts:
        texts = read_texts(path)
        classes[f"{path.name}, raw"] = paired(texts, third // 4, draw)
        classes[f"{path.name}, tokenized"] = paired(tokenize(texts), third // 4, draw)
    wrong = 0
    with running() as jar:
        for name, samples in classes.items():
            found = differences(samples, jar)
            wrong += len(found)
            pairs = sum(len(references) for _, references in samples)
            print(f"{name}: {len(samples)} samples, {pairs} pairs, {len(found)} differences", flush=True)
            for line in found[:3]:
                print(line)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
