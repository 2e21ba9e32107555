"""What an SVG file says of itself."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from lxml import etree

from captioners.base import CAPTIONERS, Answer, Baseline, Drawing

# Ids that editors write or that every file of a collection has say nothing about the drawing.
_MEANINGLESS = frozenset(
    re.findall(
        r"\w+",
        "svg svgroot emoji icon layer layers group color colors colour line lines path paths shape shapes rect circle "
        "ellipse polygon hair skin shadow background defs metadata base namedview use text tspan gradient clippath "
        "mask pattern filter image",
    )
)
_MAX_WORDS = 20


@CAPTIONERS.register("svg-metadata")
class SvgMetadata(Baseline):
    """The first that the file has of: title, desc, aria-label, ids that hold words. Empty when it has none."""

    name = "svg-metadata"
    summary = "title, desc, aria-label or ids, in that order: what the file says of itself"
    reads = "svg"

    def fingerprint(self) -> Mapping[str, object]:
        return {"version": self.version, "order": ["title", "desc", "aria-label", "id"]}

    def caption(self, drawings: Sequence[Drawing]) -> list[Answer]:
        return [Answer(metadata_caption(drawing.svg)) for drawing in drawings]


def metadata_caption(svg: str) -> str:
    """The caption that ``svg`` holds; "" when it holds none or is not well-formed."""
    parser = etree.XMLParser(encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, recover=True)
    try:
        root = etree.fromstring(svg.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:
        root = None
    if root is None:
        return ""
    elements = [element for element in root.iter() if isinstance(element.tag, str)]
    for name in ("title", "desc"):
        for element in elements:
            if etree.QName(element).localname == name and (text := _text(element)):
                return text
    for element in elements:
        if text := _one_line(element.get("aria-label", "")):
            return text
    words = dict.fromkeys(word for element in elements for word in _words(element.get("id", "")))
    return " ".join(list(words)[:_MAX_WORDS])


def _words(identifier: str) -> Iterator[str]:
    """The words in an id such as ``redCar_front-2``, without numbers and editors' words."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", identifier)
    for word in re.findall(r"[^\W\d_]{3,}", spaced):
        if word.lower() not in _MEANINGLESS:
            yield word.lower()


def _text(element: etree._Element) -> str:
    """The text of an element and those in it; entities, which may be bombs, stay as they are and count for nothing."""
    return _one_line("".join(map(str, element.itertext(etree.Element))))


def _one_line(text: str) -> str:
    return " ".join(text.split())
