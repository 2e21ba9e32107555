"""What simplified drawings save, and how much they differ from the drawings they were made of.

    python tests/performance/svg_text.py --data ../shared/data [--gguf gemma.gguf] [--sets openmoji,thesis,suite]
        [--size 512] [--decimals 0] [--beside "scour=scour -q -i {in} -o {out}"] [--worst FOLDER]

The sets are the 400 test drawings of OpenMoji, the drawings of the field's own data, and what resvg draws of its test
suite. Each drawing is prepared and simplified, and both are drawn by resvg on white. "mean" is the mean absolute
difference of all channels, of 255; "changed" the share of pixels with a channel that differs by more than 16. Drawings
beyond the tolerance are counted, and listed with ``--list``. Without embedded pictures, whose data is left out on
purpose. Tokens are those of the tokenizer in a GGUF file, without a BOS. With ``--beside`` other programs are measured
on the same prepared drawings; their text is drawn the same way. ``--worst`` writes the worst pairs as PNG.
"""

from __future__ import annotations

import argparse
import json
import shlex
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image

from benchmark.cli.display import print_lines, print_table
from benchmark.datasets.registry import load_dataset
from captioners.svg_text import SvgTextOptions, simplify
from renderers import Limits, RenderError, prepare, render
from renderers.comparison.suite import read_suite

SIZES = (512, 224)
MOST_MEAN = 2.0
MOST_CHANGED = 0.05
LEVELS = 16


@dataclass
class Measured:
    """Sums and lists over the drawings of one set, by one method."""

    before: int = 0
    after: int = 0
    tokens_before: int = 0
    tokens_after: int = 0
    seconds: float = 0.0
    lost: list[str] = field(default_factory=list)
    steps: Counter[str] = field(default_factory=Counter)
    differences: list[tuple[float, float, float, str]] = field(default_factory=list)
    unstable: list[str] = field(default_factory=list)


def drawings(name: str, data: Path) -> tuple[Path | None, Iterator[tuple[str, str]]]:
    """The fonts and the prepared drawings of a set."""
    if name == "suite":
        suite = read_suite(data / "resvg-suite")
        given = ((case.id, suite.document(case)) for case in suite.cases if not case.incomplete)
        return suite.fonts, prepared(given)
    if name == "thesis":
        lines = (data / "thesis_svgs.jsonl").read_text(encoding="utf-8").splitlines()
        return None, prepared((str(sample["id"]), str(sample["svg"])) for sample in map(json.loads, lines))
    samples = load_dataset(name).samples
    return None, prepared((sample.id, sample.svg) for sample in samples if sample.split == "test")


