"""A conformance suite on disk: SVGs with reference pictures.

A suite is laid out as that of resvg: ``tests/CATEGORY/**/NAME.svg`` beside ``NAME.png``, and the only fonts that
are used in ``fonts``; or it is any folder with such pairs.
"""

from __future__ import annotations

import base64
import mimetypes
import re
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from renderers.base import RenderError

_ALL = "all"
_PICTURE = re.compile(rb"""<(?:image|feImage)\b[^<>]*?\bhref\s*=\s*(["'])(?P<name>[^"'#:]+)\1""")
_GZIPPED = {".svgz": "image/svg+xml"}


class SuiteError(RenderError):
    """A folder that is no conformance suite; the message says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Case:
    """An SVG and its reference.

    Attributes:
        id: its path in the suite without suffix.
        category: the first folder of that path, "all" where there is none.
        svg: its file.
        reference: the PNG file beside it.
        size: of the reference, width and height in pixels.
        incomplete: whether the SVG shows a picture file that the suite does not hold.
    """

    id: str
    category: str
    svg: Path
    reference: Path
    size: tuple[int, int]
    incomplete: bool


@dataclass(frozen=True, slots=True)
class Suite:
    """What a folder holds.

    Attributes:
        folder: it.
        cases: ordered by id.
        fonts: folder of the fonts to use, None for those of the system.
        without_reference: SVGs that have no PNG beside them, and so are no cases.
    """

    folder: Path
    cases: tuple[Case, ...]
    fonts: Path | None
    without_reference: tuple[Path, ...]

    @property
    def incomplete(self) -> list[str]:
        """Ids of the cases that show a picture file which the suite does not hold."""
        return [case.id for case in self.cases if case.incomplete]

    def document(self, case: Case) -> bytes:
        """The SVG of a case, with the picture files of the suite that it shows embedded.

        No renderer is ever let read a file, so a test of an ``<image>`` in another file would test only that.
        Files outside the suite, and what is inside those that are embedded, stay as they are.
        """

        def embedded(found: re.Match[bytes]) -> bytes:
            file = _file(self.folder, case.svg, found)
            if file is None:
                return found[0]
            kind = _GZIPPED.get(file.suffix) or mimetypes.guess_type(file.name)[0] or "application/octet-stream"
            data = b"data:" + kind.encode() + b";base64," + base64.b64encode(file.read_bytes())
            start, end = (offset - found.start() for offset in found.span("name"))
            return found[0][:start] + data + found[0][end:]

        return _PICTURE.sub(embedded, case.svg.read_bytes())


def read_suite(folder: Path) -> Suite:
    """The suite in a folder.

    Raises:
        SuiteError: it holds no pair of an SVG and a PNG, or a PNG that is none.
    """
    if not folder.is_dir():
        raise SuiteError(f"{folder} is no folder; give that of a conformance suite.")
    root = folder / "tests" if (folder / "tests").is_dir() else folder
    cases: list[Case] = []
    alone: list[Path] = []
    for svg in sorted(root.rglob("*.svg")):
        reference = svg.with_suffix(".png")
        if not reference.is_file():
            alone.append(svg)
            continue
        inside = svg.relative_to(root)
        pictures = _PICTURE.finditer(svg.read_bytes())
        cases.append(
            Case(
                id=inside.with_suffix("").as_posix(),
                category=inside.parts[0] if len(inside.parts) > 1 else _ALL,
                svg=svg,
                reference=reference,
                size=_size(reference),
                incomplete=any(_file(folder, svg, picture) is None for picture in pictures),
            )
        )
    if not cases:
        raise SuiteError(
            f"{folder} holds {len(alone)} SVG files, none with its reference beside it; a suite is made of pairs "
            "NAME.svg and NAME.png, in it or in its folder 'tests'."
        )
    fonts = folder / "fonts"
    return Suite(folder, tuple(cases), fonts if fonts.is_dir() else None, tuple(alone))


def _file(folder: Path, svg: Path, found: re.Match[bytes]) -> Path | None:
    """The file in ``folder`` that an SVG shows as a picture; None where there is none."""
    file = (svg.parent / found["name"].decode("utf-8", "replace")).resolve()
    return file if file.is_relative_to(folder.resolve()) and file.is_file() else None


def _size(reference: Path) -> tuple[int, int]:
    try:
        with Image.open(reference, formats=("PNG",)) as image:
            return image.size
    except (OSError, Image.DecompressionBombError) as error:
        raise SuiteError(f"{reference} cannot be read as the PNG picture of a reference: {error}") from error
