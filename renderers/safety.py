"""What every SVG goes through before a backend sees it: bounds, and no reference that leaves the document.

Backends are not to be trusted with hostile input: some read local files that an ``href`` names even when they
are given a string, deep nesting overflows their stack, and entities let a kilobyte of text grow to gigabytes.
"""

from __future__ import annotations

import io
from typing import NoReturn

from lxml import etree

from renderers.base import InvalidSvg, UnsafeSvg
from renderers.encoding import decode
from renderers.hazards.bounds import Tally, hold
from renderers.hazards.expansion import MULTIPLYING, hold_work
from renderers.hazards.prolog import secure_prolog
from renderers.hazards.references import References
from renderers.hazards.tokens import hold_lists
from renderers.hazards.uses import local_name
from renderers.hazards.work import Work
from renderers.limits import Limits

_SVG_NAMESPACE = "http://www.w3.org/2000/svg"
_NO_LIMITS = Limits()


def secure(svg: str, limits: Limits = _NO_LIMITS) -> tuple[str, tuple[str, ...]]:
    """The SVG without anything that reaches outside of it, and names of what was removed.

    A DOCTYPE, style sheet instructions, ``xml:base``, and references (``href``, ``src``, CSS ``url()`` and
    ``@import``) that are neither ``#…`` nor ``data:…`` are removed, in the SVG and in the SVG pictures that it
    embeds; so are embedded pictures that are none. Text that needs no change comes back as it was, the same
    object.

    Raises:
        UnsafeSvg: a limit is exceeded, or the DOCTYPE has an internal subset, where entities are declared.
        InvalidSvg: not well-formed, or the root element is not ``<svg>``.
    """
    secured, changes, _ = _secured(svg, limits, Tally(), 0)
    return secured, changes


def _secured(svg: str, limits: Limits, tally: Tally, nesting: int) -> tuple[str, tuple[str, ...], Work]:
    """As :func:`secure`, for a document inside ``nesting`` others; also the work of drawing it."""
    try:
        tally.bytes += len(svg) if svg.isascii() else len(svg.encode())
    except UnicodeEncodeError as error:
        raise InvalidSvg(f"the SVG holds half a surrogate pair at character {error.start}") from error
    hold(limits, "bytes", tally.bytes, "bytes")
    svg, changes = secure_prolog(svg)
    root = _parsed(svg, limits)
    elements = list(root.iter(etree.Element))
    tally.elements += len(elements)
    hold(limits, "elements", tally.elements, "elements")
    most = max(len(element.attrib) for element in elements)
    hold(limits, "attributes", most, "attributes in one element")
    if tally.bytes > min(limits.path_tokens, limits.total_path_tokens, limits.characters):
        hold_lists(elements, limits, tally)
    references = _references(limits, tally, nesting)
    references.secure(elements)
    work = Work(elements=len(elements))
    if references.pictures or "filter" in svg or not MULTIPLYING.isdisjoint(map(local_name, elements)):
        work = hold_work(root, elements, references.pictures, limits)
    if references.changes:
        svg = etree.tostring(root.getroottree(), encoding="unicode")
    return svg, tuple(dict.fromkeys(changes + references.changes)), work


def _references(limits: Limits, tally: Tally, nesting: int) -> References:
    def open_svg(content: bytes) -> tuple[str | None, Work]:
        hold(limits, "nesting", nesting + 1, "levels of SVG documents inside each other or more")
        text, _ = decode(content, limits)
        secured, changes, work = _secured(text, limits, tally, nesting + 1)
        references.changes += changes
        return secured if changes else None, work

    references = References(limits, open_svg)
    return references


def _parsed(svg: str, limits: Limits) -> etree._Element:
    """The root element of a document whose parts are within bounds."""
    # Every element has a "<", and every one with children an "</" of its own: most documents need no counting.
    if svg.count("<") <= limits.elements and svg.count("</") < limits.depth:
        parser = etree.XMLParser(
            encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True
        )
        try:
            root = etree.fromstring(svg.encode(), parser)
        except etree.XMLSyntaxError as error:
            _refuse(parser.error_log, error)
        _check_root(root)
    else:
        root = _counted(svg, limits)
    # Not expected after the prolog was secured, but nothing less than certainty will do for entities.
    if root.getroottree().docinfo.internalDTD is not None:
        raise UnsafeSvg("the SVG has a DOCTYPE in a place or form that cannot be removed safely")
    return root


def _counted(svg: str, limits: Limits) -> etree._Element:
    """The root element of a large document; reading stops where a limit is exceeded."""
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
            hold(limits, "elements", elements, "elements or more")
            hold(limits, "depth", depth, "levels of nesting or more")
    except etree.XMLSyntaxError as error:
        _refuse(events.error_log, error)
    root: etree._Element = events.root
    return root


def _check_root(root: etree._Element) -> None:
    name = etree.QName(root)
    if name.localname != "svg" or name.namespace not in (None, _SVG_NAMESPACE):
        where = f" of the namespace {name.namespace}" if name.namespace else ""
        raise InvalidSvg(f"the root element is <{name.localname}>{where}, not an <svg>")


def _refuse(log: etree._ListErrorLog, error: etree.XMLSyntaxError) -> NoReturn:
    # The exception itself knows no line where the tree was left unfinished; the parser's log does.
    problems = log.filter_from_errors()
    if not len(problems) or problems[0].message.strip() == "Document is empty":
        raise InvalidSvg("there is no SVG: the text is empty or holds no element") from error
    if "depth" in problems[0].message:  # the type of this error differs between versions of libxml2
        raise UnsafeSvg(f"the SVG is beyond what the XML parser reads: {problems[0].message.strip()}") from error
    raise InvalidSvg(f"not well-formed XML: line {problems[0].line}: {problems[0].message.strip()}") from error
