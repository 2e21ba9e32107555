"""What the tests of simplified drawings share: drawings to simplify, and how much two of them differ when drawn."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from captioners.svg_text import SvgTextOptions, simplify
from renderers import prepare, render

LEVELS = 16


@pytest.fixture
def simplified() -> Callable[..., str]:
    """The text of a drawing, given what is in its root, of 512 units so that they stay as they are."""

    def simplified(body: str, root: str = 'viewBox="0 0 512 512"', **options: int) -> str:
        svg = f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" {root}>{body}</svg>'
        return simplify(prepare(svg).svg, SvgTextOptions(**options)).text

    return simplified


@pytest.fixture
def difference() -> Callable[[str, str], tuple[float, float]]:
    """Mean absolute difference of two drawings at 512 px on white, of 255, and the share of pixels that changed."""

    def difference(one: str, other: str, size: int = 512) -> tuple[float, float]:
        first, second = (
            np.asarray(render(svg, size, size, backend="resvg").image.convert("RGB"), np.int16) for svg in (one, other)
        )
        levels = np.abs(first - second)
        return float(levels.mean()), float((levels.max(axis=2) > LEVELS).mean())

    return difference
