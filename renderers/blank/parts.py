"""One part of a document at a time: whether the document lets it be seen, and if not, why."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from lxml import etree

from renderers.blank.outline import Extent, nothing_in, shape_extent
from renderers.blank.paint import LEAST_OPACITY, NO_PAINT, href, number, reference, unseen_paint, unseen_picture
from renderers.blank.styling import Styles

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

SHAPES = ("path", "rect", "circle", "ellipse", "line", "polyline", "polygon")
TEXTS = ("text", "tspan", "textPath", "a")  # <a> only within text
REPLACED = {"image": "picture", "foreignObject": "foreignObject"}
GROUPS = ("svg", "g", "a", "switch")

MARKERS = ("marker", "marker-start", "marker-mid", "marker-end")
_INHERITED = frozenset(
    (
        *("color", "fill", "fill-opacity", "font-size", "stroke", "stroke-linecap", "stroke-opacity", "stroke-width"),
        *("visibility", *MARKERS),
    )
)
_EFFECTS = ("clip-path", "mask", "filter")
_LANGUAGE = "en"
_TRANSFORM = re.compile(r"(matrix|scale)\s*+\(([^()]*+)\)", re.IGNORECASE)


class Visible(NamedTuple):
    """A part that should be seen.

    Attributes:
        element: where it stands in the document; the same one may be shown several times.
        fill: whether its fill should be seen; always so for a picture.
        stroke: whether its stroke should be seen.
    """

    element: etree._Element
    fill: bool
    stroke: bool


class Document:
    """A document with what is looked up in it again and again; ``fonts``: whether any font is installed."""

    def __init__(self, root: etree._Element, *, fonts: bool) -> None:
        self.root = root
        self.fonts = fonts
        self.styles = Styles(root)
        self.by_id: dict[str, etree._Element] = {}
        self._namespace = etree.QName(root).namespace
        for element in root.iter(etree.Element):
            if identity := element.get("id"):
                self.by_id.setdefault(identity, element)

    def knows(self, element: etree._Element, names: Container[str]) -> bool:
        """Whether it is an SVG element of one of these names; editors store their own beside them."""
        name = etree.QName(element)
        return name.localname in names and name.namespace == self._namespace

    def target(self, element: etree._Element) -> etree._Element | None:
        """What its ``href`` refers to."""
        return self.by_id.get(href(element).removeprefix("#"))


@dataclass(frozen=True, slots=True)
class Context:
    """What holds for an element, from itself and those around it.

    Attributes:
        values: properties that it declares, and those it inherits.
        reason: why nothing in it can be seen, "" when something may.
        opacity: product of all ``opacity``, 0 to 1.
        effects: those of clip-path, mask and filter that act upon it.
        within: elements that a ``<use>`` is showing, lest one shows itself.
    """

    values: dict[str, str] = field(default_factory=dict)
    reason: str = ""
    opacity: float = 1.0
    effects: frozenset[str] = frozenset()
    within: frozenset[etree._Element] = frozenset()


def name_of(element: etree._Element) -> str:
    return etree.QName(element).localname


def entered(element: etree._Element, around: Context, document: Document) -> Context:
    """What holds for an element in a context."""
    declared = document.styles.of(element)
    opacity = around.opacity * number(declared.get("opacity"), 1.0)
    return Context(
        values={name: value for name, value in around.values.items() if name in _INHERITED} | declared,
        reason=around.reason or next(_hiding(element, declared, opacity, document), ""),
        opacity=opacity,
        effects=around.effects | {name for name in _EFFECTS if declared.get(name, "none") != "none"},
        within=around.within,
    )


def applies(element: etree._Element) -> bool:
    """Whether the element is for this language and for renderers without extensions (SVG 2, section 5.7)."""
    languages = element.get("systemLanguage")
    spoken = languages is None or any(
        language.strip().lower().split("-")[0] == _LANGUAGE for language in languages.split(",")
    )
    return spoken and not element.get("requiredExtensions")


def _hiding(element: etree._Element, declared: dict[str, str], opacity: float, document: Document) -> Iterator[str]:
    """Why nothing in the element can be seen, as far as that does not depend on what is in it."""
    if declared.get("display") == "none":
        yield "display: none"
    if opacity < LEAST_OPACITY:
        yield "opacity 0"
    if not applies(element):
        yield "meant for another language, or for renderers with extensions"
    if _flattens(declared.get("transform", "")):
        yield "a transform that flattens to nothing"
    if name_of(element) == "svg" and _without_area(element):
        yield "an <svg> without area"
    for name, called in (("clip-path", "clip path"), ("mask", "mask")):
        to = reference(declared.get(name, ""))
        acting = document.by_id.get(to[0]) if to else None
        if acting is not None and name_of(acting) in ("clipPath", "mask") and acting.find("*") is None:
            yield f"an empty {called}"


def _flattens(transform: str) -> bool:
    for function, arguments in _TRANSFORM.findall(transform):
        try:
            values = [float(value) for value in re.split(r"[\s,]+", arguments.strip())]
        except ValueError:
            continue
        if function.lower() == "scale" and 0 in values:
            return True
        if len(values) == 6 and values[0] * values[3] == values[1] * values[2]:
            return True
    return False


def _without_area(svg: etree._Element) -> bool:
    box = re.split(r"[\s,]+", svg.get("viewBox", "0 0 1 1").strip())
    return any(number(side, 1.0) <= 0 for side in (*box[2:], svg.get("width"), svg.get("height")))


def judged(element: etree._Element, context: Context, document: Document) -> Visible | str:
    """The part, or why it cannot be seen."""
    name, values = name_of(element), context.values
    if reason := next(_missing(element, name, values, document), ""):
        return reason
    if name in REPLACED:
        return Visible(element, fill=True, stroke=False)
    extent = shape_extent(element, name, values) if name in SHAPES else Extent.AREA
    if extent == Extent.NOTHING:
        return nothing_in(name, values)
    no_fill = _unseen("fill", "black", context, document)
    no_stroke = _unseen("stroke", "none", context, document)
    fill = not no_fill and extent == Extent.AREA
    capped = extent == Extent.POINT and values.get("stroke-linecap") in ("round", "square")
    stroke = not no_stroke and (extent >= Extent.LINE or capped)
    # A filter may paint what its source does not, and markers have paints of their own.
    if fill or stroke or "filter" in context.effects or any(values.get(m, "none") != "none" for m in MARKERS):
        return Visible(element, fill, stroke)
    if not (no_fill and no_stroke):
        return "a fill without area, and no stroke" if no_stroke else "a stroke without length"
    return next((reason for reason in (no_fill, no_stroke) if reason != NO_PAINT), "neither fill nor stroke")


def _missing(element: etree._Element, name: str, values: dict[str, str], document: Document) -> Iterator[str]:
    """What a part lacks beside paint."""
    if values.get("visibility") in ("hidden", "collapse"):
        yield "visibility: hidden"
    if name == "use":
        yield _broken_use(element, document)
    if name in REPLACED and any(number(values.get(side), 1.0) <= 0 for side in ("width", "height")):
        yield "no size"
    if name == "image" and (lost := unseen_picture(element)):
        yield lost
    if name not in TEXTS:
        return
    if not str(element.xpath("string()")).strip():
        yield "no characters"
    if not document.fonts:
        yield "no font is installed"
    if name == "textPath" and document.target(element) is None:
        yield "text on a path that does not exist"
    if number(values.get("font-size"), 1.0) <= 0:
        yield "font size 0"


def _unseen(name: str, initial: str, context: Context, document: Document) -> str:
    values = context.values
    if name == "stroke" and number(values.get("stroke-width"), 1.0) <= 0:
        return NO_PAINT
    paint = values.get(name, initial)
    if paint.strip().lower() == "currentcolor":
        paint = values.get("color", "black")
    if name == "stroke" and paint[:1].isdigit():  # such a fill is inherited, and so black in the end
        return f"a stroke colour that cannot be read ({paint})"
    alpha = context.opacity * number(values.get(f"{name}-opacity"), 1.0)
    return unseen_paint(paint, alpha, document.by_id, document.styles.of)


def _broken_use(element: etree._Element, document: Document) -> str:
    address, target = href(element), document.target(element)
    if not address:
        return "a <use> of nothing (none outside of the document is followed)"
    if target is None:
        return f"a <use> of {address}, which does not exist"
    if document.knows(target, (*SHAPES, *TEXTS, *REPLACED, *GROUPS, "symbol", "use")):
        return f"a <use> of {address}, which shows itself"
    return f"a <use> of {address}, which is never drawn"
