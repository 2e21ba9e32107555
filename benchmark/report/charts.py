"""The geometry of the page's charts: where bars end and corners lie. Colours and text are the template's."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from benchmark.ranking import Row
from benchmark.report.content import Content

RADIUS = 120.0
"""Of the outermost ring of the radar chart, in the units of its view box."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One captioner's score in one column; length and the ends of the interval in percent of the longest bar."""

    captioner: str
    length: float
    interval: tuple[float, float] | None
    text: str
    bounds: str


@dataclass(frozen=True, slots=True)
class Axis:
    """An axis of the radar chart: its end, the place and anchor of its label, and the score at its end."""

    label: str
    x: float
    y: float
    label_x: float
    label_y: float
    anchor: str
    best: float


@dataclass(frozen=True, slots=True)
class Radar:
    """The radar chart; corners as SVG's ``points``.

    Attributes:
        axes: one for each column.
        rings: the corners of the grid at 25, 50, 75 and 100 %.
        shapes: captioner -> corners.
        left_out: captioners that lack a number in one of the columns, and have no shape.
    """

    axes: Sequence[Axis]
    rings: Sequence[str]
    shapes: dict[str, str]
    left_out: Sequence[str]


def bars(content: Content, column: str) -> list[Bar]:
    """The bars of one column with their 95 % intervals, in the order of the leaderboard."""
    scored = [
        (row, score, interval(row, column)) for row in content.charted if (score := row.score(column)) is not None
    ]
    longest = max((max(score, bounds[1]) if bounds else score for _, score, bounds in scored), default=0) or 1.0
    return [
        Bar(
            captioner=row.captioner,
            length=round(100 * score / longest, 2),
            interval=None
            if bounds is None
            else (round(100 * bounds[0] / longest, 2), round(100 * bounds[1] / longest, 2)),
            text=f"{score:.3f}",
            bounds=f"{bounds[0]:.3f} to {bounds[1]:.3f}" if bounds else "",
        )
        for row, score, bounds in scored
    ]


def interval(row: Row, column: str) -> tuple[float, float] | None:
    """The 95 % interval of a score; None where there is none, as of scores that were computed elsewhere."""
    score = row.scores.get(column, {})
    return (float(score["low"]), float(score["high"])) if "low" in score and "high" in score else None


def normalised(content: Content, columns: Sequence[str]) -> tuple[dict[str, list[float]], dict[str, float]]:
    """Scores as shares of the best one in their column, as the radar shows them: 1 is the best captioner, 0 is 0.

    Returns:
        captioner -> shares, of those that have a number in every column; and column -> its best score.
    """
    scored = {row.captioner: [row.score(column) for column in columns] for row in content.charted if row.scores}
    complete = {
        name: [value for value in values if value is not None] for name, values in scored.items() if None not in values
    }
    best = [max(values) for values in zip(*complete.values(), strict=True)] or [0.0] * len(columns)
    shares = {
        name: [value / top if top else 0.0 for value, top in zip(values, best, strict=True)]
        for name, values in complete.items()
    }
    return shares, dict(zip(columns, best, strict=True))


def radar(content: Content) -> Radar | None:
    """The radar chart over the main columns; None with fewer than three of them, which span no surface."""
    columns = content.main_columns
    shares, best = normalised(content, columns)
    if len(columns) < 3 or not shares:
        return None
    directions = [2 * math.pi * i / len(columns) for i in range(len(columns))]
    return Radar(
        axes=[_axis(column, best[column], angle) for column, angle in zip(columns, directions, strict=True)],
        rings=[_corners((quarter / 4, angle) for angle in directions) for quarter in range(1, 5)],
        shapes={name: _corners(zip(values, directions, strict=True)) for name, values in shares.items()},
        left_out=[row.captioner for row in content.charted if row.scores and row.captioner not in shares],
    )


def _axis(label: str, best: float, angle: float) -> Axis:
    (x, y), (label_x, label_y) = _point(1, angle), _point(1.15, angle)
    side = math.sin(angle)
    anchor = "middle" if abs(side) < 0.2 else "start" if side > 0 else "end"
    up = -8 * (1 + math.cos(angle))  # a label has two lines; above the axis both stand clear of its end
    return Axis(label, x, y, label_x, round(label_y + up, 2), anchor, best)


def _point(share: float, angle: float) -> tuple[float, float]:
    """Clockwise from the top; 0 is never -0, which would be written with its sign."""
    return round(RADIUS * share * math.sin(angle), 2) + 0.0, round(-RADIUS * share * math.cos(angle), 2) + 0.0


def _corners(places: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{x:g},{y:g}" for x, y in (_point(*place) for place in places))
