"""A plot of speed against conformance, from what the conformance command measured.

    python -m benchmark render --conformance SUITE --backend all,auto --json > conformance.json
    python tests/performance/speed_conformance.py conformance.json --out speed_conformance

writes ``speed_conformance.svg`` and, drawn by this project's own renderer, ``speed_conformance.png``: one point per
backend, mean milliseconds per drawing (logarithmic) against the share of cases that meet the main criterion.
"""

from __future__ import annotations

import argparse
import json
import math
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from renderers import render

WIDTH, HEIGHT = 900, 560
LEFT, RIGHT, TOP, BOTTOM = 80, 30, 50, 70
LABEL = 18  # pixels between the baselines of two labels at least


def plot(records: list[dict[str, Any]], judge: str) -> str:
    """The plot as SVG; a record per backend, as ``render --conformance --json`` prints them."""
    times = [record["milliseconds"] for record in records]
    low, high = math.floor(math.log10(min(times))), math.ceil(math.log10(max(times)))
    high = max(high, low + 1)

    def x(milliseconds: float) -> float:
        return LEFT + (math.log10(milliseconds) - low) / (high - low) * (WIDTH - LEFT - RIGHT)

    def y(share: float) -> float:
        return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)

    lines = []
    for power in range(low, high + 1):
        for factor in range(1, 10 if power < high else 2):
            at = x(factor * 10**power)
            shade = "#bbbbbb" if factor == 1 else "#eeeeee"
            lines.append(f'<path d="M{at:.1f} {TOP}V{HEIGHT - BOTTOM}" stroke="{shade}"/>')
        lines.append(_text(x(10**power), HEIGHT - BOTTOM + 20, f"{10.0**power:g}", "middle"))
    for tenth in range(0, 11, 2):
        lines.append(f'<path d="M{LEFT} {y(tenth / 10):.1f}H{WIDTH - RIGHT}" stroke="#dddddd"/>')
        lines.append(_text(LEFT - 10, y(tenth / 10) + 5, f"{10 * tenth} %", "end"))
    lines.append(_text((LEFT + WIDTH) / 2, HEIGHT - 20, "milliseconds per drawing (mean, log scale)", "middle"))
    lines.append(_text(LEFT, 28, f"cases within 1/255 of the {judge}, premultiplied: {records[0]['cases']} cases"))
    taken: list[tuple[float, float]] = []
    for record in sorted(records, key=lambda record: -record["main"]):
        left, top = x(record["milliseconds"]), y(record["main"] / record["cases"])
        label = f"{record['backend']} ({record['main']})"
        at = top + 5
        while any(abs(at - other) < LABEL and abs(left - beside) < 8 * len(label) + 20 for beside, other in taken):
            at += LABEL
        taken.append((left, at))
        lines.append(f'<circle cx="{left:.1f}" cy="{top:.1f}" r="6" fill="#1f6fb4"/>')
        end = left + 8 * len(label) + 12 > WIDTH - RIGHT
        lines.append(_text(left - 12 if end else left + 12, at, label, "end" if end else "start"))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'font-family="sans-serif" font-size="15"><rect width="100%" height="100%" fill="white"/>'
        f"{''.join(lines)}</svg>\n"
    )


def _text(x: float, y: float, text: str, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("document", type=Path, help="what render --conformance --json printed")
    parser.add_argument("--out", type=Path, default=Path("speed_conformance"), help="path without suffix")
    arguments = parser.parse_args()
    document = json.loads(arguments.document.read_text(encoding="utf-8"))
    records = [record for record in document["backends"] if record["milliseconds"] and record["cases"]]
    if not records:
        parser.error(f"{arguments.document} holds no backend that drew anything")
    svg = plot(records, document["judge"])
    arguments.out.with_suffix(".svg").write_text(svg, encoding="utf-8")
    render(svg, WIDTH, HEIGHT).image.save(arguments.out.with_suffix(".png"))
    print(f"written: {arguments.out.with_suffix('.svg')}, {arguments.out.with_suffix('.png')}")


if __name__ == "__main__":
    main()
