"""How much there is to draw when every reference is followed.

``<use>`` of a group of ten ``<use>`` of a group of ten … makes a kilobyte of text a billion shapes, and patterns,
masks, clip paths, markers, filters and pictures multiply in the same way. The work is added up from below, each
element once, so that finding out takes time in proportion to the document. References that run in circles are cut
where they close, as renderers do; what lies on a circle is added up anew for every way that leads to it, and
these ways are bounded like the elements that they would draw.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from lxml import etree

from renderers.hazards.bounds import hold
from renderers.hazards.filter_cost import APPLIED, functions_cost, primitive_cost, scale_of
from renderers.hazards.tokens import count_tokens
from renderers.hazards.uses import How, Uses, local_name
from renderers.hazards.work import Work
from renderers.limits import Limits

MULTIPLYING = frozenset(("use", "pattern", "mask", "clipPath", "marker", "filter", "feImage"))
"""Elements without which a document, or what refers to them, draws everything once."""

_SHAPES = frozenset(("path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text", "tspan", "textPath"))
# Drawn only where something refers to them.
_HIDDEN = frozenset(
    (
        *("defs", "symbol", "pattern", "mask", "clipPath", "marker", "filter", "linearGradient", "radialGradient"),
        *("style", "script", "title", "desc", "metadata", "font", "glyph"),
    )
)
_CHEAP = frozenset(("linearGradient", "radialGradient"))


def hold_work(
    root: etree._Element, elements: list[etree._Element], pictures: dict[etree._Element, Work], limits: Limits
) -> Work:
    """The work of drawing a document, held to the limits.

    Args:
        root: of the document.
        elements: all of it.
        pictures: the work of embedded pictures, by the element that shows them.
        limits: on expanded elements, filters, pixels of pictures and depth.

    Raises UnsafeSvg for the first limit that is exceeded.
    """
    return _Expansion(root, elements, pictures, limits).run()


@dataclass(slots=True)
class _Frame:
    """An element whose work is being added up."""

    element: etree._Element
    parts: list[tuple[etree._Element, How]]
    work: Work
    inherited: list[tuple[Work, How]] = field(default_factory=list)
    height: int = 1  # levels from here down
    earliest: int = 0  # the lowest place on the stack that this sum was cut short at


class _Expansion:
    def __init__(
        self,
        root: etree._Element,
        elements: list[etree._Element],
        pictures: dict[etree._Element, Work],
        limits: Limits,
    ) -> None:
        self._root = root
        self._pictures = pictures
        self._limits = limits
        self._uses = Uses([str(e.xpath("string()")) for e in elements if local_name(e) == "style"])
        self._marked = any(local_name(element) == "marker" for element in elements)
        self._by_id: dict[str, list[etree._Element]] = {}
        for element in elements:
            if name := element.get("id"):
                # Readers differ on which of several elements with one id is meant: the first or the last.
                self._by_id[name] = [*self._by_id.get(name, ())[:1], element]
        self._known: dict[etree._Element, tuple[Work, int]] = {}
        self._place: dict[etree._Element, int] = {}
        self._parts: dict[etree._Element, tuple[list[tuple[etree._Element, How]], Work]] = {}
        self._again = 0

    def run(self) -> Work:
        stack = [self._begun(self._root, 0)]
        while True:
            frame = stack[-1]
            if frame.parts:
                element, how = frame.parts.pop()
                if element in self._known:
                    self._add(stack, *self._known[element], how)
                elif (place := self._place.get(element)) is not None:
                    frame.earliest = min(frame.earliest, place)
                else:
                    frame.parts.append((element, how))
                    stack.append(self._begun(element, len(stack)))
                    self._hold_depth(len(stack))
                continue
            stack.pop()
            work = self._finished(frame)
            del self._place[frame.element]
            if frame.earliest >= len(stack):
                self._known[frame.element] = work, frame.height
            if not stack:
                return work
            above = stack[-1]
            above.earliest = min(above.earliest, frame.earliest)
            self._add(stack, work, frame.height, above.parts.pop()[1])

    def _add(self, stack: list[_Frame], work: Work, height: int, how: How) -> None:
        """Add the work of a part, ``height`` levels high, to that of the element at the end of ``stack``."""
        frame = stack[-1]
        frame.height = max(frame.height, height + 1)
        self._hold_depth(len(stack) + height)
        if how is How.IN_PLACE:
            frame.work += work
        elif how is How.ONCE:
            frame.work += work.times(1)
        else:
            frame.inherited.append((work, how))

    def _hold_depth(self, levels: int) -> None:
        hold(self._limits, "depth", levels, "levels of nesting or more, with references followed")

    def _begun(self, element: etree._Element, place: int) -> _Frame:
        self._place[element] = place
        looked_up = self._parts.get(element)
        if looked_up is None:
            looked_up = self._parts[element] = self._looked_up(element)
        else:  # not for the first time, so there is a circle
            self._again += 1 + len(looked_up[0])
            hold(self._limits, "expanded_elements", self._again, "references or more that run in circles")
        parts, own = looked_up
        return _Frame(element, list(parts), own, earliest=place)

    def _looked_up(self, element: etree._Element) -> tuple[list[tuple[etree._Element, How]], Work]:
        """What an element draws beside itself, and the work of itself."""
        parts = [
            (target, use.how)
            for use in self._uses.of(element)
            for target in self._by_id.get(use.target, ())
            if local_name(target) not in _CHEAP
        ]
        parts += [
            (child, How.IN_PLACE) for child in element.iterchildren(etree.Element) if local_name(child) not in _HIDDEN
        ]
        return parts, self._own(element)

    def _own(self, element: etree._Element) -> Work:
        name = local_name(element)
        filters = functions_cost(element.get("filter", ""))
        if name == "filter":
            filters += APPLIED
        elif name.startswith("fe"):
            holder = next(element.iterancestors("{*}filter"), self._root)
            filters += primitive_cost(element, scale_of(self._root, holder))
        is_shape = name in _SHAPES
        vertices = 0
        if is_shape and self._marked:
            vertices = 1 + count_tokens(element.get("d") or element.get("points") or "") // 2
        return Work(1, filters, 0, int(is_shape), vertices) + self._pictures.get(element, Work())

    def _finished(self, frame: _Frame) -> Work:
        work = frame.work
        for one, how in frame.inherited:
            work += one.times(frame.work.shapes if how is How.PER_SHAPE else frame.work.vertices)
        hold(self._limits, "expanded_elements", work.elements, "elements to draw, with references followed")
        hold(self._limits, "filter_cost", work.filters, "ms of filters to apply at 224 px, by estimate")
        hold(self._limits, "picture_pixels", work.pixels, "pixels in embedded pictures, as often as they are used")
        return work
