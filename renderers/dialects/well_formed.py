"""Whether a text is an SVG document: one pass of expat, a hundredth of what drawing takes."""

from __future__ import annotations

import re
from typing import NamedTuple
from xml.parsers import expat

SVG_NAMESPACE = "http://www.w3.org/2000/svg"

# What may stand before a DOCTYPE, and the DOCTYPE up to its end or its internal subset.
_BEFORE_DOCTYPE = re.compile(r"\ufeff?+(?:\s++|<!--.*?-->|<\?.*?\?>)*+", re.DOTALL)
_DOCTYPE = re.compile(r"""<!DOCTYPE(?:[^\["'<>]|"[^"]*+"|'[^']*+')*+[\[>]""")


class Syntax(NamedTuple):
    """What a parser makes of a text.

    Attributes:
        problem: why it is not well-formed XML; "" when it is.
        line: of the problem.
        root: local name of the root element, "" where there is none.
        namespace: of the root element.
        readable: false for a DOCTYPE with an internal subset, where entities can be declared: not parsed.
        broken: whether this is no well-formed document with an ``<svg>`` root, as far as it was read.
    """

    problem: str = ""
    line: int = 0
    root: str = ""
    namespace: str = ""
    readable: bool = True
    broken: bool = False


def doctype(svg: str) -> re.Match[str] | None:
    """The DOCTYPE before the root element; it ends in "[" where an internal subset follows."""
    if "<!DOCTYPE" not in svg:
        return None
    before = _BEFORE_DOCTYPE.match(svg)
    return before and _DOCTYPE.match(svg, before.end())


def check(svg: str) -> Syntax:
    """Parse a text, as if it had no DOCTYPE: an external DTD, which would excuse unknown entities, is never read."""
    declared = doctype(svg)
    if declared and declared[0].endswith("["):
        return Syntax(readable=False)
    if declared:
        svg = svg[: declared.start()] + re.sub(r"[^\n]", " ", declared[0]) + svg[declared.end() :]
    parser = expat.ParserCreate(namespace_separator=" ")
    roots: list[str] = []

    def take_root(name: str, _attributes: dict[str, str]) -> None:
        roots.append(name)
        parser.StartElementHandler = None  # one call instead of one for each element

    parser.StartElementHandler = take_root
    problem, line = "", 0
    try:
        parser.Parse(svg, True)
    except expat.ExpatError as error:
        problem, line = expat.ErrorString(error.code) or "unknown error", error.lineno
    except UnicodeEncodeError as error:
        problem, line = "half a surrogate pair", svg.count("\n", 0, error.start) + 1
    namespace, _, root = roots[0].rpartition(" ") if roots else ("", "", "")
    return Syntax(problem, line, root, namespace, broken=bool(problem) or root != "svg")
