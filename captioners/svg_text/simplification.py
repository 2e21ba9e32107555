"""A drawing rewritten for a language model: what cannot be seen left out, the rest said shortly."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal

from lxml import etree

from captioners.svg_text import document, extents
from captioners.svg_text.canvas import normalise_canvas
from captioners.svg_text.defaults import drop_inherited_defaults, drop_own_defaults
from captioners.svg_text.document import Node
from captioners.svg_text.flattening import flatten
from captioners.svg_text.numbers import numbers
from captioners.svg_text.paths import parsed, polygon
from captioners.svg_text.properties import DRAWN, ordered
from captioners.svg_text.regrouping import regroup
from captioners.svg_text.rounding import round_all
from captioners.svg_text.scaling import Unscalable, scaled
from captioners.svg_text.seen import needed
from captioners.svg_text.style_sheets import inlined
from renderers.size import intrinsic_size

VERSION = 1
"""Of what is done; changes with every change of the texts."""

Step = Literal["normalised", "own-units", "own-styles", "unchanged"]

_MOST_PASSES = 6


@dataclass(frozen=True, slots=True)
class SvgTextOptions:
    """How a drawing is written.

    Attributes:
        size: units of the longer side of its viewBox, from 16 to 65,536.
        decimals: of coordinates, 0 to 3; small shapes get up to two more.
    """

    size: int = 512
    decimals: int = 0

    def __post_init__(self) -> None:
        if not 16 <= self.size <= 65_536:
            raise ValueError(f"the size of the viewBox is {self.size}; it must be from 16 to 65,536")
        if not 0 <= self.decimals <= 3:
            raise ValueError(f"coordinates with {self.decimals} decimals are not written; 0 to 3 are")

    def fingerprint(self) -> dict[str, object]:
        """What determines the text of a drawing; JSON values only."""
        return {"version": VERSION, **asdict(self)}


@dataclass(frozen=True, slots=True)
class SvgText:
    """A drawing as a language model gets it.

    Attributes:
        text: SVG without the declaration of its namespace, as it stands inline in HTML.
        dropped: whole elements that were left out to fit.
        step: how far it could be simplified. "normalised": all that :func:`simplify` says. "own-units": not scaled to
            the size of the options, as something in it cannot be. "own-styles": nor were style sheets put into
            attributes, so that only metadata and digits went. "unchanged": no XML.
        reason: why it is not "normalised", "" where it is.
        elements: shapes, texts, pictures and uses that remain.
        elements_before: the same in the drawing as it was given, those in resources and hidden ones too.
        characters_before: length of the text that was given.
        pictures: embedded pictures whose data was left out: no language model can read it.
    """

    text: str
    dropped: int = 0
    step: Step = "normalised"
    reason: str = ""
    elements: int = 0
    elements_before: int = 0
    characters_before: int = 0
    pictures: int = 0


def simplify(svg: str, options: SvgTextOptions = SvgTextOptions()) -> SvgText:
    """Rewrite a drawing so that it looks the same, within a tolerance, and takes fewer tokens.

    Left out is what a picture that stands still does not show: metadata (title, desc, labels and ids among it, which
    may say what the drawing shows), editors' data, comments, scripts, animations, what is hidden or off the canvas,
    and definitions that nothing refers to. Style sheets and ``style`` become attributes, in a group where neighbours
    share them, and go where they say what holds anyway; coordinates are scaled so that the longer side of the viewBox
    is ``options.size``, transforms worked into them, and rounded; path data is said with the commands that take the
    fewest characters.

    Args:
        svg: a prepared drawing (:func:`renderers.prepare`): its size, depth and references are bounded.
        options: the size and precision of coordinates.

    The text is the same on every machine, and simplifying it again changes nothing. It never fails: what is not
    understood stays as it is, at worst the whole text.
    """
    before = len(svg)
    first: SvgText | None = None
    text = svg
    for _ in range(_MOST_PASSES):
        result = _once(text, options)
        first = first or result
        if result.text == text:
            break
        text = result.text
    assert first is not None
    return SvgText(
        text=text,
        step=first.step,
        reason=first.reason,
        elements=result.elements,
        elements_before=first.elements_before,
        characters_before=before,
        pictures=first.pictures,
    )


def parse(svg: str) -> etree._Element:
    """The root element; entities are not replaced and nothing is fetched. Raises XMLSyntaxError."""
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
        huge_tree=True,
    )
    return etree.fromstring(svg.encode("utf-8", "replace"), parser)


def _once(svg: str, options: SvgTextOptions) -> SvgText:
    try:
        root = parse(svg)
    except etree.XMLSyntaxError as error:
        return SvgText(svg, step="unchanged", reason=f"not well-formed: {error.msg}")
    drawn = sum(document.local_name(element) in DRAWN for element in root.iter(etree.Element))
    pictures = sum(
        value.lstrip()[:5].lower() == "data:" and "," in value
        for element in root.iter(etree.Element)
        for name, value in element.attrib.items()
        if name in ("href", document.XLINK_HREF)
    )
    own_size = intrinsic_size(svg)
    styled = not inlined(root)
    steps: tuple[Step, ...] = ("own-styles",) if styled else ("normalised", "own-units", "own-styles")
    reason = "style sheets that renderers read differently" if styled else ""
    kept = needed(root, styled=styled)
    for step in steps:
        tree = document.read(root, kept, styled=styled)
        try:
            normalise_canvas(tree, own_size)
            _rewrite(tree, step, options)
        except (Unscalable, ValueError, ArithmeticError) as error:
            reason = str(error)
            continue
        remaining = sum(node.name in DRAWN for node in tree.walk())
        return SvgText(document.written(tree), 0, step, reason, remaining, drawn, len(svg), pictures)
    return SvgText(svg, step="unchanged", reason=reason, elements=drawn, elements_before=drawn, pictures=pictures)


def _rewrite(tree: Node, step: Step, options: SvgTextOptions) -> None:
    read_segments(tree)
    if step == "own-styles":
        round_all(tree, options.size, options.decimals)
        return
    drop_own_defaults(tree)
    if step == "normalised":
        scaled(tree, _factor(tree, options.size))
    flatten(tree)
    _drop_off_canvas(tree)
    drop_inherited_defaults(tree)
    round_all(tree, options.size, options.decimals)
    drop_own_defaults(tree)
    regroup(tree)
    for node in tree.walk():
        node.attributes = ordered(node.attributes)


def _factor(tree: Node, size: int) -> float:
    box = extents.view_box(tree)
    if box is None:
        raise Unscalable("no viewBox, and no width and height in absolute units")
    factor = size / max(box.width, box.height)
    return 1.0 if abs(factor - 1) < 1e-9 else factor


def read_segments(tree: Node) -> None:
    """Read the data of paths, polylines and polygons; what cannot be read stays as it is."""
    for node in tree.walk():
        try:
            if node.name == "path" and "d" in node.attributes:
                node.segments = parsed(node.attributes["d"])
            elif node.name in ("polyline", "polygon") and "points" in node.attributes:
                points = numbers(node.attributes["points"].strip())
                node.segments = polygon(points, closed=node.name == "polygon")
        except ValueError:
            continue


def _drop_off_canvas(tree: Node) -> None:
    """Drop shapes that lie outside the viewBox, stroke and all."""
    view = extents.window(tree)
    if view is None:
        return
    lost: dict[Node, set[Node]] = {}
    for part in extents.parts(tree):
        if not part.plain or part.node.target:
            continue
        box = extents.bounds(part, view)
        if box is not None and box.common(view) is None:
            lost.setdefault(part.parent, set()).add(part.node)
    for parent, nodes in lost.items():
        parent.children = [child for child in parent.children if child not in nodes]
