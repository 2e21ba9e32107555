"""Plots for papers: the radar, the bars with intervals, and metric against metric, drawn by matplotlib.

The page has charts of its own, which follow its theme; these are black on white, in a size for a page of paper. They
hold neither date nor version, so that the same scores give the same bytes.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from matplotlib.figure import Figure

from benchmark.report import palette
from benchmark.report.charts import interval, normalised
from benchmark.report.content import Captioner, Content

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_STYLE: dict[Any, Any] = {
    "font.family": "DejaVu Sans",  # comes with matplotlib: the same on every machine
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "text.parse_math": False,  # a dollar sign in a name is a dollar sign
    "svg.hashsalt": "svg-caption-bench",
}
_METADATA: dict[str, dict[str, Any]] = {"svg": {"Date": None, "Creator": None}, "png": {"Software": None}}
_DPI = 200


def figures(content: Content) -> dict[str, Figure]:
    """Name -> figure: ``bars``, and where there are enough columns, ``radar`` and ``scatter``."""
    with mpl.rc_context(_STYLE):
        found = {"bars": _bars(content), "radar": _radar(content), "scatter": _scatter(content)}
    return {name: figure for name, figure in found.items() if figure is not None}


def encoded(figure: Figure, suffix: str) -> bytes:
    """The figure as a ``png`` or ``svg`` file."""
    content = io.BytesIO()
    with mpl.rc_context(_STYLE):
        figure.savefig(content, format=suffix, dpi=_DPI, bbox_inches="tight", metadata=_METADATA[suffix])
    return content.getvalue()


def _line(content: Content, name: str) -> dict[str, Any]:
    """Colour and dashes of a captioner: those that it has on the page."""
    place = [row.captioner for row in content.rows].index(name)
    return {"color": palette.COLOURS[palette.colour(place)], "linestyle": (0, palette.dashes(place) or None)}


def _bars(content: Content) -> Figure:
    """A panel for each main column; captioners from top to bottom as in the leaderboard."""
    columns = content.main_columns
    rows = [row for row in content.charted if any(row.score(column) is not None for column in columns)]
    across = min(len(columns), 3)
    down = math.ceil(len(columns) / across)
    figure = Figure(figsize=(1.4 + 1.9 * across, down * (0.7 + 0.24 * len(rows))), layout="constrained")
    panels = figure.subplots(down, across, squeeze=False, sharey=True).ravel()
    for panel, column in zip(panels, columns, strict=False):
        for place, row in enumerate(rows):
            if (value := row.score(column)) is None:
                continue
            panel.barh(place, value, height=0.7, color=_line(content, row.captioner)["color"])
            if bounds := interval(row, column):
                panel.plot(bounds, [place, place], color="black", linewidth=1, marker="|", markersize=5)
        panel.set_title(column, fontsize=10)
        panel.set_xlim(left=0)
        panel.xaxis.set_major_locator(mpl.ticker.MaxNLocator(4))
        panel.grid(axis="x", color="#dddddd", linewidth=0.6)
        panel.set_axisbelow(True)
    _hide(panels[len(columns) :])
    first = figure.axes[0]
    first.set_yticks(range(len(rows)), [row.captioner for row in rows])
    first.invert_yaxis()
    return figure


def _radar(content: Content) -> Figure | None:
    """Shares of the best score in each column; see :func:`benchmark.report.charts.normalised`."""
    columns = content.main_columns
    shares, best = normalised(content, columns)
    if len(columns) < 3 or not shares:
        return None
    figure = Figure(figsize=(5.6, 3.8), layout="constrained")
    axes: Any = figure.add_subplot(projection="polar")
    axes.set_theta_zero_location("N")
    axes.set_theta_direction(-1)
    angles = [2 * math.pi * i / len(columns) for i in range(len(columns))]
    for name, values in shares.items():
        axes.plot([*angles, angles[0]], [*values, values[0]], linewidth=1.8, label=name, **_line(content, name))
    axes.set_xticks(angles, [""] * len(columns))
    for column, angle in zip(columns, angles, strict=True):
        side, height = math.sin(angle), math.cos(angle)
        ha = "center" if abs(side) < 0.2 else "left" if side > 0 else "right"
        va = "center" if abs(height) < 0.2 else "bottom" if height > 0 else "top"
        axes.text(angle, 1.06, f"{column}\n{best[column]:.3f}", ha=ha, va=va)
    axes.set_ylim(0, 1)
    axes.set_yticks([0.25, 0.5, 0.75, 1], [])
    axes.grid(color="#dddddd", linewidth=0.6)
    axes.spines["polar"].set_color("#dddddd")
    axes.legend(loc="center left", bbox_to_anchor=(1.3, 0.5), frameon=False, handlelength=3)
    return figure


def _scatter(content: Content) -> Figure | None:
    """The ranking column against another one, a panel for each captioner, a dot for each sample."""
    up = content.ranked_by
    across = next((column for column in reversed(content.sample_columns) if column != up), None)
    shown = [one for one in content.captioners if {up, across} <= set(one.evaluation.columns)]
    if across is None or not shown:
        return None
    columns = min(len(shown), 4)
    lines = math.ceil(len(shown) / columns)
    figure = Figure(figsize=(0.5 + 1.75 * columns, 0.5 + 1.8 * lines), layout="constrained")
    panels = figure.subplots(lines, columns, squeeze=False, sharex=True, sharey=True).ravel()
    for panel, captioner in zip(panels, shown, strict=False):
        _dots(panel, captioner, across, up, _line(content, captioner.name)["color"])
    _hide(panels[len(shown) :])
    figure.supxlabel(across, fontsize=10)
    figure.supylabel(up, fontsize=10)
    return figure


def _hide(panels: Iterable[Axes]) -> None:
    """The places of a grid that nothing is left for."""
    for panel in panels:
        panel.set_visible(False)


def _dots(panel: Axes, captioner: Captioner, across: str, up: str, colour: str) -> None:
    scores = captioner.evaluation.per_sample
    # Thousands of dots as shapes would make a file of megabytes: they are pixels, the rest of the plot is not.
    panel.scatter(scores[across], scores[up], s=6, alpha=0.45, linewidths=0, color=colour, rasterized=True)
    rho = float(scores[[across, up]].rank().corr().to_numpy()[0, 1])  # of ranks: Spearman's
    text = "ρ undefined" if math.isnan(rho) else f"ρ = {rho:.2f}"
    panel.set_title(captioner.name, fontsize=9)
    panel.text(0.03, 0.97, text, transform=panel.transAxes, va="top", fontsize=8)
