"""Which fields of the user's records hold the drawing, the captions, the id, the group and the split."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmark.datasets import kinds
from benchmark.datasets.columns import Columns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from benchmark.datasets.formats.source import Record

LOOKED_AT = 100
"""How many of the first records the detection looks at."""

_SVG = ("svg", "svg_code", "svg_text", "xml", "xml_content")
_SVG_IF_DRAWN = ("code", "input", "text")
_SVG_IF_PATH = ("svg_file", "svg_path", "file_name", "filename", "path")
_CAPTIONS = ("captions", "references", "caption", "reference", "ground_truth", "description")
_PREDICTIONS = (
    *("prediction", "pred", "hypothesis", "generated_caption", "generated", "response"),
    *("caption", "captions", "description"),
)
_CAPTIONS_IF_PROSE = ("output", "label", "text")
_ID = ("id", "image_id", "key", "name", "filename", "file_name", "uid")
_GROUP = ("group", "category", "class")
_SPLIT = ("split",)
_SPLIT_IF_KNOWN = ("subset", "partition")


@dataclass(frozen=True, slots=True)
class Fields:
    """Field names by role, "" or () for none: what a user asks for, or what was chosen.

    ``captions`` may be several fields, read in this order.
    """

    svg: str = ""
    captions: tuple[str, ...] = ()
    id: str = ""
    group: str = ""
    split: str = ""

    def __str__(self) -> str:
        parts = [f"drawings from {self.svg!r}"] if self.svg else []
        parts.append(f"captions from {', '.join(map(repr, self.captions))}")
        parts.append(f"ids from {self.id!r}" if self.id else "ids made of the source's name and the position")
        parts += [f"groups from {self.group!r}"] if self.group else []
        parts += [f"splits from {self.split!r}"] if self.split else []
        return "; ".join(parts)


def asked_fields(
    *,
    svg: str | None = None,
    captions: Iterable[str] = (),
    id: str | None = None,
    group: str | None = None,
    split: str | None = None,
) -> Fields:
    """What a user asks for; an item of ``captions`` may name several fields, separated by commas."""
    names = (name.strip() for item in captions for name in item.split(","))
    return Fields(svg or "", tuple(filter(None, names)), id or "", group or "", split or "")


def sample_fields(head: Sequence[Record], asked: Fields) -> Fields:
    """The fields of samples: those asked for, otherwise those with a usual name whose values fit the role.

    Names that at least half of the records have come before the others. Case, ``-``, ``_`` and blanks make no
    difference. A generic name (``code``, ``text``, ``output``) is taken only where its values look like
    drawings or like prose. Without an id field, ``id`` stays "".

    Args:
        head: the first records, at least one.
        asked: the fields that the user names.

    Raises:
        UserError: no field holds drawings or captions, or a field that is asked for is not there; lists those
            that are.
    """
    columns = Columns.of(head)
    svg = columns.named(asked.svg, "--svg-field") or (
        columns.first(_SVG, kinds.is_text)
        or columns.first(_SVG_IF_DRAWN, kinds.is_drawn)
        or columns.first(_SVG_IF_PATH, kinds.is_path)
    )
    if not svg:
        raise columns.none("drawings", _SVG + _SVG_IF_DRAWN + _SVG_IF_PATH, "--svg-field")
    captions = _captions(columns, asked, svg, _CAPTIONS)
    return _with_the_rest(columns, asked, svg, captions, likely_id=kinds.is_scalar)


def caption_fields(
    head: Sequence[Record],
    asked: Fields,
    *,
    predictions: bool = False,
    likely_id: Callable[[object], bool] = kinds.is_scalar,
) -> Fields:
    """The fields of captions without drawings; otherwise as :func:`sample_fields`, but an id field is needed.

    Args:
        head: the first records, at least one.
        asked: the fields that the user names.
        predictions: look for the names that models' captions have, not for those of references.
        likely_id: which values tell the right one of several fields that may hold the id.
    """
    columns = Columns.of(head)
    names, option = (_PREDICTIONS, "--prediction-field") if predictions else (_CAPTIONS, "--caption-field")
    captions = _captions(columns, asked, "", names, option)
    fields = _with_the_rest(columns, asked, "", captions, likely_id)
    if not fields.id:
        raise columns.none("ids", _ID, "--id-field")
    return fields


def _captions(
    columns: Columns, asked: Fields, svg: str, names: Sequence[str], option: str = "--caption-field"
) -> tuple[str, ...]:
    if asked.captions:
        return tuple(columns.named(name, option) for name in asked.captions)
    others = columns.without(svg)
    found = [(others.first([name], kinds.is_captions), *others.numbered(name)) for name in names]
    found.append((others.first(_CAPTIONS_IF_PROSE, kinds.is_prose),))
    found = [tuple(filter(None, group)) for group in found if any(group)]
    if not found:
        raise columns.none("captions", (*names, *_CAPTIONS_IF_PROSE), option)
    return next((group for group in found if any(map(others.is_common, group))), found[0])


def _with_the_rest(
    columns: Columns, asked: Fields, svg: str, captions: tuple[str, ...], likely_id: Callable[[object], bool]
) -> Fields:
    others = columns.without(*captions)
    split = others.first(_SPLIT, kinds.is_text) or others.first(_SPLIT_IF_KNOWN, kinds.is_known_split)
    usual_id = others.first(_ID, likely_id) or others.first(_ID, kinds.is_scalar)
    return Fields(
        svg=svg,
        captions=captions,
        id=columns.named(asked.id, "--id-field") or usual_id,
        group=columns.named(asked.group, "--group-field") or others.first(_GROUP, kinds.is_scalar),
        split=columns.named(asked.split, "--split-field") or split,
    )
