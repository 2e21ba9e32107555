"""A drawing whose root is as large as it will be drawn.

Programs read the root's size each in their own way: a browser takes 300 x 150 px for a percentage, one keeps the
viewBox's shape where another does not, and some follow the CSS with which pages fit drawings in ("width: 100%").
What every program draws alike is a root with a width and a height in whole pixels and a viewBox, and no such CSS.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from renderers.canvas import fitted
from renderers.size import intrinsic_size, root_attributes, view_box_size

if TYPE_CHECKING:
    from renderers.base import Canvas

# Up to the name of the root, past what may stand before it: declaration, instructions, comments, a DOCTYPE.
_ROOT = re.compile(r"(?:[^<]++|<\?.*?\?>|<!--.*?-->|<![^\[>]*+(?:\[.*?\]\s*+)?>)*+<[^\s/>]++", re.DOTALL)
_ATTRIBUTE = re.compile(r"""\s++([^\s=>]++)\s*+=\s*+(?:"[^"]*+"|'[^']*+')""")
_REPLACED = ("width", "height", "viewBox")
_BOX_MODEL = re.compile(
    r"(?<![\w-])(?:(?:min-|max-)?(?:width|height)|(?:border|margin|padding)(?:-[a-z-]++)?)\s*+:[^;\"']*+;?"
)


def sized(svg: str, canvas: Canvas, own: tuple[float, float] | None = None) -> str:
    """``svg`` with a root of the pixels that it will cover on the canvas, which keeps its coordinates.

    Args:
        svg: the document.
        canvas: what it is drawn on.
        own: its width and height where they are known otherwise than by :func:`renderers.size.intrinsic_size`.

    Unchanged where the size of the drawing cannot be known.
    """
    own = own or intrinsic_size(svg)
    root = _ROOT.match(svg)
    if own is None or root is None:
        return svg
    width, height = fitted(*own, canvas)
    view_box = (root_attributes(svg) or {}).get("viewBox", "")
    if view_box_size(view_box) is None:
        view_box = f"0 0 {own[0]!r} {own[1]!r}"
    kept = []
    end = root.end()
    while attribute := _ATTRIBUTE.match(svg, end):
        end = attribute.end()
        if attribute[1] == "style":
            kept.append(_BOX_MODEL.sub("", attribute[0]))
        elif attribute[1] not in _REPLACED:
            kept.append(attribute[0])
    return f'{root[0]} width="{width}" height="{height}" viewBox="{view_box}"{"".join(kept)}{svg[end:]}'
