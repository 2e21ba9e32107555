"""Which fonts text is set in.

Font files are found by walking a folder, or the folders in which systems keep them; families are read with
FreeType (through Pillow) from the few files that are needed. A backend is told which families stand for the
generic ones ("sans-serif"), so that no text vanishes for want of Arial.
"""

from __future__ import annotations

import functools
import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from PIL import ImageFont

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
_PREFERRED = {
    "serif": (
        "dejavuserif.ttf",
        "liberationserif-regular.ttf",
        "notoserif-regular.ttf",
        "freeserif.ttf",
        "times.ttf",
    ),
    "sans-serif": (
        "dejavusans.ttf",
        "liberationsans-regular.ttf",
        "notosans-regular.ttf",
        "freesans.ttf",
        "arial.ttf",
    ),
    "monospace": (
        "dejavusansmono.ttf",
        "liberationmono-regular.ttf",
        "notomono-regular.ttf",
        "notosansmono-regular.ttf",
        "freemono.ttf",
        "cour.ttf",
    ),
    "cursive": ("yellowtail-regular.ttf", "comic neue-regular.ttf", "comic.ttf", "applechancery.ttf"),
    "fantasy": ("sedgwickavedisplay-regular.ttf", "impact.ttf", "papyrus.ttc"),
}
# What stands in for a generic family that has no preferred font here.
_STAND_IN = {"cursive": "sans-serif", "fantasy": "sans-serif"}


@dataclass(frozen=True, slots=True)
class Fonts:
    """The fonts of a folder, or those of the system.

    Attributes:
        folder: its fonts and no others are used; None for those of the system.
    """

    folder: Path | None = None

    def files(self) -> tuple[Path, ...]:
        """All font files, ordered by path."""
        return _font_files(self.folder)

    def generic_families(self) -> dict[str, str]:
        """Installed families for "serif", "sans-serif", "monospace", "cursive" and "fantasy".

        Empty where no font can be read. A generic family without a preferred font gets a family that was found
        for another one, so that its text is drawn in some font rather than not at all.
        """
        return _generic_families(self.folder)

    def digest(self) -> str:
        """Eight hex digits that change when font files come or go, "none" without any: text depends on them."""
        names = "\n".join(path.name for path in self.files())
        return hashlib.sha256(names.encode("utf-8", "surrogateescape")).hexdigest()[:8] if names else "none"


@functools.cache
def _font_files(folder: Path | None) -> tuple[Path, ...]:
    roots = _FOLDERS if folder is None else (str(folder),)
    return tuple(
        sorted(
            Path(place, name)
            for root in roots
            for place, _, names in os.walk(os.path.expanduser(root))  # noqa: PTH111 - does without a home directory
            for name in names
            if name.lower().endswith(_SUFFIXES)
        )
    )


@functools.cache
def _generic_families(folder: Path | None) -> dict[str, str]:
    files = _font_files(folder)
    by_name = {path.name.lower(): path for path in files}
    found = {
        generic: family
        for generic, names in _PREFERRED.items()
        if (family := _first_family(by_name[name] for name in names if name in by_name))
    }
    some = found.get("serif") or next(iter(found.values()), "") or _first_family(files)
    if not some:
        return {}
    return {generic: found.get(generic) or found.get(_STAND_IN.get(generic, ""), some) for generic in _PREFERRED}


def _first_family(paths: Iterable[Path]) -> str:
    for path in paths:
        try:
            family = ImageFont.truetype(path).getname()[0]
        except OSError:
            continue
        if family:
            return family
    return ""
