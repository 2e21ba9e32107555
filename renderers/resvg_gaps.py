"""What resvg 0.47 leaves out or gets wrong, and how a document is rewritten so that it does not matter.

resvg 0.48 draws all of this right, so each rewriting can be checked against it and goes when the binding moves on.
None changes what a document means: what a rewriting cannot express exactly, it leaves as it is. Ordinary drawings
only pay for looking for a few words.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, cast

from lxml import etree

from renderers.size import stated_size, view_box_size

if TYPE_CHECKING:
    from collections.abc import Callable

_XLINK_HREF = "{http://www.w3.org/1999/xlink}href"

_IN_USER_SPACE = frozenset(("clip-path", "filter", "mask"))
_EFFECTS = _IN_USER_SPACE | {"isolation", "mix-blend-mode", "opacity", "transform", "transform-origin"}
_MOVED = frozenset(("x", "y", "viewBox"))
_CONDITIONS = frozenset(("requiredExtensions", "requiredFeatures", "systemLanguage"))
# A string or bracket that is not closed goes on to the end, so that no text takes quadratic time.
_DECLARATION = re.compile(r"""(?:[^;"'(]|"[^"]*+"?+|'[^']*+'?+|\([^)]*+\)?+)++""")

_NUMBER = re.compile(r"\s*+[+-]?(?:\d++(?:\.\d*+)?|\.\d++)(?:[eE][+-]?\d++)?(?:px)?\s*+")
_OTHER_COORDINATES = frozenset(("clipPath", "marker", "mask", "pattern", "svg", "symbol", "use"))
_PLACED_BY_REGION = frozenset(("feImage", "feTile"))

_REACH = 1.9
"""Canvas widths and heights on each side of the canvas that a filter region keeps; resvg's layers end at 2."""


def without_gaps(svg: str) -> str:
    """The document for resvg 0.47 to draw as resvg 0.48 draws ``svg``; mostly the same object.

    Args:
        svg: a secured document.

    Raises etree.XMLSyntaxError for what is none.
    """
    rewritings = [rewrite for needed, rewrite in _GAPS if needed(svg)]
    if not rewritings:
        return svg
    parser = etree.XMLParser(encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True)
    root = etree.fromstring(svg.encode(), parser)
    rewritten = [rewrite(root) for rewrite in rewritings]
    return etree.tostring(root.getroottree(), encoding="unicode") if any(rewritten) else svg


def _has_both_hrefs(svg: str) -> bool:
    return ":href" in svg and (" href" in svg or "\nhref" in svg or "\thref" in svg or "\rhref" in svg)


def _prefer_plain_href(root: etree._Element) -> bool:
    """Drop each ``xlink:href`` beside an ``href``; whether there was one.

    "When the href attribute is present in both the XLink namespace and without a namespace, the value of the
    attribute without a namespace shall be used" (SVG 2, section 16.1.5). resvg takes the one or the other
    (linebender/resvg#1015).
    """
    both = [
        element for element in root.iter(etree.Element) if "href" in element.attrib and _XLINK_HREF in element.attrib
    ]
    for element in both:
        del element.attrib[_XLINK_HREF]
    return bool(both)


def _has_nested_svg(svg: str) -> bool:
    roots = svg.count("<svg")
    # With a prefix, an element has two mentions of ":svg", and the prefix may be another.
    return roots > 1 or (roots == 0 and svg.count(":svg") > 3)


def _lift_effects(root: etree._Element) -> bool:
    """Move what acts on a nested ``<svg>`` as a whole to a ``<g>`` around it; whether there was any.

    resvg applies the transform, the opacity and the filter of a nested ``<svg>`` twice, one inside the other
    (linebender/resvg#1066). They act from outside of the viewport that the element establishes (SVG 2, section 8.8),
    just as those of a ``<g>`` around it do. Left alone is what a style sheet may set, what is referred to from
    elsewhere without the ``<g>``, and what is cut out in coordinates that differ inside and outside, as engines
    disagree on which are meant.
    """
    if next(root.iter("{*}style"), None) is not None:
        return False
    targets = {
        str(value).strip().removeprefix("#")
        for element in root.iter(etree.Element)
        for name, value in element.attrib.items()
        if name in ("href", _XLINK_HREF)
    }
    lifted = False
    for inner in list(root.iter(root.tag)):
        effects = _effects(inner)
        if inner is root or not effects or inner.get("id") in targets:
            continue
        if effects.isdisjoint(_IN_USER_SPACE) or _MOVED.isdisjoint(map(str, inner.attrib)):
            _lift(inner)
            lifted = True
    return lifted


def _effects(element: etree._Element) -> frozenset[str]:
    """Names of the effects that attributes and ``style`` of an element set."""
    return _EFFECTS.intersection((*map(str, element.attrib), *map(_property, _declarations(element))))


def _lift(inner: etree._Element) -> None:
    """Put a ``<g>`` with the effects of an element, and the conditions of a ``<switch>`` for it, in its place."""
    parent = cast("etree._Element", inner.getparent())
    outer = etree.SubElement(parent, str(inner.tag)[: -len("svg")] + "g")
    parent.replace(inner, outer)
    outer.tail, inner.tail = inner.tail, None
    outer.append(inner)
    for name in sorted((_EFFECTS | _CONDITIONS).intersection(map(str, inner.attrib))):
        outer.set(name, inner.attrib.pop(name))
    declarations = _declarations(inner)
    if lifted := [declaration for declaration in declarations if _property(declaration) in _EFFECTS]:
        outer.set("style", ";".join(lifted))
        inner.set("style", ";".join(one for one in declarations if one not in lifted))


def _declarations(element: etree._Element) -> list[str]:
    return _DECLARATION.findall(element.get("style", ""))


def _property(declaration: str) -> str:
    return declaration.partition(":")[0].strip().lower()


def _has_filter_region(svg: str) -> bool:
    return "filterUnits" in svg


class _Box(NamedTuple):
    """Edges in user units."""

    left: float
    top: float
    right: float
    bottom: float

    def cut_to(self, other: _Box) -> _Box:
        return _Box(*map(max, self[:2], other[:2]), *map(min, self[2:], other[2:]))


def _clamp_filter_regions(root: etree._Element) -> bool:
    """Cut filter regions to what resvg draws on; whether one was larger.

    A region may have any size (Filter Effects 1, section 8). resvg draws what is filtered on a layer that ends two
    canvases away from the canvas, and then counts from the edges of the region: it clips in the wrong place, panics,
    or ends the process for want of memory (linebender/resvg#1021). Only where user units are those of the root is
    it known where the layer ends.
    """
    reach = _reach(root)
    if reach is None or not _has_one_coordinate_system(root):
        return False
    clamped = False
    for element in root.iter("{*}filter"):
        region = _region(element)
        if region is None or region == (cut := region.cut_to(reach)):
            continue
        if cut.left < cut.right and cut.top < cut.bottom:
            element.set("x", repr(cut.left))
            element.set("y", repr(cut.top))
            element.set("width", repr(cut.right - cut.left))
            element.set("height", repr(cut.bottom - cut.top))
            clamped = True
    return clamped


def _region(element: etree._Element) -> _Box | None:
    """The region of a filter; None unless it is four numbers of user units that place nothing but the region."""
    sides = [element.get(name, "") for name in ("x", "y", "width", "height")]
    if (
        element.get("filterUnits") != "userSpaceOnUse"
        or element.get("primitiveUnits") == "objectBoundingBox"
        or "href" in element.attrib
        or _XLINK_HREF in element.attrib
        or not all(map(_NUMBER.fullmatch, sides))
        or any(etree.QName(child).localname in _PLACED_BY_REGION for child in element.iterchildren(etree.Element))
    ):
        return None
    x, y, width, height = (float(side.strip().removesuffix("px")) for side in sides)
    return _Box(x, y, x + width, y + height)


def _reach(root: etree._Element) -> _Box | None:
    """The canvas and what lies around it that filters can draw on; None where it is not known."""
    attributes = cast("dict[str, str]", dict(root.attrib))
    size = stated_size(attributes)
    if size is None or "slice" in attributes.get("preserveAspectRatio", ""):
        return None
    x = y = 0.0
    width, height = size
    box = attributes.get("viewBox", "")
    if inside := view_box_size(box):
        x, y = (float(number) for number in re.split(r"[\s,]+", box.strip())[:2])
        if attributes.get("preserveAspectRatio", "").strip() != "none":
            # The canvas shows more than the viewBox where their shapes differ, on one side or on both.
            scale = min(size[0] / inside[0], size[1] / inside[1])
            width, height = size[0] / scale, size[1] / scale
        else:
            width, height = inside
    else:
        inside = size
    return _Box(
        x - _REACH * width, y - _REACH * height, x + inside[0] + _REACH * width, y + inside[1] + _REACH * height
    )


def _has_one_coordinate_system(root: etree._Element) -> bool:
    """Whether the user units of all elements are those of the root."""
    for element in root.iter(etree.Element):
        name = etree.QName(element).localname
        if name in _OTHER_COORDINATES and element is not root:
            return False
        css = str(element.xpath("string()")) if name == "style" else element.get("style", "")
        if "transform" in element.attrib or "transform" in css.lower():
            return False
    return True


_GAPS: tuple[tuple[Callable[[str], bool], Callable[[etree._Element], bool]], ...] = (
    (_has_both_hrefs, _prefer_plain_href),
    (_has_nested_svg, _lift_effects),
    (_has_filter_region, _clamp_filter_regions),
)
"""What may need a rewriting, by a few words in the text, and the rewriting, which says whether it changed anything."""
