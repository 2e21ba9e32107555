"""``render`` with several backends: how far they agree, as tables, CSV and a contact sheet."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from benchmark.cli.display import ProgressBars, print_lines, print_table
from benchmark.cli.rendering import Asked, print_json, print_problems, print_totals, what
from benchmark.cli.renderings import problems, totals_record, write_csv, write_picture, write_table
from benchmark.files import make_folder
from renderers.comparison.agreement import MEAN, PATCH, measure
from renderers.comparison.contact_sheet import contact_sheet

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from benchmark.cli.drawings import Drawing
    from renderers import RenderOptions
    from renderers.comparison.agreement import Agreement, PairTotals


def compare(asked: Asked, drawings: Sequence[Drawing], options: RenderOptions) -> list[Drawing]:
    """Draw with all backends and compare them; everything is written to the folder.

    Returns what none of them could draw.
    """
    make_folder(asked.out)
    steps = len(drawings) * len(asked.backends)
    with ProgressBars().task(f"drawing with {', '.join(asked.backends)}", steps) as drawn:
        documents = ((drawing.id, drawing.document()) for drawing in drawings)
        measured = measure(documents, asked.backends, options, asked.bounds, drawn=drawn)
    written = _write(measured, asked.out)
    alone = [one.alone() for one in measured.drawings]
    records = [
        {**totals_record(name, measured.outcomes(name)), "alone": alone.count(name)} for name in measured.backends
    ]
    wrong = problems([outcome for name in measured.backends for outcome in measured.outcomes(name)])
    if asked.as_json:
        pairs = [_record(pair) for pair in measured.pairs()]
        print_json({"backends": records, "pairs": pairs, "problems": wrong, "written": written})
    else:
        print_totals(records, what(drawings, options))
        print_lines(["alone: the drawings on which it agrees with no other backend, though all others agree"])
        _print_matrices(measured)
        print_problems(wrong, asked.out / "renderings.csv")
        print_lines(["", f"written: {', '.join(written)}"])
    return [
        drawing
        for drawing, one in zip(drawings, measured.drawings, strict=True)
        if all(outcome.error for outcome in one.outcomes.values())
    ]


def _write(measured: Agreement, folder: Path) -> list[str]:
    outcomes = [one.outcomes[name] for one in measured.drawings for name in measured.backends]
    write_csv(folder / "renderings.csv", outcomes)
    write_table(
        folder / "agreement.csv",
        ("id", "first", "second", "mean_absolute_difference", "largest_patch_difference", "ssim", "agree"),
        (
            (one.id, *pair, f"{d.mean:.4f}", f"{d.patch:.2f}", f"{d.similarity:.6f}", "yes" if d.agree else "no")
            for one in measured.drawings
            for pair, d in one.differences.items()
        ),
    )
    sheet = folder / "contact_sheet.png"
    if measured.worst:
        write_picture(sheet, contact_sheet(measured.worst, measured.backends))
    else:
        sheet.unlink(missing_ok=True)  # of an earlier run: it would tell of disagreements that are none
    files = [folder / "renderings.csv", folder / "agreement.csv", *([sheet] if measured.worst else [])]
    return list(map(str, files))


def _record(pair: PairTotals) -> dict[str, object]:
    return {
        "first": pair.first,
        "second": pair.second,
        "judged": pair.judged,
        "agreeing": pair.agreeing,
        "compared": pair.compared,
        "mean_absolute_difference": None if math.isnan(pair.mean) else round(pair.mean, 4),
        "ssim": None if math.isnan(pair.similarity) else round(pair.similarity, 6),
    }


def _print_matrices(measured: Agreement) -> None:
    pairs = measured.pairs()
    judged, compared = pairs[0].judged, max(pair.compared for pair in pairs)
    criterion = f"mean absolute difference below {MEAN:g} of 255, and below {PATCH:g} in every patch"
    matrices: list[tuple[str, Callable[[PairTotals], str]]] = [
        (
            f"share of {judged} drawings that agree ({criterion}; a failed one does not)",
            lambda pair: f"{pair.share:.1%}",
        ),
        (f"mean absolute difference, 0 to 255, of the {compared} that all drew", lambda pair: f"{pair.mean:.3f}"),
        (f"SSIM of the {compared} that all drew", lambda pair: f"{pair.similarity:.4f}"),
    ]
    for title, cell in matrices:
        cells = {frozenset((pair.first, pair.second)): cell(pair) for pair in pairs}
        rows = [
            [row, *(cells.get(frozenset((row, column)), "") for column in measured.backends)]
            for row in measured.backends
        ]
        print_lines(["", title])  # longer than the table is wide
        print_table(["", *measured.backends], rows)
