"""Fonts for the backends that find theirs through fontconfig: librsvg, libcairo, browsers, Inkscape.

A folder of fonts becomes a configuration file that names this folder and no other, and the families that stand
for the generic ones. The fonts of the system are left to the system's own configuration.
"""

from __future__ import annotations

import functools
import os
from pathlib import Path
from xml.sax.saxutils import escape

from renderers.base import RenderError
from renderers.font_aliases import KNOWN_FAMILIES
from renderers.fonts import Fonts
from renderers.kept_files import kept_file, kept_folder

VARIABLE = "FONTCONFIG_FILE"
"""Environment variable by which fontconfig finds its configuration."""

_FOLDER = "svg-caption-bench-fontconfig"  # a name that tells our configurations from the user's own

_used: list[Fonts] = []  # at most one: fontconfig reads its configuration once per process


def configuration(fonts: Fonts) -> Path | None:
    """A configuration file for :data:`VARIABLE` of a process that shall see these fonts only.

    None for the fonts of the system: no variable, no file. Raises RenderError where the file cannot be written.
    """
    return None if fonts.folder is None else _configuration(fonts.folder)


def use(fonts: Fonts) -> None:
    """Let fontconfig in this process find these fonts; costs nothing when they are in use already.

    Raises RenderError where other fonts are in use in this process: fontconfig would go on with those.
    """
    if _used:
        if _used[0] != fonts:
            raise RenderError(
                f"this process draws with {_described(_used[0])} and cannot change to {_described(fonts)}, "
                "as fontconfig reads its configuration once; draw in another process, as a RenderPool does"
            )
        return
    path = configuration(fonts)
    if path is not None:
        os.environ[VARIABLE] = str(path)
    elif Path(os.environ.get(VARIABLE, "")).parent.name == _FOLDER:
        del os.environ[VARIABLE]  # inherited from a process that draws with a folder
    _used.append(fonts)


def _described(fonts: Fonts) -> str:
    return "the fonts of the system" if fonts.folder is None else f"the fonts in {fonts.folder}"


@functools.cache
def _configuration(folder: Path) -> Path:
    try:
        place = kept_folder(_FOLDER)
        return kept_file(_text(folder, place / "cache").encode(), place, ".conf")
    except OSError as error:
        raise RenderError(f"the configuration of the fonts in {folder} cannot be written: {error}") from error


def _text(folder: Path, cache: Path) -> str:
    """The configuration: fonts.conf(5). What names no installed family is set in the serif one, as by browsers."""
    families = Fonts(folder).generic_families()
    aliases = [_alias(generic, family) for generic, family in families.items()]
    aliases += [_alias(name, family) for generic, family in families.items() for name in KNOWN_FAMILIES[generic]]
    last_resort = f"""<match target="pattern"><edit name="family" mode="append_last" binding="weak"><string>{
        escape(families.get("serif", "serif"))
    }</string></edit></match>"""
    return "\n".join(
        (
            '<?xml version="1.0"?>',
            "<fontconfig>",
            f"<dir>{escape(str(folder.resolve()))}</dir>",
            f"<cachedir>{escape(str(cache))}</cachedir>",
            *aliases,
            last_resort,
            "</fontconfig>\n",
        )
    )


def _alias(name: str, family: str) -> str:
    """``family`` stands for ``name`` wherever no font of that very name is installed."""
    return (
        f'<alias binding="same"><family>{escape(name)}</family>'
        f"<accept><family>{escape(family)}</family></accept></alias>"
    )
