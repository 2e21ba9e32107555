"""Values that no specification allows but whose meaning is plain: the SVG of scripts and language models."""

from __future__ import annotations

import re

from renderers.dialects.css_values import COLOURS, edit_values
from renderers.dialects.markup import attributes, edit_attributes, edit_root, edit_start_tags

_MARKERS = ("marker", "marker-start", "marker-mid", "marker-end")
# Properties for which "none" means something; elsewhere "None" is as invalid as any other word.
_WITH_NONE = frozenset(
    ("fill", "stroke", "stroke-dasharray", "display", "filter", "mask", "clip-path", *_MARKERS),
)
_NOTHING = frozenset(("None", "null"))

_INTEGER = r"([+-]?\d{1,9})"
_BETWEEN = r"(?:\s*+,\s*+|\s++)"
_TRIPLE = re.compile(_BETWEEN.join((_INTEGER,) * 3))
_NUMBERS = re.compile(r"[+-]?[\d.]++(?:[\s,]++[+-]?[\d.]++){2,3}")

_REPEATED = ("d", "points", "style", "transform", "fill", "stroke")
# First words of the properties that drawings set: fill, fill-opacity, stroke, stroke-width and so on.
_PROPERTY_FAMILIES = frozenset(
    (
        "clip",
        "color",
        "display",
        "fill",
        "filter",
        "flood",
        "font",
        "marker",
        "mask",
        "opacity",
        "stop",
        "stroke",
        "text",
    )
)
_WITH_EQUALS = re.compile(
    r"""(?P<lead>(?:\A|;)\s*+)(?P<property>[A-Za-z-]++)\s*+=\s*+(?P<value>[^;=:]*+)(?=;|\Z)""",
)


def repeated_names(svg: str) -> str:
    """``d="d=M0,0"``: an attribute's name once more at the start of its value."""

    def shortened(name: str, value: str) -> str:
        return re.sub(rf"\A(?:\s*+{name}=)++", "", value) if name in _REPEATED else value

    return edit_start_tags(svg, lambda _, inside: edit_attributes(inside, shortened))


def equals_for_colon(svg: str) -> str:
    """``style="fill=red;stroke=none"``: known properties with "=" where CSS has ":"."""

    def declared(declaration: re.Match[str]) -> str:
        name, value = declaration["property"], declaration["value"].strip().strip("\"'")
        if name.partition("-")[0] not in _PROPERTY_FAMILIES or value.endswith(".."):
            return declaration[0]
        return f"{declaration['lead']}{name}:{value}"

    def edited(name: str, value: str) -> str:
        return _WITH_EQUALS.sub(declared, value) if name == "style" else value

    return edit_start_tags(svg, lambda _, inside: edit_attributes(inside, edited))


def bare_rgb(svg: str) -> str:
    """``fill:0,51,160``: three whole numbers for a colour; those beyond 0 to 255 are clamped, as CSS does."""
    return edit_values(svg, COLOURS, _rgb)


def _rgb(value: str) -> str:
    triple = _TRIPLE.fullmatch(_without_brackets(value))
    if triple is None:
        return value
    return "rgb({},{},{})".format(*(min(255, max(0, int(number))) for number in triple.groups()))


def _without_brackets(value: str) -> str:
    return value[1:-1].strip() if value[:1] == "(" and value[-1:] == ")" else value


def rgb_doubts(svg: str) -> tuple[str, ...]:
    """Flags of colours made of numbers: "rgb-out-of-range", and "odd-colour" for those that are left as they are."""
    found: dict[str, None] = {}

    def look(value: str) -> str:
        numbers = _without_brackets(value)
        if triple := _TRIPLE.fullmatch(numbers):
            if not all(0 <= int(number) <= 255 for number in triple.groups()):
                found["rgb-out-of-range"] = None
        elif _NUMBERS.fullmatch(numbers):  # fractions of 1, or with an opacity: of 1, of 100 or of 255
            found["odd-colour"] = None
        return value

    edit_values(svg, COLOURS, look)
    return tuple(found)


def none_keyword(svg: str) -> str:
    """``stroke:None`` and ``fill:null``: "nothing", as a program prints it; on the root also ``width="None"``."""

    def without_size(inside: str) -> str:
        for attribute in reversed(list(attributes(inside))):
            if attribute["name"] in ("width", "height") and attribute["value"][1:-1] in _NOTHING:
                inside = inside[: attribute.start()].rstrip() + inside[attribute.end() :]
        return inside

    return edit_root(edit_values(svg, _WITH_NONE, lambda value: "none" if value in _NOTHING else value), without_size)


def viewbox_case(svg: str) -> str:
    """``viewbox="0 0 24 24"``: what tools for HTML, where names have no case, make of viewBox."""

    def edited(_: str, inside: str) -> str:
        names = {attribute["name"]: attribute for attribute in attributes(inside)}
        if "viewBox" in names or "viewbox" not in names:
            return inside
        start = names["viewbox"].start()
        return f"{inside[:start]}viewBox{inside[start + len('viewBox') :]}"

    return edit_start_tags(svg, edited)


def svg_namespace(svg: str) -> str:
    """``<svg>`` without xmlns, or with a misspelt one, which browsers do not take for a drawing."""

    def edited(inside: str) -> str:
        for attribute in attributes(inside):
            if attribute["name"] == "xmlns":
                start, end = attribute.span("value")
                return f'{inside[:start]}"http://www.w3.org/2000/svg"{inside[end:]}'
        return f' xmlns="http://www.w3.org/2000/svg"{inside}'

    return edit_root(svg, edited)
