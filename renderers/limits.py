"""Bounds on what is drawn, by name; each can be raised where drawings are known to be harmless."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class Limits:
    """What one SVG may hold. An SVG beyond a limit is refused before any backend sees it.

    The defaults let through every file of the resvg test suite but one, all of OpenMoji, and what a person draws;
    what lies beyond them takes a backend more than some ten seconds or more memory than a worker has.
    SVG pictures inside the SVG (``data:image/svg+xml``) count together with it.

    Attributes:
        bytes: of the document as UTF-8, after unpacking, repair and replacement of entities.
        elements: in the document.
        expanded_elements: drawn in all, when every ``<use>``, pattern, mask, clip path, marker and embedded SVG
            counts as often as it is used; see :mod:`renderers.hazards.expansion`.
        depth: levels of nesting, also when references are followed. The XML parser goes no deeper than 2,048.
        attributes: of one element; some readers take time that grows with their square.
        path_tokens: numbers and commands in one path, list of points, or other list.
        total_path_tokens: the same in all lists together.
        characters: of all ``<text>`` together; setting a long line takes time that grows with its square.
        filter_cost: milliseconds that filters take at 224 px; see :mod:`renderers.hazards.filter_cost`.
        picture_side: width and height of an embedded raster picture in pixels.
        picture_pixels: of all embedded raster pictures, each as often as it is used.
        nesting: SVG documents inside each other, as pictures; 0 refuses every embedded SVG.
        side: width and height of a rendering in pixels.
    """

    bytes: int = 10 * 1024 * 1024
    elements: int = 50_000
    expanded_elements: int = 200_000
    depth: int = 256
    attributes: int = 1024
    path_tokens: int = 200_000
    total_path_tokens: int = 1_000_000
    characters: int = 20_000
    filter_cost: int = 20_000
    picture_side: int = 4096
    picture_pixels: int = 100_000_000
    nesting: int = 3
    side: int = 4096

    @classmethod
    def names(cls) -> tuple[str, ...]:
        return tuple(field.name for field in fields(cls))

    @classmethod
    def parse(cls, assignments: Iterable[str]) -> Limits:
        """The defaults, changed by assignments such as "elements=100000"; the last one of a name holds.

        Raises:
            ValueError: a text that is no assignment, a name that no limit has, or a value that is not a whole
                number from 0 on.
        """
        values: dict[str, int] = {}
        for assignment in assignments:
            name, equals, value = assignment.partition("=")
            name = name.strip().replace("-", "_")
            if not equals:
                raise ValueError(f"{assignment!r} sets no limit; write NAME=NUMBER, for example elements=100000.")
            if name not in cls.names():
                near = difflib.get_close_matches(name, cls.names(), n=1)
                hint = f" Did you mean {near[0]!r}?" if near else ""
                raise ValueError(f"there is no limit {name!r}.{hint} Known: {', '.join(cls.names())}.")
            if not value.strip().isascii() or not value.strip().replace("_", "").isdigit():
                raise ValueError(f"the limit {name!r} is {value.strip()!r}; it must be a whole number from 0 on.")
            values[name] = int(value.replace("_", ""))
        return cls(**values)
