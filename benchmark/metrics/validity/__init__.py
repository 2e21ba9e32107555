"""Captions that are none or are damaged: found, counted and shown, never cleaned away.

One module per family of problems, one function per kind; its docstring says what it finds and what it must not find.
:func:`problems` asks all of them. Every check takes time that is linear in the length of the caption.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from benchmark.metrics.validity.code import colour_code, file_name, path_data, svg_code
from benchmark.metrics.validity.cuts import cut_at_end, cut_in_front
from benchmark.metrics.validity.echo import KnownPrompt, prompt_echo
from benchmark.metrics.validity.language import other_language, other_script
from benchmark.metrics.validity.placeholders import empty, error_text, refusal
from benchmark.metrics.validity.repetition import looping, one_text_for_many

VERSION = 2
"""Changes when a check does, so that kept counts are made anew."""

FAILED = "failed"
ONE_TEXT = "one text for many"

# A caption of the first kinds is no caption: it is not looked at further.
_NO_CAPTION: dict[str, Callable[[str], bool]] = {"empty": empty, "error text": error_text, "refusal": refusal}
_FLAWS: dict[str, Callable[[str], bool]] = {
    "svg code": svg_code,
    "path data": path_data,
    "colour code": colour_code,
    "file name": file_name,
    "cut in front": cut_in_front,
    "looping": looping,
}
KINDS = (
    *(FAILED, *_NO_CAPTION, "prompt echo", "svg code", "path data", "colour code", "file name"),
    *("cut in front", "cut at end", "looping", "other script", "other language", ONE_TEXT),
)
"""All kinds, in the order in which they are shown."""


def problems(
    captions: Sequence[str],
    references: Sequence[Sequence[str]],
    *,
    failed: Sequence[bool],
    cut: Sequence[bool],
    prompt: str = "",
) -> list[tuple[str, ...]]:
    """The kinds of problems of each caption of one captioner, () for a sound one.

    Args:
        captions: one per sample.
        references: those of each sample.
        failed: whether rendering or captioning failed; what did is not looked at.
        cut: whether the captioner says that its token limit ended the caption.
        prompt: what the captioner was asked, "" where it is not known.
    """
    asked = KnownPrompt(prompt)
    found: list[set[str]] = [
        {FAILED} if gone else {kind for kind, check in _NO_CAPTION.items() if check(caption)}
        for caption, gone in zip(captions, failed, strict=True)
    ]
    rest = [i for i, kinds in enumerate(found) if not kinds]
    texts = [captions[i] for i in rest]
    spoken = [reference for some in references for reference in some]
    together = {
        "cut at end": cut_at_end(texts),
        "other script": other_script(texts, spoken),
        "other language": other_language(texts, spoken),
        ONE_TEXT: one_text_for_many(texts, [references[i] for i in rest]),
    }
    for position, i in enumerate(rest):
        found[i] |= {kind for kind, check in _FLAWS.items() if check(captions[i])}
        found[i] |= {kind for kind, holds in together.items() if holds[position]}
        found[i] |= {"prompt echo"} if prompt_echo(captions[i]) or asked.is_echoed(captions[i]) else set()
        found[i] |= {"cut at end"} if cut[i] else set()
    return [tuple(kind for kind in KINDS if kind in kinds) for kinds in found]


def counts(found: Iterable[Sequence[str]]) -> dict[str, int]:
    """Kind -> captions that have it, in the order of :data:`KINDS`; without those that none has."""
    times = Counter(kind for kinds in found for kind in kinds)
    return {kind: times[kind] for kind in KINDS if times[kind]}


def invalid(found: Iterable[Sequence[str]]) -> int:
    """Captions with a problem of their own; to be one text for many is one of all captions together."""
    return sum(any(kind != ONE_TEXT for kind in kinds) for kinds in found)
