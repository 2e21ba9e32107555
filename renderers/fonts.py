"""Which fonts are installed, as far as a renderer must know it.

Font files are found by walking the folders in which systems keep them; families are read with FreeType
(through Pillow) from the few files that are needed. Where no font is found, ``generic_families`` is empty and
resvg leaves out all text.
"""

from __future__ import annotations

import functools
import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import ImageFont

if TYPE_CHECKING:
    from collections.abc import Iterable

_FOLDERS = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "~/.fonts",
    "~/.local/share/fonts",
    "/System/Library/Fonts",
    "/Library/Fonts",
    "~/Library/Fonts",
    "C:/Windows/Fonts",
)
_SUFFIXES = (".ttf", ".otf", ".ttc")

# In order of preference: what Linux distributions install by default, then the fonts of macOS and Windows.
_SERIF = (
    "dejavuserif.ttf",
    "liberationserif-regular.ttf",
    "notoserif-regular.ttf",
    "freeserif.ttf",
    "times.ttf",
)
_SANS = ("dejavusans.ttf", "liberationsans-regular.ttf", "notosans-regular.ttf", "freesans.ttf", "arial.ttf")
_MONO = (
    "dejavusansmono.ttf",
    "liberationmono-regular.ttf",
    "notosansmono-regular.ttf",
    "freemono.ttf",
    "cour.ttf",
)


@functools.cache
def font_files() -> tuple[Path, ...]:
    """All font files in the usual folders, ordered by path."""
    return tuple(
        sorted(
            Path(folder, name)
            for root in _FOLDERS
            for folder, _, names in os.walk(os.path.expanduser(root))  # noqa: PTH111 - does without a home directory
            for name in names
            if name.lower().endswith(_SUFFIXES)
        )
    )


@functools.cache
def generic_families() -> dict[str, str]:
    """Installed families for "serif", "sans" and "mono"; empty where no font can be read.

    A generic family without a preferred font gets a family that was found for another one, so that its text
    is drawn in some font rather than not at all.
    """
    by_name = {path.name.lower(): path for path in font_files()}
    found = {
        generic: family
        for generic, names in (("serif", _SERIF), ("sans", _SANS), ("mono", _MONO))
        if (family := _first_family([by_name[name] for name in names if name in by_name]))
    }
    some = next(iter(found.values()), "") or _first_family(font_files())
    return {generic: found.get(generic, some) for generic in ("serif", "sans", "mono")} if some else {}


@functools.cache
def fonts_digest() -> str:
    """Eight hex digits that change when font files come or go, "none" without any: text depends on them."""
    names = "\n".join(path.name for path in font_files())
    return hashlib.sha256(names.encode("utf-8", "surrogateescape")).hexdigest()[:8] if names else "none"


def _first_family(paths: Iterable[Path]) -> str:
    for path in paths:
        try:
            family = ImageFont.truetype(path).getname()[0]
        except OSError:
            continue
        if family:
            return family
    return ""
