"""Blank, failed and silently wrong drawings of the field's real data, before repair and after, per backend.

    python tests/performance/dialects.py --data ../shared/data [--judge chromium]

"Silently wrong" is a drawing whose mean difference from the meant one is more than 1 of 255 on white; what is meant
is the repaired drawing as the judge draws it: resvg, or an engine that shares no code with the one in question. A
blank that is meant (the drawing is blank in that reference too) is counted in the column "blank", and listed at the
end with its explanation.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from renderers import RENDERERS, RenderError, render
from renderers.base import TruncatedSvg
from renderers.repair import repair

SIZE = 224
Pixels = NDArray[np.int16]


@dataclass
class Tally:
    """What became of the drawings of one set with one backend."""

    drawn: int = 0
    blank: int = 0
    failed: int = 0
    wrong: int = 0
    explanations: list[str] = field(default_factory=list)

    def row(self) -> list[str]:
        return [str(count) for count in (self.drawn, self.blank, self.failed, self.wrong)]


def drawings(data: Path) -> tuple[dict[str, str], list[str]]:
    """Id and text of all drawings, and the texts that are marked as cut."""
    whole: dict[str, str] = {}
    cut = []
    for name in ("thesis_svgs.jsonl", "thesis_captions.jsonl"):
        for number, line in enumerate((data / name).read_text(encoding="utf-8").splitlines(), 1):
            entry = json.loads(line)
            if text := entry.get("svg"):
                whole[f"{name}:{number} {entry['id']}"] = text
            elif text := entry.get("xml"):
                if entry.get("xml_truncated"):
                    cut.append(text)
                else:
                    whole[f"{name}:{number} {entry['id']}"] = text
    return whole, cut


def meant(whole: dict[str, str], judge: str) -> dict[str, Pixels]:
    """The repaired drawings by the judge."""
    return {name: pixels(text, judge, repaired=True)[0] for name, text in whole.items()}


def pixels(text: str, backend: str, *, repaired: bool) -> tuple[Pixels, str]:
    """The drawing on white, and why it is blank, "" when it is not."""
    rendering = render(text, SIZE, backend=backend, repair=repaired)
    return np.asarray(rendering.image, dtype=np.int16), rendering.blank


def measure(whole: dict[str, str], references: dict[str, Pixels], backend: str, *, repaired: bool) -> Tally:
    tally = Tally()
    for name, text in whole.items():
        try:
            image, blank = pixels(text, backend, repaired=repaired)
        except RenderError as error:
            tally.failed += 1
            tally.explanations.append(f"{name}: failed: {error}")
            continue
        tally.drawn += 1
        if blank:
            tally.blank += 1
            tally.explanations.append(f"{name}: blank: {blank}")
        if np.abs(image - references[name]).mean() > 1 and not blank:
            tally.wrong += 1
            tally.explanations.append(f"{name}: differs by {np.abs(image - references[name]).mean():.1f}")
    return tally


def table(rows: list[list[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if not at else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder of thesis_svgs.jsonl")
    parser.add_argument("--backend", action="append", help="only this one; may be given several times")
    parser.add_argument("--judge", default="resvg", help="backend whose repaired drawings are the meant ones")
    options = parser.parse_args()
    whole, cut = drawings(options.data)
    names = options.backend or [*(name for name in RENDERERS.names() if RENDERERS[name]().availability()), "auto"]

    rules: Counter[str] = Counter()
    flags: Counter[str] = Counter()
    for text in whole.values():
        mended = repair(text)
        rules.update(mended.repairs or ("(none needed)",))
        flags.update(mended.flags)
    print(
        f"{len(whole)} drawings at {SIZE} px; "
        f"{refused(cut)} of {len(cut)} texts marked as cut are refused as truncated\n"
    )
    print(table([["repair", "drawings"], *([name, str(count)] for name, count in rules.most_common())]))
    print("\n" + table([["flag", "drawings"], *([name, str(count)] for name, count in flags.most_common())]))

    references = meant(whole, options.judge)
    heads = ["drawn", "blank", "failed", "wrong"]
    rows = [["backend", *(f"{head} as is" for head in heads), *(f"{head} repaired" for head in heads)]]
    last = Tally()
    for name in names:
        before = measure(whole, references, name, repaired=False)
        last = measure(whole, references, name, repaired=True)
        rows.append([name, *before.row(), *last.row()])
        print(f"{name}: done", file=sys.stderr)
    print("\n" + table(rows))
    print(f"\nNot drawn as meant after repair, by {names[-1]}:")
    print("\n".join(last.explanations) or "nothing")
    return 0


def refused(cut: list[str]) -> int:
    """How many texts are refused because their end is missing."""
    count = 0
    for text in cut:
        try:
            repair(text)
        except TruncatedSvg:
            count += 1
    return count


if __name__ == "__main__":
    raise SystemExit(main())
