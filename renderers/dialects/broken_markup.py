"""What makes a text no well-formed XML, or no SVG, although the whole drawing is there: one function each."""

from __future__ import annotations

import re
from collections import Counter
from html import escape
from html.entities import html5

from renderers.dialects.markup import (
    NAME_START,
    attributes,
    edit_root,
    edit_start_tags,
    is_empty,
    local_name,
    tags,
    tokens,
)
from renderers.dialects.well_formed import SVG_NAMESPACE

# XML 1.0, section 2.2: no character reference may name these either.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

_STRAY_AMPERSAND = re.compile(r"&(?!#\d++;|#x[\da-fA-F]++;|(?:amp|lt|gt|quot|apos);)(?:(?P<name>[A-Za-z]\w{0,31};))?")
_STRAY_LESS_THAN = re.compile(rf"<(?!{NAME_START}|[/!?])")
# The number of attributes is bounded, as each of them may look like the beginning of such a style itself.
_STYLE_OF_ATTRIBUTES = re.compile(r"""(\sstyle\s*+=\s*+)"((?:[\w:-]++="[^"<>]*+"\s*+;?\s*+){1,64}+)\"""")
_ATTRIBUTE_IN_STYLE = re.compile(r'([\w:-]++)="([^"<>]*+)"')
_PATH_WITHOUT_TAG = re.compile(
    r"""^([ \t]*+)(style=(?:"(?:[\w:-]++="[^"<>\n]*+";?[ ]*+)++"|"[^"<>\n]*+")\s++d="[^"<>]*+"\s*+)/?>""", re.MULTILINE
)
_CONTAINERS = frozenset(("svg", "g", "defs", "symbol", "a", "clipPath", "mask", "pattern", "marker", "switch"))
_SHAPES = frozenset(("path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "use", "image", "stop"))
_SHAPE = re.compile(rf"<(?:[^\s<>/:]++:)?(?:{'|'.join(sorted(_SHAPES))})")
_IN_SHAPES = frozenset(
    ("title", "desc", "metadata", "animate", "animateTransform", "animateMotion", "animateColor", "set")
)

_PREFIX = re.compile(r"[A-Za-z_][\w.-]*+(?=:[A-Za-z_])")
_NAMESPACES = {
    "svg": SVG_NAMESPACE,
    "xlink": "http://www.w3.org/1999/xlink",
    "xhtml": "http://www.w3.org/1999/xhtml",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "cc": "http://creativecommons.org/ns#",
    "dc": "http://purl.org/dc/elements/1.1/",
    "inkscape": "http://www.inkscape.org/namespaces/inkscape",
    "sodipodi": "http://sodipodi.sourceforge.net/DTD/sodipodi-0.dtd",
    "sketch": "http://www.bohemiancoding.com/sketch/ns",
    "serif": "http://www.serif.com/",
}


def without_forbidden_characters(svg: str) -> str:
    """Drop NUL and other characters that no XML may hold; surrogates that belong together become a character."""
    paired = svg.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")
    return _FORBIDDEN.sub("", paired)


def with_lost_tags(svg: str) -> str:
    """Lines with style and path data that lost their ``<path``, directly in a container, where text is not drawn."""
    kept: list[str] = []
    open_names: list[str] = []
    for token in tokens(svg):
        text = token[0]
        if token["name"] and token["slash"]:
            if open_names:
                open_names.pop()
        elif token["name"] and not is_empty(token):
            open_names.append(local_name(token["name"]))
        elif token["text"] and open_names and open_names[-1] in _CONTAINERS and "style=" in text:
            only_paths = not _PATH_WITHOUT_TAG.sub("", text).strip()
            text = _PATH_WITHOUT_TAG.sub(r"\1<path \2/>", text) if only_paths else text
        kept.append(text)
    return "".join(kept)


def with_flat_styles(svg: str) -> str:
    """``style="fill="#080341";stroke="none""``: attributes inside a style attribute become its declarations."""

    def flattened(style: re.Match[str]) -> str:
        declarations = ";".join(f"{name}:{value}" for name, value in _ATTRIBUTE_IN_STYLE.findall(style[2]))
        return f'{style[1]}"{declarations}"'

    if not _STYLE_OF_ATTRIBUTES.search(svg):
        return svg
    return edit_start_tags(svg, lambda _, inside: _STYLE_OF_ATTRIBUTES.sub(flattened, inside))


def with_escapes(svg: str) -> str:
    """Escape ``&`` and, in text, ``<`` that begin nothing; write HTML's named characters as characters."""

    def escaped(ampersand: re.Match[str]) -> str:
        name = ampersand["name"] or ""  # with its semicolon
        return escape(html5[name]) if name in html5 else f"&amp;{name}"

    open_sections = svg.count("]]>") > svg.count("<![CDATA[")
    if not (open_sections or _STRAY_AMPERSAND.search(svg) or _STRAY_LESS_THAN.search(svg)):
        return svg
    kept = []
    for token in tokens(svg):
        text = token[0]
        if token["text"] and len(text) > 1:
            text = text.replace("<", "&lt;").replace("]]>", "]]&gt;")
        if "&" in text and (token["text"] or token["name"]):
            text = _STRAY_AMPERSAND.sub(escaped, text)
        kept.append(text)
    return "".join(kept)


def without_duplicates(svg: str) -> str:
    """Keep the first of several attributes with one name, as HTML does (HTML, section 13.2.5.33)."""

    def edited(_: str, inside: str) -> str:
        seen: set[str] = set()
        kept, position = [], 0
        for attribute in attributes(inside):
            if attribute["name"] in seen:
                kept.append(inside[position : attribute.start()].rstrip())
                position = attribute.end()
            seen.add(attribute["name"])
        return "".join(kept) + inside[position:]

    return edit_start_tags(svg, edited)


def duplicate_doubts(svg: str) -> tuple[str, ...]:
    """The flag "conflicting-attributes" where attributes of one name in one tag have different values."""
    for tag in tags(svg):
        if not tag["slash"]:
            values: dict[str, str] = {}
            for attribute in attributes(tag["inside"]):
                value = attribute["value"][1:-1]
                if values.setdefault(attribute["name"], value) != value:
                    return ("conflicting-attributes",)
    return ()


def with_closed_shapes(svg: str) -> str:
    """Close shapes that were left open, ``<path d="…">``, where the next tag cannot be inside a shape."""
    if not _SHAPE.search(svg):
        return svg
    kept: list[str] = []
    position = 0
    open_names: list[str] = []
    counts: Counter[str] = Counter()

    def leave() -> str:
        name = open_names.pop()
        counts[name] -= 1
        return name

    for tag in tags(svg):
        name = tag["name"]
        closed = []
        if not tag["slash"]:
            if open_names and local_name(open_names[-1]) in _SHAPES and local_name(name) not in _IN_SHAPES:
                closed.append(leave())
            if not is_empty(tag):
                open_names.append(name)
                counts[name] += 1
        elif counts[name]:
            while open_names[-1] != name and local_name(open_names[-1]) in _SHAPES:
                closed.append(leave())
            if open_names[-1] == name:
                leave()
        if closed:
            start = tag.start("tag")
            kept += [svg[position:start], *(f"</{shape}>" for shape in closed)]
            position = start
    return "".join(kept) + svg[position:] if kept else svg


def without_extra_end_tags(svg: str) -> str:
    """Drop end tags of elements that are not open."""
    kept: list[str] = []
    position = 0
    counts: Counter[str] = Counter()
    for tag in tags(svg):
        name = tag["name"]
        if not tag["slash"]:
            if not is_empty(tag):
                counts[name] += 1
        elif counts[name]:
            counts[name] -= 1
        else:
            kept.append(svg[position : tag.start("tag")])
            position = tag.end()
    return "".join(kept) + svg[position:] if kept else svg


def with_declared_prefixes(svg: str) -> str:
    """Declare, on the root, prefixes that are used without a declaration: xlink, and those of editors."""
    used: dict[str, None] = {}
    for tag in tags(svg):
        if tag["slash"] or ":" not in tag["tag"]:
            continue
        for name in (tag["name"], *(attribute["name"] for attribute in attributes(tag["inside"]))):
            if ":" in name and (prefix := _PREFIX.match(name)):
                used[prefix[0]] = None

    def edited(inside: str) -> str:
        declared = {attribute["name"] for attribute in attributes(inside)}
        missing = [name for name in used if name not in ("xml", "xmlns") and f"xmlns:{name}" not in declared]
        added = "".join(f' xmlns:{name}="{_NAMESPACES.get(name, f"urn:undeclared:{name}")}"' for name in missing)
        return added + inside

    return edit_root(svg, edited)
