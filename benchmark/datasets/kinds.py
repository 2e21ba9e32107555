"""What a value of a record may be taken for."""

from __future__ import annotations

import re

from benchmark.datasets.formats.source import SPLITS
from benchmark.datasets.svg_files import is_svg_path


def is_text(value: object) -> bool:
    """Text of any kind."""
    return isinstance(value, str)


def is_scalar(value: object) -> bool:
    """Text or a number."""
    return isinstance(value, (str, int, float)) and not isinstance(value, bool)


def is_captions(value: object) -> bool:
    """A text or a list of texts."""
    return is_text(value) or (isinstance(value, list) and all(map(is_text, value)))


def is_path(value: object) -> bool:
    """The path of an SVG file."""
    return isinstance(value, str) and is_svg_path(value)


def is_drawn(value: object) -> bool:
    """A drawing: with a tag, or an attribute of the line dialect (``style=… d=…``), or an SVG file's path."""
    return isinstance(value, str) and (is_svg_path(value) or bool(re.search(r"<\w|\b(d|style)=", value)))


def is_prose(value: object) -> bool:
    """Captions that are no drawings."""
    return is_captions(value) and not is_drawn(value)


def is_known_split(value: object) -> bool:
    """A split name in use, e.g. ``"dev"``."""
    return isinstance(value, str) and value.strip().lower() in SPLITS
