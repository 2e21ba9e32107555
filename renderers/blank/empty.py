"""Why a renderer drew nothing at all: there is nothing to draw, nothing to be seen, or it lies elsewhere.

The document is asked first (:mod:`renderers.blank.visibility`), then the renderer (:mod:`renderers.blank.probing`).
Where neither accounts for it, the renderer has failed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from lxml import etree

from renderers.blank.probing import Found, Probe
from renderers.blank.visibility import Census, census
from renderers.size import disabling_side

if TYPE_CHECKING:
    from collections.abc import Callable

    from PIL import Image

    from renderers.base import Canvas

_MOST_REASONS = 4
_MOST_CHARACTERS = 60


@dataclass(frozen=True, slots=True)
class Blank:
    """Why nothing can be seen in a picture.

    Attributes:
        reason: one sentence without a full stop.
        explained: the document itself accounts for it, so that no other renderer can do better.
    """

    reason: str
    explained: bool


def nothing_drawn(svg: str, canvas: Canvas, draw: Callable[[str], Image.Image]) -> Blank:
    """Why a renderer drew nothing; for ``draw`` and the rest see :func:`renderers.blank.explain`."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True)
    try:
        root = etree.fromstring(svg.encode(), parser)
    except etree.XMLSyntaxError as error:
        return Blank(f"the renderer drew nothing, and the document is not well-formed: {error}", explained=False)
    if side := disabling_side(cast("dict[str, str]", root.attrib)):
        size = f"{side} {_shortened(root.get(side, ''))!r}"
        return Blank(f"nothing is drawn of a document without a positive size: it has {size}", explained=True)
    parts = census(root, fonts=bool(canvas.fonts.files()))
    if parts.visible:
        probe = Probe(svg, root, parts.visible, canvas, lambda other: _attempt(draw, other))
        blank = _unmarked(parts, probe, canvas)
    elif parts.hidden:
        blank = Blank(_all_hidden(parts), explained=True)
    else:
        blank = Blank(_no_parts(parts, root), explained=True)
    if parts.unread:
        return Blank(f"{blank.reason} ({parts.unread})", explained=False)
    return blank


def _attempt(draw: Callable[[str], Image.Image], svg: str) -> Image.Image | None:
    try:
        return draw(svg)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException:  # a panic in Rust is no Exception
        return None


def _no_parts(parts: Census, root: etree._Element) -> str:
    if parts.stored:
        return f"nothing to draw: all shapes ({parts.stored:,}) are in <defs> or the like, and nothing shows them"
    loose = " ".join("".join(cast("list[str]", root.xpath("text()"))).split())
    if loose:
        return f"nothing to draw: no shape, text or picture, only loose characters: {_shortened(loose)}"
    return "nothing to draw: the document holds no shape, text or picture"


def _all_hidden(parts: Census) -> str:
    count, total = parts.count(visible=False), parts.hidden.total()
    listed = parts.hidden.most_common(_MOST_REASONS)
    reasons = [_shortened(reason) if n == total else f"{n:,} × {_shortened(reason)}" for reason, n in listed]
    reasons += ["…"] if len(parts.hidden) > len(listed) else []
    return f"nothing to be seen in the document's {count}: {', '.join(reasons)}"


def _shortened(text: str) -> str:
    return text if len(text) <= _MOST_CHARACTERS else text[: _MOST_CHARACTERS - 1] + "…"


def _unmarked(parts: Census, probe: Probe, canvas: Canvas) -> Blank:
    """Why parts that should be seen left no mark."""
    count = parts.count(visible=True)
    failure = f"the renderer drew nothing, though the document has {count} to be seen"
    in_black = probe.drawn_in_black()
    if in_black and parts.effects and probe.drawn_without_effects():
        effects = ", ".join(f"{name} on {n:,}" for name, n in parts.effects.most_common())
        # Right or wrong: clip paths, masks and filters are where renderers differ most.
        return Blank(f"nothing is left of {count} by clip paths, masks and filters ({effects})", explained=False)
    found = None if in_black or in_black is None else probe.found()
    if found is None:
        return Blank(failure, explained=False)
    # Text and pictures could fail on the canvas while something else is found outside of it.
    alike = sum(seen for seen, _ in parts.kinds) == 1
    if not found.inside:
        return Blank(f"everything lies outside the canvas: {count}, {_whereabouts(found)}", explained=alike)
    if probe.cuts:
        return Blank(f"preserveAspectRatio cuts off the part of the viewBox that holds {count}", explained=alike)
    pixels = f"{canvas.width} × {canvas.height} pixels"
    return Blank(f"too small or too thin to be seen at {pixels}: {count}", explained=alike)


def _whereabouts(found: Found) -> str:
    """Where the parts lie as seen from the canvas, in its widths and heights."""
    box, window = found.box, found.window
    width, height = window.right - window.left, window.bottom - window.top
    gaps = (
        ((window.left - box.right) / width, "canvas widths to the left"),
        ((box.left - window.right) / width, "canvas widths to the right"),
        ((window.top - box.bottom) / height, "canvas heights above"),
        ((box.top - window.bottom) / height, "canvas heights below"),
    )
    beyond = [f"{_rounded(gap)} {way}" for gap, way in gaps if gap > 0]
    if beyond:
        return " and ".join(beyond)
    across, along = box.left < window.left < window.right < box.right, box.top < window.top < window.bottom < box.bottom
    return "around it" if across or along else "at its edge"


def _rounded(gap: float) -> str:
    if gap < 0.1:
        return "less than 0.1"
    return f"{gap:.1f}" if gap < 10 else f"about {float(f'{gap:.2g}'):,.0f}"
