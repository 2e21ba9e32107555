"""What belongs in a file and not in a caption: SVG code, path data, colour codes, names of files."""

from __future__ import annotations

import re

_TAG = (
    r"<\s{0,3}/?\s{0,3}(?:svg|path|rect|circle|ellipse|line|polyline|polygon|g|text|tspan|defs|style|use|image|mask"
    r"|clipPath|linearGradient|radialGradient|stop|symbol|pattern|filter|title|desc)(?=[\s/>]|$)"
)
_SVG_CODE = re.compile(
    rf"{_TAG}|<\?xml\b|\bxmlns\b|\bviewBox\s?=|```\s?(?:svg|xml)\b"
    r"|\b(?:d|style|fill|stroke|stroke-width|points|transform|opacity|cx|cy|rx|ry)\s?=\s?[\"']"
    r"|\bd=\s?M\s?-?\d|\bstyle=\s?\w"
    r"|\b(?:fill|stroke|stroke-width|opacity|fill-opacity)\s?:\s?[\w#.(),]{1,30};",
    re.IGNORECASE,
)
_NUMBER = r"-?\d{1,7}(?:\.\d{1,9})?"
_PATH_DATA = re.compile(
    rf"(?<![^\W\d])[MLCSQTA]\s?{_NUMBER}[\s,]{{1,2}}{_NUMBER}(?:[\s,]{{1,2}}{_NUMBER}){{0,6}}[\s,]{{0,2}}"
    rf"(?:[MLCSQTAHV]\s?-?\d|Z(?![^\W\d]))",
    re.IGNORECASE,
)
_NOT_NUMBERS = re.compile(r"[^\s\d.,;()-]")
_TWO_NUMBERS = re.compile(r"\d[\s,;()-]+\d")

_BYTE = r"(?:25[0-5]|2[0-4]\d|1\d\d|\d{1,2})"
_TRIPLE = rf"{_BYTE}\s?,\s?{_BYTE}\s?,\s?{_BYTE}(?![\d,]|\.\d)"
_COLOUR_CODE = re.compile(
    rf"\brgba?\s?\(\s?\d|(?:\b(?:rgb|fill|stroke|colou?rs?)\W{{1,3}}|#){_TRIPLE}"
    r"|(?<![\d,.])(?:0,0,0|255,255,255)(?![\d,]|\.\d)"
    r"|(?<![\w&])#(?:(?=[a-f]{0,5}\d)[0-9a-f]{6}|([0-9a-f])\1{5}|(?=\d{0,2}[a-f])(?=[a-f]{0,2}\d)[0-9a-f]{3}|fff)\b",
    re.IGNORECASE,
)
_FILE_NAME = re.compile(
    r"(?<=[\w)-])\.(?:svg|png|jpe?g|gif|webp|bmp|tiff?|jsonl?|csv|html?|xml)\b(?![.]\w)|\bhttps?://\w", re.IGNORECASE
)


def svg_code(caption: str) -> bool:
    """Tags, attributes and style declarations of SVG: "<path d=", "stroke-width:1;", a fenced block of XML.

    Not the words of a drawing: "a path through a circle", "The SVG code depicts a tree", "5 < 7".
    """
    return bool(_SVG_CODE.search(caption))


def path_data(caption: str) -> bool:
    """Two path commands in a row with their coordinates ("M2,0 L2,509"), or a caption of nothing but numbers.

    Not a point in a sentence ("from (38, 189) to (66, 91)", "coordinates (M512,465)"), a count ("1, 2, 3 on a dial"),
    a single number ("635") or the name of a thing ("a MiG 29", "A4 paper").
    """
    return bool(_PATH_DATA.search(caption) or (_TWO_NUMBERS.search(caption) and not _NOT_NUMBERS.search(caption)))


def colour_code(caption: str) -> bool:
    """A colour as a file writes it: "RGB(3, 84, 76)", "#FBA252", "fill 0,0,0".

    Not its name, a hash tag ("#dad"), a number with a sign ("#1", "#5000"), a list or a large number ("1,2,3",
    "1,234,200").
    """
    return bool(_COLOUR_CODE.search(caption))


def file_name(caption: str) -> bool:
    """The name of a picture or data file ("icon_12.svg") or a web address ("http://…").

    Not a bare suffix ("a file with .png on it") or a site's name on a sign ("www.example.com").
    """
    return bool(_FILE_NAME.search(caption))