def prepared(given: Iterator[tuple[str, str | bytes]] | Iterator[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    for identity, svg in given:
        try:
            yield identity, prepare(svg, limits=Limits()).svg
        except RenderError:
            continue


def drawn(svg: str, size: int, fonts: Path | None) -> Image.Image:
    return render(svg, size, size, backend="resvg", font_dir=fonts).image.convert("RGB")


def difference(before: Image.Image, after: Image.Image) -> tuple[float, float]:
    levels = np.abs(np.asarray(before, np.int16) - np.asarray(after, np.int16))
    return float(levels.mean()), float((levels.max(axis=2) > LEVELS).mean())


def measure(
    name: str, data: Path, rewrite: Callable[[str, Measured], str], count: Callable[[str], int], worst: Path | None
) -> Measured:
    fonts, given = drawings(name, data)
    found = Measured()
    for identity, svg in given:
        if "data:" in svg:
            continue
        try:
            before = {size: drawn(svg, size, fonts) for size in SIZES}
        except RenderError:
            continue
        text = rewrite(svg, found)
        found.before += len(svg)
        found.after += len(text)
        found.tokens_before += count(svg)
        found.tokens_after += count(text)
        try:
            after = {size: drawn(text, size, fonts) for size in SIZES}
        except RenderError:
            found.lost.append(identity)
            continue
        mean, changed = difference(before[SIZES[0]], after[SIZES[0]])
        found.differences.append((mean, changed, difference(before[SIZES[1]], after[SIZES[1]])[0], identity))
        if worst and (mean > MOST_MEAN or changed > MOST_CHANGED):
            pair = Image.new("RGB", (2 * SIZES[0] + 8, SIZES[0]), "red")
            pair.paste(before[SIZES[0]], (0, 0))
            pair.paste(after[SIZES[0]], (SIZES[0] + 8, 0))
            worst.mkdir(parents=True, exist_ok=True)
            stem = f"{mean:07.3f}-{identity.replace('/', '_')}"
            pair.save(worst / f"{stem}.png")
            (worst / f"{stem}.before.svg").write_text(svg, encoding="utf-8")
            (worst / f"{stem}.after.svg").write_text(text, encoding="utf-8")
    return found


def own(options: SvgTextOptions) -> Callable[[str, Measured], str]:
    def rewrite(svg: str, found: Measured) -> str:
        start = time.process_time()
        result = simplify(svg, options)
        found.seconds += time.process_time() - start
        found.steps[result.step] += 1
        if simplify(result.text, options).text != result.text:
            found.unstable.append(result.text[:60])
        return result.text

    return rewrite


def program(command: str) -> Callable[[str, Measured], str]:
    def rewrite(svg: str, found: Measured) -> str:
        with tempfile.TemporaryDirectory() as folder:
            source, target = Path(folder, "in.svg"), Path(folder, "out.svg")
            source.write_text(svg, encoding="utf-8")
            words = [word.replace("{in}", str(source)).replace("{out}", str(target)) for word in shlex.split(command)]
            start = time.perf_counter()
            done = subprocess.run(words, capture_output=True, check=False)
            found.seconds += time.perf_counter() - start
            failed = done.returncode or not target.exists()
            found.steps["failed" if failed else "done"] += 1
            return svg if failed else target.read_text(encoding="utf-8")

    return rewrite


def tokenizer(gguf: Path | None) -> Callable[[str], int]:
    if gguf is None:
        return lambda text: 0
    from transformers import AutoTokenizer

    loaded = AutoTokenizer.from_pretrained(str(gguf.parent), gguf_file=gguf.name)
    return lambda text: len(loaded(text, add_special_tokens=False)["input_ids"])


def saved(before: int, after: int) -> str:
    return f"{before:,} → {after:,} ({after / before:.1%})" if before else ""


def row(name: str, method: str, found: Measured) -> list[str]:
    means = np.array([mean for mean, *_ in found.differences] or [0.0])
    changed = np.array([share for _, share, *_ in found.differences] or [0.0])
    small = np.array([small for *_, small, _ in found.differences] or [0.0])
    n = len(found.differences) + len(found.lost)
    beyond = int(((means > MOST_MEAN) | (changed > MOST_CHANGED)).sum())
    return [
        name,
        method,
        str(n),
        saved(found.before, found.after),
        saved(found.tokens_before, found.tokens_after),
        " / ".join(f"{value:.3f}" for value in (means.mean(), np.percentile(means, 95), means.max())),
        " / ".join(f"{value:.2%}" for value in (changed.mean(), np.percentile(changed, 95), changed.max())),
        " / ".join(f"{value:.3f}" for value in (small.mean(), np.percentile(small, 95), small.max())),
        str(beyond + len(found.lost)),
        f"{1000 * found.seconds / max(1, n):.1f}",
        ", ".join(f"{count} {step}" for step, count in found.steps.most_common()),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--gguf", type=Path)
    parser.add_argument("--sets", default="openmoji,thesis,suite")
    parser.add_argument("--size", type=int, default=SvgTextOptions().size)
    parser.add_argument("--decimals", type=int, nargs="*", default=[SvgTextOptions().decimals])
    parser.add_argument("--beside", action="append", default=[], metavar="NAME=COMMAND")
    parser.add_argument("--worst", type=Path)
    parser.add_argument("--list", action="store_true")
    arguments = parser.parse_args()
    count = tokenizer(arguments.gguf)
    methods = {f"decimals={decimals}": own(SvgTextOptions(arguments.size, decimals)) for decimals in arguments.decimals}
    methods |= {name: program(command) for name, _, command in (text.partition("=") for text in arguments.beside)}
    rows, notes = [], []
    for name in arguments.sets.split(","):
        for method, rewrite in methods.items():
            worst = arguments.worst / f"{name}-{method}" if arguments.worst else None
            found = measure(name, arguments.data, rewrite, count, worst)
            rows.append(row(name, method, found))
            notes += [f"{name} {method}: not drawable after: {identity}" for identity in found.lost]
            notes += [f"{name} {method}: not stable: {text}" for text in found.unstable]
            if arguments.list:
                notes += [
                    f"{name} {method}: {identity}: mean {mean:.3f}, changed {changed:.2%}"
                    for mean, changed, _, identity in sorted(found.differences, reverse=True)
                    if mean > MOST_MEAN or changed > MOST_CHANGED
                ]
    headings = ["set", "method", "drawings", "characters", "tokens", "mean/p95/max at 512", "changed mean/p95/max"]
    print_table([*headings, "mean/p95/max at 224", "beyond", "ms", "steps"], rows)
    print_lines(notes)


if __name__ == "__main__":
    main()
