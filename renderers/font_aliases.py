"""Installed fonts under the family names that resvg looks for.

resvg sets "sans-serif" in Arial, and what names no installed family in Times New Roman. Where those are absent
the text is left out without a word, and its Python binding cannot be told of other families. So it is handed
copies of installed fonts whose name table says "Arial": table directory and name table are rewritten, and the
tables that hold outlines, weight and slant stay as they are (OpenType specification 1.9, "Font file" and
"name"). fontTools would do the same in ten times the time.
"""

from __future__ import annotations

import mmap
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from renderers.fonts import Fonts

KNOWN_FAMILIES = {
    "serif": ("Times New Roman", "Times", "Georgia"),
    "sans-serif": ("Arial", "Helvetica", "Helvetica Neue", "Verdana", "Tahoma", "Trebuchet MS", "Sans"),
    "monospace": ("Courier New", "Courier", "Consolas", "Menlo", "Monaco"),
    "cursive": ("Comic Sans MS",),
    "fantasy": ("Impact",),
}
"""Families that drawings name without carrying them, by the generic family that stands for them.

The first of each is what resvg takes for the generic family itself (fontdb 0.23, ``Database::new``), and the
first serif one also for families that are not installed. "Sans" is Inkscape's default.
"""

_FAMILY, _FULL_NAME, _POSTSCRIPT_NAME, _TYPOGRAPHIC_FAMILY = 1, 4, 6, 16  # name IDs
_WINDOWS, _UNICODE_BMP, _ENGLISH = 3, 1, 0x0409  # platform, encoding, language of a name record
_NORMAL_WIDTH = 5  # usWidthClass; narrower and wider faces are drawn only when asked for by name
_WEIGHTS = (400, 700)  # usWeightClass: what "normal" and "bold" ask for
_ITALIC_BIT, _OBLIQUE_BIT = 1 << 0, 1 << 9  # of fsSelection


@dataclass(frozen=True, slots=True)
class _Face:
    """One face of a font file: a .ttf or .otf holds one, a .ttc several.

    Attributes:
        version: the first four bytes, which tell TrueType outlines from others.
        tables: offset in the file and length by tag.
        families: names that the face goes by.
        weight: usWeightClass, 1 to 1000.
        width: usWidthClass, 1 to 9.
        slanted: italic or oblique.
    """

    path: Path
    version: bytes
    tables: dict[bytes, tuple[int, int]]
    families: frozenset[str]
    weight: int
    width: int
    slanted: bool


def aliased_faces(fonts: Fonts) -> list[bytes]:
    """Font files for resvg in which installed faces go by the names of those that it misses.

    For the families of :data:`KNOWN_FAMILIES` that are not installed: the regular, bold and slanted faces of the
    family that ``fonts.generic_families()`` names. Files that cannot be read are passed over. Empty where nothing
    is missing, or no font is installed.

    resvg must have been given ``fonts.files()`` one by one: where it looks for the fonts of the system itself, it
    takes other defaults than these from the configuration of fontconfig.
    """
    faces = [face for path in fonts.files() for face in _faces(path)]
    installed = frozenset().union(*(face.families for face in faces))
    aliases: dict[str, list[str]] = {}
    for generic, family in fonts.generic_families().items():
        missing = (name for name in KNOWN_FAMILIES[generic] if name not in installed)
        aliases.setdefault(family, []).extend(missing)
    return [_renamed(face, names) for family, names in aliases.items() if names for face in _style_set(faces, family)]


def family_files(fonts: Fonts) -> dict[str, Path]:
    """The font file of every installed family, and of every known one that another stands for: its plainest face.

    For backends that are handed one font per name. The generic families come first, and "serif" before all.
    """
    faces = sorted((face for path in fonts.files() for face in _faces(path)), key=_distance_from_regular)
    files: dict[str, Path] = {}
    for face in faces:
        for family in face.families:
            files.setdefault(family, face.path)
    stand_ins = {
        name: files[family]
        for generic, family in fonts.generic_families().items()
        for name in (generic, *KNOWN_FAMILIES[generic])
        if family in files and name not in files
    }
    return stand_ins | files


