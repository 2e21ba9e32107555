"""What the checks of captions find, how often they are wrong about people, and how long a megabyte takes.

    python tests/performance/validity.py FOLDER

FOLDER holds ``thesis_captions.jsonl`` (captions of models, damaged ones among them) and ``flickr8k_subset.json`` (five
human captions an image). Prints a table of the problems of each model's captions; the share of human captions and of
OpenMoji names that are flagged; and for hostile captions of 1 MB the seconds, with how many times those of half of it.
"""

from __future__ import annotations

import json
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from benchmark.cli.display import print_lines, print_table
from benchmark.datasets.registry import load_dataset
from benchmark.metrics import validity

HOSTILE = {
    "one letter": "a",
    "opened tags": "<",
    "words": "word ",
    "numbers": "1,2 ",
    "path": "M1 1,1,1,1,1,1 ",
    "sentences": "abc. ",
    "roles": "user\n",
    "instructions": "describe the ",
    "blank lines": " " * 999 + "\n",
    "capitals": "A_",
    "stars": "**",
    "quotes": '"',
    "rules": "\n---\n---",
    "Chinese": "图",
    "dotted": "a.",
}
MEGABYTE = 1_000_000


def found(captions: Sequence[str], references: Sequence[Sequence[str]]) -> list[tuple[str, ...]]:
    no = [False] * len(captions)
    return validity.problems(
        captions, references, failed=no, cut=no, prompt="describe the drawing in one plain sentence"
    )


def models(folder: Path) -> None:
    said: dict[str, list[tuple[str, list[str]]]] = defaultdict(list)
    for line in (folder / "thesis_captions.jsonl").read_text(encoding="utf-8").splitlines():
        sample = json.loads(line)
        for model, caption in sample["captions"].items():
            said[model].append((caption, [sample["reference"]] if sample["reference"] else []))
    rows = {model: found([c for c, _ in some], [r for _, r in some]) for model, some in said.items()}
    kinds = validity.counts(kinds for problems in rows.values() for kinds in problems)
    body = [
        [model, str(len(problems)), str(validity.invalid(problems)), *(str(counts.get(kind, "")) for kind in kinds)]
        for model, problems in rows.items()
        for counts in [validity.counts(problems)]
    ]
    body.append(["all", *(str(sum(int(row[i] or 0) for row in body)) for i in range(1, len(kinds) + 3))])
    print_table(["model", "captions", "invalid", *kinds], body)


def people(folder: Path) -> None:
    images = list(json.loads((folder / "flickr8k_subset.json").read_text(encoding="utf-8"))["captions"].values())
    sources = {
        f"flickr8k, caption {i}": ([x[i] for x in images], [x[:i] + x[i + 1 :] for x in images]) for i in range(5)
    }
    names = [(text, s.references) for s in load_dataset("openmoji").samples for text in s.references]
    sources["OpenMoji names"] = ([text for text, _ in names], [list(some) for _, some in names])
    for name, (captions, references) in sources.items():
        problems = found(captions, references)
        flagged = [f"{kinds}: {caption!r}" for caption, kinds in zip(captions, problems, strict=True) if kinds]
        print_lines([f"{name}: {len(flagged)} of {len(captions)} flagged", *flagged])


def hostile() -> None:
    for name, unit in HOSTILE.items():
        half, whole = (seconds(unit * (size // len(unit))) for size in (MEGABYTE // 2, MEGABYTE))
        print_lines([f"1 MB of {name}: {whole:.2f} s, {whole / half:.1f} times half of it"])


def seconds(caption: str) -> float:
    start = time.perf_counter()
    found([caption], [["a cat on the mat"]])
    return time.perf_counter() - start


if __name__ == "__main__":
    models(Path(sys.argv[1]))
    people(Path(sys.argv[1]))
    hostile()
