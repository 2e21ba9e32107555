"""What every SVG goes through before a backend sees it: bounds, and no reference that leaves the document.

Backends are not to be trusted with hostile input: some read local files that an ``href`` names even when they
are given a string, deep nesting overflows their stack, and entities let a kilobyte of text grow to gigabytes.
"""

from __future__ import annotations

import codecs
import io
import re
from typing import TYPE_CHECKING, NoReturn, cast

from lxml import etree

from renderers.base import InvalidSvg, UnsafeSvg

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_BYTES = 10 * 1024 * 1024
MAX_ELEMENTS = 50_000
MAX_DEPTH = 256
MAX_ATTRIBUTES = 1024  # of one element; reading them all takes time that grows with their square
MAX_PATH_DATA = 1024 * 1024
"""Characters in one ``d`` or ``points`` attribute: about 200,000 coordinates."""

_SVG_NAMESPACE = "http://www.w3.org/2000/svg"
_XML_BASE = "{http://www.w3.org/XML/1998/namespace}base"

# A data URL without a comma, or with a "#" before it, is none: resvg takes it for the name of a file, and
# likewise a fragment that climbs out of a folder.
_INTERNAL = re.compile(r"[\x00-\x20]*(?:#(?!.*\.\./)|data:[^,#]*,)", re.IGNORECASE | re.DOTALL)

_DOCTYPE = re.compile(r"""<!DOCTYPE(?:[^\["'>]|"[^"]*"|'[^']*')*+[\[>]""")
_BEFORE_ROOT = re.compile(r"[\s\ufeff]+|<!--.*?-->|<\?.*?\?>", re.DOTALL)
_ENCODING = re.compile(rb"""<\?xml[^>]*?\sencoding\s*=\s*["']([\w.-]+)""")

# Every token, once begun, matches up to the end of the text at the latest and gives nothing back, so that no
# text takes quadratic time; strings and comments are tokens too, so that no quote in a comment hides a URL.
_CSS_STRING = r"""(?:"(?:[^"\\\n\r\f]|\\.?)*+"?|'(?:[^'\\\n\r\f]|\\.?)*+'?)"""
_CSS_COMMENT = r"/\*.*?(?:\*/|\Z)"
_CSS_URL = rf"url\((?:\s*+{_CSS_STRING})?[^)]*+\)?"
_CSS_IMPORT = rf"@import(?:{_CSS_COMMENT}|{_CSS_STRING}|{_CSS_URL}|[^;])*+;?"
_CSS_TOKEN = re.compile(
    rf"{_CSS_COMMENT}|{_CSS_STRING}|(?P<url>{_CSS_URL})|(?P<imported>{_CSS_IMPORT})",
    re.IGNORECASE | re.DOTALL,
)
_CSS_TARGET = re.compile(rf"{_CSS_COMMENT}|url\(\s*+[\"']?([^)]*+)|[\"']([^\"']*+)", re.IGNORECASE | re.DOTALL)


def decode(data: bytes) -> str:
    """The text of an SVG file: by its byte order mark, its XML declaration, or as UTF-8.

    Raises:
        UnsafeSvg: more than ``MAX_BYTES``.
        InvalidSvg: compressed, or not in the encoding that it declares.
    """
    _hold("bytes", len(data), MAX_BYTES)
    if data.startswith(b"\x1f\x8b"):
        raise InvalidSvg("the SVG is compressed with gzip (.svgz); unpack it first: gunzip -S .svgz FILE")
    declared = _ENCODING.match(data)
    if data.startswith(codecs.BOM_UTF8):
        encoding = "utf-8-sig"
    elif data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    else:
        encoding = declared[1].decode() if declared else "utf-8"
    try:
        return data.decode(encoding)
    except LookupError as error:
        raise InvalidSvg(f"the SVG declares an encoding that does not exist: {encoding!r}") from error
    except UnicodeDecodeError as error:
        raise InvalidSvg(f"the SVG is not in {encoding}: byte {error.start} cannot be decoded") from error
    except UnicodeError as error:
        raise InvalidSvg(f"the SVG declares an encoding that cannot be read: {encoding!r}") from error


def secure(svg: str) -> tuple[str, tuple[str, ...]]:
    """The SVG without anything that reaches outside of it, and names of what was removed.

    A DOCTYPE, style sheet instructions, ``xml:base``, and references (``href``, ``src``, CSS ``url()`` and
    ``@import``) that are neither ``#…`` nor ``data:…`` are removed. Text that needs no change comes back as
    it was, byte for byte.

    Raises:
        UnsafeSvg: a bound is exceeded, or the DOCTYPE has an internal subset, where entities are declared.
        InvalidSvg: not well-formed, or the root element is not ``<svg>``.
    """
    try:
        _hold("bytes", len(svg.encode()), MAX_BYTES)
    except UnicodeEncodeError as error:
        raise InvalidSvg(f"the SVG holds half a surrogate pair at character {error.start}") from error
    svg, changes = _secure_prolog(svg)
    root = _parse(svg)
    removed = _remove_references(root)
    if removed:
        svg = etree.tostring(root.getroottree(), encoding="unicode")
    return svg, tuple(dict.fromkeys(changes + removed))


