"""The drawings of samples as pictures for metrics: drawn when they are asked for, by whom captioners' are drawn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import renderers
from benchmark.metrics.images import Images
from renderers import Rendering, RenderOptions, RenderPool

if TYPE_CHECKING:
    from PIL import Image


def drawn(svgs: Sequence[str], options: RenderOptions) -> Images:
    """The drawings on the background of ``options``, in the size that a metric asks for.

    What fails once is not tried again by the same object, since failing may take a drawing's whole time limit.
    Raises RendererUnavailable and UnknownName as :func:`renderers.fingerprint`.
    """
    failed: set[int] = set()

    def pictures(size: int) -> Iterator[Image.Image | None]:
        tried = [row for row in range(len(svgs)) if row not in failed]
        with RenderPool(replace(options, width=size, height=size)) as pool:
            renderings = pool.render_many(svgs[row] for row in tried)
            for row in range(len(svgs)):
                rendering = None if row in failed else next(renderings)
                if not isinstance(rendering, Rendering):
                    failed.add(row)
                yield rendering.image if isinstance(rendering, Rendering) else None

    source = renderers.fingerprint(options)
    return Images(pictures, str(source["background"]), source)
