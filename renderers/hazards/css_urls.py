"""References in CSS: found as a browser would find them, and replaced where they are not wanted.

Tokens follow CSS Syntax Level 3: escapes in names and targets are decoded ("\\75rl(" is "url("), and strings
and comments are tokens too, so that no quote in a comment hides a URL.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

Judge = Callable[[str, str], str | None]
"""Takes a target and its kind, "url" or "import"; returns the target as it may stay, or None."""


def _spelled(name: str) -> str:
    """A pattern for ``name`` with any of its letters escaped."""
    letters = []
    for letter in name:
        codes = f"{ord(letter):x}|{ord(letter.upper()):x}"
        escaped = rf"\\0{{0,4}}(?:{codes})(?:\r\n|[ \t\r\n\f])?"
        plain = "" if letter in "abcdef-" else rf"|\\{letter}"
        letters.append(rf"(?:{letter}|{escaped}{plain})")
    return "".join(letters)


# Every token, once begun, matches up to the end of the text at the latest and gives nothing back, so that no
# text takes quadratic time.
_STRING = r"""(?:"(?:[^"\\\n\r\f]|\\(?:\r\n|.)?)*+"?|'(?:[^'\\\n\r\f]|\\(?:\r\n|.)?)*+'?)"""
_COMMENT = r"/\*.*?(?:\*/|\Z)"
_URL = rf"{_spelled('url')}\((?:\s*+{_STRING})?(?:[^)\\]|\\.?)*+\)?"
_IMAGE_SET = rf"(?:{_spelled('image-set')}|{_spelled('src')})\((?:{_URL}|{_STRING}|type\([^)]*+\)|[^)])*+\)?"
_IMPORT = rf"@{_spelled('import')}(?:{_COMMENT}|{_STRING}|{_URL}|[^;])*+;?"
# The one rule that names a URL and fetches nothing; in its plainest form, which hides nothing else.
_NAMESPACE = r"@namespace\s+(?:[\w-]+\s+)?(?:url\([^\s()\"'\\;{}]*\)|\"[^\"\\\n;{}]*\"|'[^'\\\n;{}]*')\s*;"
_TOKEN = re.compile(
    rf"{_COMMENT}|{_STRING}|(?P<url>{_URL})|(?P<images>{_IMAGE_SET})|{_NAMESPACE}|(?P<imported>{_IMPORT})",
    re.IGNORECASE | re.DOTALL,
)
_TARGET = re.compile(
    rf"{_COMMENT}|type\([^)]*+\)|{_spelled('url')}\(\s*+(?P<quoted>{_STRING})"
    rf"|{_spelled('url')}\((?P<bare>(?:[^)\\]|\\.?)*+)|(?P<string>{_STRING})",
    re.IGNORECASE | re.DOTALL,
)
_HINT = re.compile(r"url|import|image-set|src|\\", re.IGNORECASE)
_ESCAPE = re.compile(r"\\(?:([0-9a-f]{1,6})(?:\r\n|[ \t\r\n\f])?|(\r\n|[\n\r\f])|(.)|\Z)", re.IGNORECASE | re.DOTALL)


def secure_css(css: str, judge: Judge) -> str:
    """``css`` with references that ``judge`` rejects taken out: ``url()`` becomes ``none``, ``@import`` nothing."""
    if not _HINT.search(css):
        return css

    def secured(token: re.Match[str]) -> str:
        if token["url"]:
            target = next(_targets(token["url"]), "")
            kept = judge(target, "url")
            return token[0] if kept == target else "none" if kept is None else f'url("{quoted(kept)}")'
        if token["images"]:
            return token[0] if _all_stay(token["images"], "url", judge) else "none"
        if token["imported"]:
            return token[0] if _all_stay(token["imported"], "import", judge) else ""
        return token[0]

    return _TOKEN.sub(secured, css)


def unescaped(text: str) -> str:
    """``text`` with the escapes of CSS decoded."""
    return _ESCAPE.sub(_decoded, text) if "\\" in text else text


def quoted(text: str) -> str:
    """``text`` so escaped that it may stand between double quotes."""
    return re.sub(r"[\"\\\n\r\f]", lambda match: f"\\{ord(match[0]):x} ", text)


def _all_stay(css: str, kind: str, judge: Judge) -> bool:
    return all(judge(target, kind) == target for target in _targets(css))


def _targets(css: str) -> Iterator[str]:
    for found in _TARGET.finditer(css):
        string = found["quoted"] or found["string"]
        if string:
            closed = len(string) > 1 and string[-1] == string[0]
            yield unescaped(string[1 : -1 if closed else None])
        elif found["bare"] is not None:
            yield unescaped(found["bare"].strip())


def _decoded(escape: re.Match[str]) -> str:
    if not escape[1]:
        return escape[3] or ""
    code = int(escape[1], 16)
    return chr(code) if 0 < code < 0xD800 or 0xDFFF < code < 0x110000 else "\ufffd"
