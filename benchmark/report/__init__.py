"""The HTML report of one sample set, and its plots: what is on disk of the runs, in pictures. See :func:`write`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from benchmark.files import make_folder, write_atomic
from benchmark.progress import Unwatched, Watcher
from benchmark.report import page
from benchmark.report.content import Content, gather
from benchmark.report.pictures import draw
from benchmark.store import SampleSet

__all__ = ["GALLERY", "Written", "file_of", "write", "write_plots"]

GALLERY = 5_000
"""Samples that the gallery shows at most, so that the file stays one that a browser opens."""


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: the page, and the plots beside it."""

    page: Path
    plots: tuple[Path, ...] = ()


def file_of(sample_set: SampleSet, folder: Path) -> Path:
    """Where the report of a sample set lies in a folder of results: ``report-SET.html``."""
    return folder / f"report-{sample_set.path.name}.html"


def write(
    sample_set: SampleSet, file: Path, watcher: Watcher | None = None, *, gallery: int = GALLERY, plots: bool = True
) -> Written:
    """Write the report of a sample set as one HTML file that needs nothing else, and plots for papers beside it.

    The page holds every row of the leaderboard. Its gallery shows ``gallery`` samples at most; of more, a draw by the
    hash of their ids. Without plots the page alone is written, which does not load matplotlib. The same runs give the
    same bytes.

    Raises:
        UserError: what the runs left is missing or damaged, none of them is scored, or a file cannot be written.
        RendererUnavailable: no drawing can be drawn here.
    """
    watcher = watcher or Unwatched()
    content = gather(sample_set, gallery)
    pictures = draw([sample.svg for sample in content.shown], watcher)
    make_folder(file.parent)
    write_atomic(file, page.html(content, pictures))
    return Written(file, write_plots(content, file.parent / "plots" / sample_set.path.name) if plots else ())


def write_plots(content: Content, folder: Path) -> tuple[Path, ...]:
    """Write each plot as PNG and SVG to ``folder``. Raises UserError."""
    from benchmark.report import plots

    make_folder(folder)
    written = []
    for name, figure in plots.figures(content).items():
        for suffix in ("png", "svg"):
            path = folder / f"{name}.{suffix}"
            write_atomic(path, plots.encoded(figure, suffix))
            written.append(path)
    return tuple(written)
