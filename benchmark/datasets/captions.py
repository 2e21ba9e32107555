"""Captions without drawings: references, or the captions of a model made elsewhere, by id."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmark.datasets import values
from benchmark.datasets.fields import LOOKED_AT, Fields, asked_fields
from benchmark.datasets.fields import caption_fields as detect_fields
from benchmark.datasets.kinds import is_scalar
from benchmark.datasets.problems import Problems
from benchmark.datasets.records import peek, read_records
from benchmark.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from benchmark.datasets.formats.source import Record

_CUT: dict[str, object] = {"finish_reason": "length", "stop_reason": "max_tokens", "cut": True}


@dataclass(frozen=True, slots=True)
class Captioned:
    """The captions of one id, as they stand, and the record in which the id stands first."""

    record: Record
    texts: list[str]


def read_captions(
    path: Path,
    *,
    id_field: str | None = None,
    caption_fields: Iterable[str] = (),
    max_errors: int = 1,
    allow_empty: bool = False,
    split: str = "all",
    note: Callable[[str], None] = lambda _: None,
) -> dict[str, tuple[str, ...]]:
    """Captions by id, in the order of the source; those of a repeated id are joined.

    Args:
        path: any source that :func:`benchmark.datasets.records.read_records` reads.
        id_field: the field with the id; by default found by its name.
        caption_fields: the fields with captions, each item one or several separated by commas; found by
            their names by default.
        max_errors: how many errors are shown at once.
        allow_empty: read predictions instead of references. The fields looked for are those of predictions
            (``prediction``, ``hypothesis``, ``caption``, …); captions are kept as they stand, null as "".
        split: only the captions of this split, where the source names splits; "all" for every one.
        note: told which fields were chosen.

    Returns:
        References without surrounding blanks, blank ones left out and repeated ones kept, at least one per
        id; or predictions.

    Raises:
        UserError: names file, place and field.
    """
    asked = asked_fields(captions=caption_fields, id=id_field)
    problems = Problems(max_errors)
    fields, by_id = gather(path, asked, problems, predictions=allow_empty, split=split)
    note(f"{path.name}: {fields}")
    found: dict[str, tuple[str, ...]] = {}
    for name, entry in by_id.items():
        if allow_empty:
            found[name] = tuple(entry.texts)
            continue
        try:
            found[name] = tuple(values.not_blank(entry.record, fields.captions[0], entry.texts))
        except UserError as error:
            problems.add(error)
    problems.raise_any()
    return found


def read_hypotheses(
    path: Path,
    *,
    id_field: str | None = None,
    caption_field: str | None = None,
    max_errors: int = 1,
    note: Callable[[str], None] = lambda _: None,
) -> dict[str, str]:
    """A model's captions, one per id; an empty one is a caption. Raises UserError, also for a second caption."""
    asked = (caption_field,) if caption_field else ()
    found = read_captions(
        path, id_field=id_field, caption_fields=asked, max_errors=max_errors, allow_empty=True, note=note
    )
    if repeated := [id for id, captions in found.items() if len(captions) > 1]:
        raise UserError(
            f"{path} holds {len(found[repeated[0]])} captions for the sample {repeated[0]!r} "
            f"({len(repeated)} such samples). A captioner answers once: keep one caption per sample."
        )
    return {id: captions[0] for id, captions in found.items()}


def read_cut(path: Path, *, id_field: str | None = None, caption_field: str | None = None) -> frozenset[str]:
    """The ids of the predictions that say that a token limit ended them.

    They say so by ``finish_reason`` "length" (OpenAI, vLLM), ``stop_reason`` "max_tokens" (Anthropic) or ``cut`` true
    (this program). The file is one that :func:`read_hypotheses` has read. Raises UserError.
    """
    asked = asked_fields(captions=(caption_field,) if caption_field else (), id=id_field)
    _, by_id = gather(path, asked, Problems(1), predictions=True)
    return frozenset(id for id, entry in by_id.items() if any(entry.record.data.get(k) == v for k, v in _CUT.items()))


def gather(
    path: Path,
    asked: Fields,
    problems: Problems,
    *,
    predictions: bool = False,
    likely_id: Callable[[object], bool] = is_scalar,
    split: str = "all",
) -> tuple[Fields, dict[str, Captioned]]:
    """The fields that were chosen, and the captions by id, unchecked but for their types.

    Raises:
        UserError: no field fits; what is wrong with single records goes to ``problems``.
    """
    head, records = peek(read_records(path), LOOKED_AT)
    fields = detect_fields(head, asked, predictions=predictions, likely_id=likely_id)
    by_id: dict[str, Captioned] = {}
    for record in problems.until_broken(records):
        try:
            names_split = fields.split or record.split
            if split != "all" and names_split and values.split_name(record, fields.split) != split:
                continue
            name = values.id_text(record, fields.id)
            texts = values.captions(record, fields.captions, verbatim=predictions)
        except UserError as error:
            problems.add(error)
            continue
        if predictions and not texts:
            texts = [""]
        by_id.setdefault(name, Captioned(record, [])).texts.extend(texts)
    return fields, by_id
