"""What an SVG is mended of before anything reads it: a table of small rules, each recorded by its name.

Well-formed SVG with valid values passes as it is, byte for byte: each rule first looks for its deviation, and works
on tags and style sheets only, so that text, comments and CDATA may hold anything. What is cut off is never
invented, and what could mean two things is flagged and left.

Not repaired, on purpose:

- a missing viewBox beside a width and height, and sizes of 100 % beside a viewBox: both are valid, and
  :func:`renderers.size.intrinsic_size` tells every backend what they mean;
- a missing viewBox without width and height: any value would be a guess; flagged as "no-size";
- negative radii of arcs: the specification says what is drawn; flagged;
- capitals in colour names: valid; see :mod:`renderers.dialects.colour_names`;
- a plain DOCTYPE and references to other files: :mod:`renderers.safety` removes them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple
from xml.parsers.expat import errors

from renderers.base import InvalidSvg, TruncatedSvg, UnsafeSvg
from renderers.dialects import broken_markup, doubts, line_dialect
from renderers.dialects import values as dialect_values
from renderers.dialects.entities import expand_entities
from renderers.dialects.markup import is_empty, line_of, tokens
from renderers.dialects.surroundings import without_surroundings
from renderers.dialects.well_formed import SVG_NAMESPACE, Syntax, check
from renderers.limits import Limits

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Repaired:
    """An SVG, mended.

    Attributes:
        svg: the document; the very text that was given where nothing had to be done.
        repairs: names of the rules that changed it, in order.
        flags: names of what is doubtful and was left as it is.
    """

    svg: str
    repairs: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()


class Clues(NamedTuple):
    """What is found in a text before the rules are asked; the same for all of them, as looking takes time.

    Attributes:
        syntax: what a parser makes of it.
        odd_values: whether some value, of whatever property, looks as if it were not valid.
    """

    syntax: Syntax
    odd_values: bool


class Rule(NamedTuple):
    """One repair.

    Attributes:
        name: what it is recorded as.
        suspects: whether a text may need it; must be cheap, and may be wrong about texts that do not.
        mend: the text without the deviation; the same text where there is none.
        doubts: flags of a text that was suspected, before it is mended.
    """

    name: str
    suspects: Callable[[str, Clues], object]
    mend: Callable[[str], str]
    doubts: Callable[[str], tuple[str, ...]] | None = None


# Both begin with one plain character, which is searched fast. An attribute is odd when its value is not quoted, or
# begins with a blank, a name and "=", or a word or number where a colour stands; a declaration likewise.
_ODD_ATTRIBUTE = re.compile(
    r"""=(?:[^"'\s=]|["'\s](?:\s|[a-z][a-z-]*+=|None|null|[\d(+.-](?<=(?:fill|roke|olor)=..)))"""
)
_ODD_DECLARATION = re.compile(r":\s*+(?:\(?\s*+[+-]?[\d.]++[\s,]++[+-]?[\d.]|None|null)")
_LOST_TAG = re.compile(r'>\s*+style="')


def _clues(svg: str) -> Clues:
    return Clues(check(svg), bool(_ODD_ATTRIBUTE.search(svg) or _ODD_DECLARATION.search(svg)))


def _broken(_svg: str, clues: Clues) -> bool:
    return clues.syntax.broken


def _odd_values(_svg: str, clues: Clues) -> bool:
    return clues.odd_values


def _lines(svg: str, clues: Clues) -> bool:
    return clues.syntax.broken and bool(line_dialect.starts(svg))


def _entities(svg: str, clues: Clues) -> bool:
    return not clues.syntax.readable and "<!ENTITY" in svg


def _duplicates(_svg: str, clues: Clues) -> bool:
    return clues.syntax.problem in (errors.XML_ERROR_DUPLICATE_ATTRIBUTE, errors.XML_ERROR_UNBOUND_PREFIX)


def _unknown_prefix(_svg: str, clues: Clues) -> bool:
    return clues.syntax.problem == errors.XML_ERROR_UNBOUND_PREFIX


def _other_namespace(_svg: str, clues: Clues) -> bool:
    """Whether the namespace of the root is missing, or recognisably meant to be that of SVG."""
    namespace = clues.syntax.namespace
    if namespace == SVG_NAMESPACE or clues.syntax.root != "svg":
        return False
    return not namespace or re.fullmatch(r"https?://(?:www\.)?w3\.org/\d{4}/svg/?", namespace) is not None


# A parser stops at the first problem. The rules for whatever it may be stand first; after them, the first problem
# that is left tells whether a rule for attributes can help.
_MARKUP_RULES = (
    Rule("forbidden-characters", _broken, broken_markup.without_forbidden_characters),
    Rule("surrounding-text", _broken, without_surroundings),
    Rule("line-dialect", _lines, line_dialect.to_svg),
    Rule("entities", _entities, expand_entities),
    Rule("lost-path-tag", lambda svg, _: _LOST_TAG.search(svg), broken_markup.with_lost_tags),
    Rule("nested-style", _broken, broken_markup.with_flat_styles),
    Rule("unescaped-characters", _broken, broken_markup.with_escapes),
    Rule("unclosed-shapes", _broken, broken_markup.with_closed_shapes),
    Rule("extra-end-tags", _broken, broken_markup.without_extra_end_tags),
    Rule("duplicate-attributes", _duplicates, broken_markup.without_duplicates, broken_markup.duplicate_doubts),
    Rule("undeclared-prefixes", _unknown_prefix, broken_markup.with_declared_prefixes),
)
_VALUE_RULES = (
    Rule("xmlns", _other_namespace, dialect_values.svg_namespace),
    Rule("viewbox-case", lambda svg, _: "viewbox=" in svg, dialect_values.viewbox_case),
    Rule("repeated-attribute-name", _odd_values, dialect_values.repeated_names),
    Rule("equals-for-colon", _odd_values, dialect_values.equals_for_colon),
    Rule("bare-rgb", _odd_values, dialect_values.bare_rgb, dialect_values.rgb_doubts),
    Rule("none-keyword", _odd_values, dialect_values.none_keyword),
)
RULES = _MARKUP_RULES + _VALUE_RULES
"""All repairs, in the order in which they are tried."""

_OF_DIALECTS = frozenset(("line-dialect", "nested-style", "repeated-attribute-name", "bare-rgb", "none-keyword"))
"""Repairs after which paths are looked at for what the same programs are known to have spoilt."""

# What takes time to look at: at most as often as in two tags, a style, and as much again in comments.
_MARKS = ("<", "&", "style=")
_MARKS_PER_ELEMENT = 4


def repair(svg: str, limits: Limits = Limits()) -> Repaired:
    """Mend an SVG, or say why it cannot be mended.

    Raises:
        TruncatedSvg: the end is missing; the message says where the text ends.
        InvalidSvg: this is no SVG, or broken in a way that leaves open what was meant.
        UnsafeSvg: the text is larger than ``limits.bytes``, or has many more tags than ``limits.elements``.
    """
    _hold(svg, limits)
    text, clues = svg, _clues(svg)
    repairs: list[str] = []
    flags: list[str] = []
    for rule in RULES:
        if rule is _VALUE_RULES[0] and clues.syntax.broken:
            raise _why_broken(text, clues.syntax)  # values make no document of it
        if not rule.suspects(text, clues):
            continue
        if rule.doubts:
            flags += rule.doubts(text)
        mended = rule.mend(text)
        if mended != text:
            repairs.append(rule.name)
            text, clues = mended, _clues(mended)
    if repairs:
        _hold(text, limits)
    flags += doubts.size_doubts(text)
    if "..." in text:
        flags += doubts.cut_doubts(text)
    if _OF_DIALECTS.intersection(repairs):
        flags += doubts.path_doubts(text)
    return Repaired(text if repairs else svg, tuple(repairs), tuple(dict.fromkeys(flags)))


def _hold(svg: str, limits: Limits) -> None:
    size = len(svg.encode("utf-8", "surrogatepass"))
    if size > limits.bytes:
        raise UnsafeSvg(f"the SVG has {size:,} bytes; at most {limits.bytes:,} are drawn")
    most = _MARKS_PER_ELEMENT * limits.elements
    for mark in _MARKS if size > most else ():
        if (marks := svg.count(mark)) > most:
            raise UnsafeSvg(f"the SVG has {marks:,} times {mark!r}; at most {most:,} are read")


def _why_broken(svg: str, syntax: Syntax) -> InvalidSvg:
    """What is still wrong after all repairs: cut off, or broken."""
    open_names: list[str] = []
    last = None
    for token in tokens(svg):
        if token["text"]:
            continue
        last = token
        if not (name := token["name"]):
            continue
        if not token["slash"]:
            if token["end"] and not is_empty(token):
                open_names.append(name)
        elif not open_names or open_names.pop() != name:
            open_names.clear()
            break  # wrongly nested: what is open at the end says nothing
    whole = last is None or last["end"] or last[0].endswith((">" if last["doctype"] else "-->", "]]>", "?>"))
    tag_open = "" if last is None or whole else last[0]
    where = f"the SVG is cut off: it ends on line {line_of(svg, len(svg.rstrip()))}"
    if tag_open:
        return TruncatedSvg(f"{where} in the middle of {tag_open[:60]!r}")
    if open_names and "svg" in open_names[0]:
        names = "".join(f"<{name}>" for name in open_names[:8])
        return TruncatedSvg(f"{where} before the end of {names}{'…' if len(open_names) > 8 else ''}")
    if syntax.problem:
        return InvalidSvg(f"not well-formed XML: line {syntax.line}: {syntax.problem}")
    return InvalidSvg(f"the root element is <{syntax.root}>, and there is no <svg> in it")
