"""References in a parsed SVG: those that leave the document are taken out, pictures inside it are looked into."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast

from lxml import etree

from renderers.base import InvalidSvg
from renderers.hazards.bounds import hold
from renderers.hazards.css_urls import secure_css
from renderers.hazards.embedded import Data, is_data_url, read_data_url, svg_data_url
from renderers.hazards.work import Work
from renderers.limits import Limits

# A data URL without a comma, or with a "#" before it, is none: resvg takes it for the name of a file, and
# likewise a fragment that climbs out of a folder.
_FRAGMENT = re.compile(r"[\x00-\x20]*#(?!.*\.\./)", re.DOTALL)

_XML_BASE = "{http://www.w3.org/XML/1998/namespace}base"
_LINKS = frozenset(("href", "src"))
_XHTML = "{http://www.w3.org/1999/xhtml}"
_HTML_LINKS = frozenset(("srcset", "poster", "data", "background", "action", "formaction", "ping"))
_ANIMATED = ("to", "from", "by", "values")

OpenSvg = Callable[[bytes], tuple[str | None, Work]]
"""Takes an SVG picture; returns it where it had to be changed, else None, and the work of drawing it.

Raises InvalidSvg for what is no SVG, and UnsafeSvg."""


@dataclass(slots=True)
class References:
    """What is done to the references of one document.

    Attributes:
        limits: on the size of raster pictures.
        open_svg: looks into SVG pictures.
        changes: names of what was removed or changed so far; the tree has changed when there is one.
        pictures: the work of drawing the picture that an element shows.
    """

    limits: Limits
    open_svg: OpenSvg
    changes: list[str] = field(default_factory=list)
    pictures: dict[etree._Element, Work] = field(default_factory=dict)

    def secure(self, elements: list[etree._Element]) -> None:
        """Take out every href, src, CSS ``url()`` and ``@import`` that is neither ``#…`` nor harmless ``data:``.

        Raises UnsafeSvg for a picture beyond the limits.
        """
        for element in elements:
            for name, value in cast("list[tuple[str, str]]", element.items()):
                if name == _XML_BASE:
                    del element.attrib[name]
                    self.changes.append("xml-base")
                elif name in _LINKS or name.endswith(("}href", "}src")):
                    self._link(element, name, value)
                elif "(" in value:
                    self._style(element, name, value)
                elif name in _HTML_LINKS and str(element.tag).startswith(_XHTML):
                    del element.attrib[name]
                    self.changes.append(f"external-{name}")
                elif name == "attributeName" and value.strip().endswith("href"):
                    self._animation(element)
            if str(element.tag).rpartition("}")[2] == "style":
                self._sheet(element)

    def _link(self, element: etree._Element, name: str, value: str) -> None:
        kind = name.rpartition("}")[2]
        kept = self._kept(element, value, f"external-{kind}", is_link=str(element.tag).rpartition("}")[2] == "a")
        if kept is None:
            del element.attrib[name]
        elif kept != value:
            element.set(name, kept)

    def _style(self, element: etree._Element, name: str, value: str) -> None:
        kept = secure_css(value, lambda target, kind: self._kept_in_css(element, target, kind))
        if kept != value:
            element.set(name, kept)

    def _sheet(self, element: etree._Element) -> None:
        css = str(element.xpath("string()")) if len(element) else element.text or ""
        kept = secure_css(css, lambda target, kind: self._kept_in_css(element, target, kind))
        if kept != css:
            del element[:]
            element.text = kept

    def _animation(self, element: etree._Element) -> None:
        """An animated reference may become anything; only fragments stay."""
        for name in _ANIMATED:
            value = element.get(name)
            if value and not all(map(_FRAGMENT.match, filter(None, map(str.strip, value.split(";"))))):
                del element.attrib[name]
                self.changes.append("external-href")

    def _kept_in_css(self, element: etree._Element, target: str, kind: str) -> str | None:
        if kind == "url":
            return self._kept(element, target, "external-url", is_link=True)
        data = read_data_url(target)
        css = data.content.decode("utf-8", "replace") if data else ""
        if data and secure_css(css, lambda target, kind: self._kept_in_css(element, target, kind)) == css:
            return target
        self.changes.append("external-import")
        return None

    def _kept(self, element: etree._Element, target: str, change: str, *, is_link: bool) -> str | None:
        """The target as it may stay, or None. ``is_link``: it may lead to what is no picture, such as a font."""
        if _FRAGMENT.match(target):
            return target
        data = read_data_url(target)
        if data is None:
            self.changes.append("unreadable-picture" if is_data_url(target) else change)
            return None
        return self._kept_data(element, target, data, is_link=is_link)

    def _kept_data(self, element: etree._Element, target: str, data: Data, *, is_link: bool) -> str | None:
        if size := data.raster_size():
            hold(self.limits, "picture_side", max(size), "pixels on one side of an embedded picture")
            self._add(element, Work(pixels=size[0] * size[1]))
            return _lower_case(target)
        if data.may_be_svg:
            try:
                changed, work = self.open_svg(data.content)
            except InvalidSvg:
                pass
            else:
                self._add(element, work)
                return _lower_case(target) if changed is None else svg_data_url(changed)
        if is_link:
            return target
        self.changes.append("unreadable-picture")
        return None

    def _add(self, element: etree._Element, work: Work) -> None:
        self.pictures[element] = self.pictures.get(element, Work()) + work


def _lower_case(url: str) -> str:
    """A data URL as resvg knows it: it takes "DATA:" for the name of a file."""
    start = len(url) - len(url.lstrip())
    return url if url.startswith("data:", start) else "data:" + url[start + 5 :]
