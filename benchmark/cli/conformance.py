"""``render --conformance``: passes per backend and category, as tables, CSV and a contact sheet."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from benchmark.cli.display import ProgressBars, print_lines, print_table
from benchmark.cli.rendering import Asked, print_json
from benchmark.cli.renderings import write_picture, write_table
from benchmark.errors import UserError
from benchmark.files import make_folder
from renderers.comparison.conformance import MAIN, STRICT, run
from renderers.comparison.contact_sheet import contact_sheet

if TYPE_CHECKING:
    from pathlib import Path

    from renderers import Limits
    from renderers.comparison.conformance import Conformance
    from renderers.comparison.suite import Suite


def judge(asked: Asked, suite: Suite, *, against: str, repair: bool, font_dir: Path | None, limits: Limits) -> None:
    """Measure the backends on a suite; ``conformance.csv`` and a contact sheet are written to the folder.

    Args:
        asked: backends and where files go.
        suite: the cases.
        against: a backend whose pictures are the references, "" for those of the suite.
        repair: mend what can be mended first.
        font_dir: folder of the only fonts to use, None for the suite's.
        limits: what an SVG may hold.

    Raises UserError when nothing is left to be compared.
    """
    everyone = list(dict.fromkeys([*asked.backends, *filter(None, [against])]))
    if everyone == [against]:
        raise UserError(f"{against} cannot be judged by its own pictures; name other backends with --backend.")
    make_folder(asked.out)
    with ProgressBars().task(f"drawing with {', '.join(everyone)}", len(suite.cases) * len(everyone)) as drawn:
        measured = run(
            suite,
            asked.backends,
            against=against,
            repair=repair,
            font_dir=font_dir,
            limits=limits,
            bounds=asked.bounds,
            drawn=drawn,
        )
    written = _write(measured, asked.out)
    if asked.as_json:
        print_json(
            {
                "judge": measured.judge,
                "backends": measured.records(),
                "unjudged": measured.unjudged,
                "incomplete": suite.incomplete,
                "written": written,
            }
        )
        return
    _print(measured)
    notes = {
        "SVG files have no reference beside them and were left out": suite.without_reference,
        "cases show a picture file that the suite does not hold": suite.incomplete,
        f"cases could not be drawn by {against} and count for nobody": measured.unjudged,
    }
    print_lines([f"{len(there)} {note}" for note, there in notes.items() if there])
    print_lines([f"written: {', '.join(written)}"])


def _print(measured: Conformance) -> None:
    records = measured.records()
    for name, bound in (("main", MAIN), ("strict", STRICT)):
        title = f"{name} criterion: mean absolute difference to {measured.judge} below {bound:g} of 255, premultiplied"
        rows = [
            [
                record["backend"],
                f"{record[name]}/{record['cases']}",
                *(
                    f"{part[name]}/{part['cases']}"
                    for part in (record["categories"][category] for category in measured.categories())
                ),
                str(record["errors"]),
                f"{record['milliseconds']:.2f}",
            ]
            for record in records
        ]
        print_lines([title])  # longer than some tables are wide
        print_table(["backend", "all", *measured.categories(), "errors", "ms/drawing"], rows)
        print_lines([""])


def _write(measured: Conformance, folder: Path) -> list[str]:
    table, sheet = folder / "conformance.csv", folder / "conformance.png"
    write_table(
        table,
        ("backend", "drawn_by", "id", "category", "difference", "main", "strict", "error", "seconds"),
        (
            (
                *(verdict.outcome.backend, verdict.outcome.drawn_by, verdict.outcome.id, verdict.category),
                "" if math.isnan(verdict.difference) else f"{verdict.difference:.4f}",
                *("pass" if verdict.passes(bound) else "fail" for bound in (MAIN, STRICT)),
                verdict.outcome.error,
                f"{verdict.outcome.seconds:.6f}",
            )
            for verdict in measured.verdicts
        ),
    )
    if not measured.worst:
        sheet.unlink(missing_ok=True)  # of an earlier run: it would tell of failures that are none
        return [str(table)]
    write_picture(sheet, contact_sheet(measured.worst, [measured.judge, *measured.backends]))
    return [str(table), str(sheet)]
