"""Elliptical arcs: as curves, and with radii that still fit after the ends were rounded.

Formulas: SVG 2, appendix B.2.4 (from endpoint to centre) and B.2.5 (radii that are too small).
"""

from __future__ import annotations

import math
from typing import NamedTuple

from captioners.svg_text.transforms import Matrix

Point = tuple[float, float]


class Arc(NamedTuple):
    """What an arc has besides its ends; the rotation is in degrees."""

    rx: float
    ry: float
    rotation: float
    large: bool
    sweep: bool


def _upright(arc: Arc) -> Matrix:
    """From the plane in which the ellipse is the unit circle around the origin."""
    angle = math.radians(arc.rotation)
    cos, sin = math.cos(angle), math.sin(angle)
    return Matrix(cos * arc.rx, sin * arc.rx, -sin * arc.ry, cos * arc.ry)


def half_chord(arc: Arc, start: Point, end: Point) -> float:
    """Half the distance of the ends, where the ellipse is a unit circle; more than 1 where the radii are too small."""
    angle = math.radians(arc.rotation)
    cos, sin = math.cos(angle), math.sin(angle)
    dx, dy = end[0] - start[0], end[1] - start[1]
    return math.hypot((cos * dx + sin * dy) / arc.rx, (cos * dy - sin * dx) / arc.ry) / 2


def height(half: float, large: bool) -> float:
    """How high the arc rises above its chord, where the ellipse is a unit circle; ``half`` is half the chord."""
    if half >= 1:
        return half
    rest = math.sqrt(1 - half * half)
    return 1 + rest if large else 1 - rest


def refitted(half: float, high: float) -> float:
    """Factor of the radii with which an arc over a chord of ``2 half`` rises ``high``, both in terms of the old."""
    return (half * half + high * high) / (2 * high)


def similar(arc: Arc, matrix: Matrix) -> Arc:
    """The arc after a transform that keeps circles circles."""
    factor = math.sqrt(abs(matrix.determinant))
    turn = math.degrees(math.atan2(matrix.b, matrix.a))
    mirrored = matrix.determinant < 0
    rotation = turn - arc.rotation if mirrored else turn + arc.rotation
    return arc._replace(
        rx=arc.rx * factor, ry=arc.ry * factor, rotation=rotation % 180, sweep=arc.sweep is not mirrored
    )


def curves(arc: Arc, start: Point, end: Point) -> list[tuple[Point, Point, Point]]:
    """Cubic Béziers that follow the arc: two control points and the end of each; none where the ends are equal."""
    if start == end:
        return []
    half = half_chord(arc, start, end)
    plane = _upright(arc)
    if half > 1:
        plane = Matrix(*(entry * half for entry in plane[:4]))
    determinant = plane.determinant
    (x1, y1), (x2, y2) = (
        ((plane.d * x - plane.c * y) / determinant, (plane.a * y - plane.b * x) / determinant) for x, y in (start, end)
    )
    half = min(1.0, half)
    middle = (x1 + x2) / 2, (y1 + y2) / 2
    away = math.sqrt(max(0.0, 1 - half * half)) / max(math.hypot(x2 - x1, y2 - y1), 1e-300)
    if arc.large == arc.sweep:
        away = -away
    centre = middle[0] - away * (y2 - y1), middle[1] + away * (x2 - x1)
    begin = math.atan2(y1 - centre[1], x1 - centre[0])
    sweep = (math.atan2(y2 - centre[1], x2 - centre[0]) - begin) % (2 * math.pi)
    if not arc.sweep:
        sweep -= 2 * math.pi
    pieces = max(1, math.ceil(abs(sweep) / (math.pi / 2) - 1e-9))
    step = sweep / pieces
    reach = 4 / 3 * math.tan(step / 4)
    place = Matrix(*plane[:4], *plane.point(*centre))
    found = []
    for piece in range(pieces):
        one, two = begin + piece * step, begin + (piece + 1) * step
        (c1, s1), (c2, s2) = ((math.cos(angle), math.sin(angle)) for angle in (one, two))
        controls = place.point(c1 - reach * s1, s1 + reach * c1), place.point(c2 + reach * s2, s2 - reach * c2)
        found.append((*controls, end if piece == pieces - 1 else place.point(c2, s2)))
    return found
