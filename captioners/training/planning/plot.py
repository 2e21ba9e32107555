"""The lengths of examples as a picture."""

from __future__ import annotations

from pathlib import Path

from captioners.training.planning.plan import Plan


def plot(plan: Plan, *paths: Path) -> None:
    """Draw the histogram of lengths, its 95th percentile and its end into PNG or SVG files. Raises OSError."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    found = plan.lengths
    figure = Figure(figsize=(7, 4), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    starts = [found.first + place * found.width for place in range(len(found.histogram))]
    axes.bar(starts, found.histogram, width=found.width, align="edge", edgecolor="white")
    axes.axvline(found.percentile_95, color="grey", linestyle=":", label=f"95 % up to {found.percentile_95:,}")
    axes.axvline(found.longest, color="grey", linestyle="--", label=f"longest: {found.longest:,}")
    axes.set(
        xlabel="tokens of prompt and caption" + (", estimated" if plan.estimated else ""),
        ylabel="examples",
        title=f"{len(plan.training.examples):,} examples for {plan.base}",
    )
    axes.legend()
    for path in paths:
        part = path.with_name(f".{path.stem}.part{path.suffix}")
        figure.savefig(part, dpi=150)
        part.replace(path)