def _distance_from_regular(face: _Face) -> tuple[bool, int, int]:
    return face.slanted, abs(face.width - _NORMAL_WIDTH), abs(face.weight - _WEIGHTS[0])


def _style_set(faces: list[_Face], family: str) -> list[_Face]:
    """One face per weight and slant: those that "normal", "bold" and "italic" ask for, or else the first."""
    of_family = [face for face in faces if family in face.families]
    usual = [face for face in of_family if face.width == _NORMAL_WIDTH and face.weight in _WEIGHTS]
    return list({(face.weight, face.slanted): face for face in reversed(usual or of_family[:1])}.values())


def _faces(path: Path) -> Iterator[_Face]:
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            starts: tuple[int, ...] = (0,)
            if data[:4] == b"ttcf":
                (count,) = struct.unpack_from(">8xL", data)
                starts = struct.unpack_from(f">{count}L", data, 12)
            for start in starts:
                yield _face(path, data, start)
    except (OSError, ValueError, struct.error):  # absent, empty, cut, or no font at all
        return


def _face(path: Path, data: mmap.mmap, start: int) -> _Face:
    """The face whose table directory begins at ``start``. Raises struct.error and ValueError where there is none."""
    version, count = struct.unpack_from(">4sH", data, start)
    tables = {}
    for index in range(count):
        tag, _, offset, length = struct.unpack_from(">4sLLL", data, start + 12 + 16 * index)
        tables[tag] = (offset, length)
    if b"name" not in tables:
        raise ValueError(f"{path} is no font: it has no names")
    weight, width, slanted = _WEIGHTS[0], _NORMAL_WIDTH, False
    if b"OS/2" in tables:
        at = tables[b"OS/2"][0]
        weight, width = struct.unpack_from(">HH", data, at + 4)
        (selection,) = struct.unpack_from(">H", data, at + 62)
        slanted = bool(selection & (_ITALIC_BIT | _OBLIQUE_BIT))
    return _Face(path, version, tables, _families(data, tables[b"name"][0]), weight, width, slanted)


def _families(data: mmap.mmap, at: int) -> frozenset[str]:
    """Family names, in all languages, in the name table that begins at ``at``."""
    count, strings = struct.unpack_from(">2xHH", data, at)
    found = set()
    for index in range(count):
        platform, _, _, name, length, offset = struct.unpack_from(">6H", data, at + 6 + 12 * index)
        if name in (_FAMILY, _TYPOGRAPHIC_FAMILY):
            begin = at + strings + offset
            encoding = "mac_roman" if platform == 1 else "utf-16-be"
            found.add(data[begin : begin + length].decode(encoding, "replace"))
    return frozenset(found)


def _renamed(face: _Face, families: list[str]) -> bytes:
    """A font file of the face under other family names."""
    source = face.path.read_bytes()
    tables = {tag: source[offset : offset + length] for tag, (offset, length) in face.tables.items()}
    tables[b"name"] = _name_table(families)
    offset = 12 + 16 * len(tables)
    directory = [struct.pack(">4sHHHH", face.version, len(tables), 0, 0, 0)]  # the zeros speed up nobody's search
    contents = []
    for tag, content in sorted(tables.items()):
        directory.append(struct.pack(">4sLLL", tag, 0, offset, len(content)))
        contents.append(content + bytes(-len(content) % 4))
        offset += len(contents[-1])
    return b"".join(directory + contents)


def _name_table(families: list[str]) -> bytes:
    """A name table that gives a face several family names, all of which fontdb finds it by."""
    names = [(_FAMILY, families[0]), (_FULL_NAME, families[0]), (_POSTSCRIPT_NAME, families[0].replace(" ", ""))]
    names += [(_TYPOGRAPHIC_FAMILY, family) for family in families]
    records, strings = b"", b""
    for name, text in names:
        encoded = text.encode("utf-16-be")
        records += struct.pack(">6H", _WINDOWS, _UNICODE_BMP, _ENGLISH, name, len(encoded), len(strings))
        strings += encoded
    return struct.pack(">HHH", 0, len(names), 6 + len(records)) + records + strings
