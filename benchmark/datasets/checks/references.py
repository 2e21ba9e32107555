"""References that nobody would have written on purpose."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

from benchmark.datasets.checks.finding import Finding
from benchmark.metrics.validity.cuts import dangling
from benchmark.metrics.validity.echo import prompt_echo
from benchmark.metrics.validity.placeholders import empty, error_text, refusal

References = Mapping[str, Sequence[str]]

_NOUN = r"(images?|pictures?|drawings?|icons?|photos?|illustrations?|graphics?|sketch|svg|logo)"
_VERB = r"(?:depicts?|shows?|contains?|displays?|features?|presents?|represents?|illustrates?|consists?|is|are|of)"
_ARTICLE = r"(?:(?:the|an?|this) )?"
_SAME_NOUN = re.compile(rf"{_ARTICLE}{_NOUN} {_VERB} {_ARTICLE}\1 {_VERB}\b")
_SAME_WORDS = re.compile(r"((?:\w+ ){2,5})\1")
_BEGINNING, _SHOWN = 200, 40  # characters
_MANY = 5
_MANY_SHARE = 0.01
_LONG = 10  # words


def blank(references: References) -> list[str]:
    """Ids of the references that are empty or only punctuation; no metric finds a word in them."""
    return [id for id, text in _each(references) if empty(text)]


def doubled_beginnings(references: References) -> list[str]:
    """Ids of the references that begin twice: "The image depicts the image contains …", "a drawing of a drawing of".

    The mark of a prefix that was put before a text that had one. Not "a picture of a picture frame", nor "a photo of a
    drawing of a cat".
    """
    return [id for id, text in _each(references) if _begins_twice(text)]


def duplicates(references: References) -> list[str]:
    """Ids of the samples that have one reference twice; case, blanks and punctuation make no difference.

    Metrics that average over references count it twice.
    """
    return [id for id, texts in references.items() if len({_plain(text) for text in texts}) < len(texts)]


def shared(references: References) -> dict[str, int]:
    """The references that five samples or more and a hundredth of all have, with how many; most frequent first.

    A captioner that always says such a text is right that often. Of texts of ten words or more two samples are many:
    nobody writes them twice.
    """
    samples: dict[str, set[str]] = defaultdict(set)
    for id, text in _each(references):
        samples[_plain(text)].add(id)
    least = max(_MANY, _MANY_SHARE * len(references))
    many = {
        text: len(ids)
        for text, ids in samples.items()
        if text and len(ids) >= (2 if text.count(" ") >= _LONG - 1 else least)
    }
    return dict(sorted(many.items(), key=lambda item: -item[1]))


def cut(references: References) -> list[str]:
    """Ids of the references whose end is missing: "with the", "as follows:"."""
    return [id for id, text in _each(references) if not empty(text) and dangling(text)]


def no_descriptions(references: References) -> list[str]:
    """Ids of the references that are an error message, a refusal or a prompt: a model wrote them."""
    return [id for id, text in _each(references) if error_text(text) or refusal(text) or prompt_echo(text)]


def findings(references: References) -> list[Finding]:
    """What all checks of this module found."""
    total = sum(map(len, references.values()))
    often = [f"{_shortened(text)!r} ({count} samples)" for text, count in shared(references).items()]
    return [
        *Finding.of("references are empty or only punctuation", blank(references), total),
        *Finding.of("references begin twice", doubled_beginnings(references), total),
        *Finding.of("references lack their end", cut(references), total),
        *Finding.of("references are an error, a refusal or a prompt", no_descriptions(references), total),
        *Finding.of("samples have a reference twice", duplicates(references), len(references)),
        *Finding.of("references stand for several samples", often, total),
    ]


def _each(references: References) -> list[tuple[str, str]]:
    return [(id, text) for id, texts in references.items() for text in texts]


def _shortened(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _begins_twice(text: str) -> bool:
    words = _plain(text[:_BEGINNING])
    return bool(_SAME_NOUN.match(words) or _SAME_WORDS.match(words))


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))