def _hold(what: str, amount: int, limit: int) -> None:
    if amount > limit:
        raise UnsafeSvg(f"the SVG has {amount:,} {what}; at most {limit:,} are drawn")


def _secure_prolog(svg: str) -> tuple[str, list[str]]:
    """The text without DOCTYPE and style sheet instructions; its line numbers stay."""
    kept: list[str] = []
    changes: list[str] = []
    position = 0
    while token := _DOCTYPE.match(svg, position) or _BEFORE_ROOT.match(svg, position):
        text, position = token[0], token.end()
        if text.startswith("<!DOCTYPE"):
            if text.endswith("["):
                raise UnsafeSvg(
                    "the DOCTYPE has an internal subset, which can declare entities; "
                    "write them out first: xmllint --noent --dropdtd FILE"
                )
            changes.append("doctype")
        elif text.startswith("<?xml-stylesheet"):
            changes.append("stylesheet-instruction")
        else:
            kept.append(text)
            continue
        kept.append("\n" * text.count("\n"))
    return ("".join(kept) + svg[position:], changes) if changes else (svg, changes)


def _parse(svg: str) -> etree._Element:
    """The root element of a document within bounds; reading stops where a bound is exceeded."""
    events = etree.iterparse(
        io.BytesIO(svg.encode()),
        events=("start", "end"),
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=True,
    )
    elements = depth = 0
    try:
        for event, element in events:
            if event == "end":
                depth -= 1
                continue
            if not elements:
                _check_root(element)
            elements += 1
            depth += 1
            _hold("elements or more", elements, MAX_ELEMENTS)
            _hold("levels of nesting or more", depth, MAX_DEPTH)
            _hold("attributes in one element", len(element.attrib), MAX_ATTRIBUTES)
            for name in ("d", "points"):
                _hold(f"characters in an attribute {name!r}", len(element.get(name, "")), MAX_PATH_DATA)
    except etree.XMLSyntaxError as error:
        _refuse(events, error)
    root: etree._Element = events.root
    # Not expected after the prolog was secured, but nothing less than certainty will do for entities.
    if root.getroottree().docinfo.internalDTD is not None:
        raise UnsafeSvg("the SVG has a DOCTYPE in a place or form that cannot be removed safely")
    return root


def _check_root(root: etree._Element) -> None:
    name = etree.QName(root)
    if name.localname != "svg" or name.namespace not in (None, _SVG_NAMESPACE):
        where = f" of the namespace {name.namespace}" if name.namespace else ""
        raise InvalidSvg(f"the root element is <{name.localname}>{where}, not an <svg>")


def _refuse(events: etree.iterparse[tuple[str, etree._Element]], error: etree.XMLSyntaxError) -> NoReturn:
    # The exception itself knows no line where the tree was left unfinished; the parser's log does.
    problems = events.error_log.filter_from_errors()
    if len(problems):
        raise InvalidSvg(f"not well-formed XML: line {problems[0].line}: {problems[0].message.strip()}") from error
    raise InvalidSvg("there is no SVG: the text is empty or holds no element") from error


def _remove_references(root: etree._Element) -> list[str]:
    removed: list[str] = []
    for element in root.iter(etree.Element):
        for name, value in cast("list[tuple[str, str]]", element.attrib.items()):
            local_name = name.rpartition("}")[2]
            if name == _XML_BASE:
                del element.attrib[name]
                removed.append("xml-base")
            elif local_name in ("href", "src"):
                if not _INTERNAL.match(value):
                    del element.attrib[name]
                    removed.append(f"external-{local_name}")
            elif "(" in value and (kept := _secure_css(value, removed.append)) != value:
                element.set(name, kept)
        if etree.QName(element).localname == "style":
            css = str(element.xpath("string()"))
            if (kept := _secure_css(css, removed.append)) != css:
                del element[:]
                element.text = kept
    return removed


def _secure_css(css: str, record: Callable[[str], None]) -> str:
    """``css`` with external ``url()`` replaced by ``none`` and external ``@import`` taken out."""

    def secured(token: re.Match[str]) -> str:
        if token["url"] and not _is_internal(token["url"]):
            record("external-url")
            return "none"
        if token["imported"] and not _is_internal(token["imported"]):
            record("external-import")
            return ""
        return token[0]

    return _CSS_TOKEN.sub(secured, css)


def _is_internal(css: str) -> bool:
    """Whether all strings and ``url()`` in ``css`` stay within the document."""
    targets = (target[1] or target[2] for target in _CSS_TARGET.finditer(css))
    return all(_INTERNAL.match(target) for target in targets if target)
