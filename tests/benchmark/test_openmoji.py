from __future__ import annotations

import re
from collections import Counter

import pytest

from benchmark.datasets.openmoji import TEST_SIZE, _proportional, load
from benchmark.samples import Dataset


@pytest.fixture(scope="module")
def openmoji() -> Dataset:
    return load()


def test_the_test_split_has_400_drawings(openmoji: Dataset) -> None:
    sizes = Counter(s.split for s in openmoji.samples)
    assert sizes["test"] == TEST_SIZE == 400
    assert sizes["validation"] == 200


def test_there_is_one_drawing_per_concept_and_so_none_in_two_splits(openmoji: Dataset) -> None:
    gendered = re.compile(r"\b(man|men|woman|women|boy|girl)\b")
    bare = Counter(gendered.sub("", s.references[0].casefold()).strip() for s in openmoji.samples)
    assert {name for name, count in bare.items() if count > 1} == {"’s room"}  # two signs, not one concept
    assert len({s.svg for s in openmoji.samples}) == len(openmoji.samples)


@pytest.mark.parametrize(
    ("neutral", "variants"),
    [
        ("1F491", ["1F468-200D-2764-FE0F-200D-1F468", "1F469-200D-2764-FE0F-200D-1F468"]),  # couple with heart
        ("1F48F", ["1F469-200D-2764-FE0F-200D-1F48B-200D-1F469"]),  # kiss
        ("1F9D1-200D-1F91D-200D-1F9D1", ["1F46B", "1F46C", "1F46D"]),  # people holding hands
        ("1F9D3", ["1F474", "1F475"]),  # older person
        ("1FAC5", ["1F934", "1F478"]),  # person with crown, prince, princess
    ],
)
def test_couples_and_people_with_code_points_of_their_own_have_one_form(
    neutral: str, variants: list[str], openmoji: Dataset
) -> None:
    ids = {s.id for s in openmoji.samples}
    assert neutral in ids
    assert not ids & set(variants)


def test_the_split_is_the_committed_one(openmoji: Dataset) -> None:
    # Printed by `run --captioners human` with the pinned packages; a change makes published scores incomparable.
    assert openmoji.split("test").fingerprint()[:12] == "063d204a3542"


def test_skin_tones_genders_and_directions_stand_for_their_concept(openmoji: Dataset) -> None:
    ids = {s.id for s in openmoji.samples}
    assert "1F44B" in ids  # waving hand
    assert not any(re.search(r"1F3F[B-F]", id) for id in ids)
    assert "1F3C3" in ids  # person running
    assert not any(id.startswith("1F3C3-") for id in ids)  # woman, man, facing right
    assert "1F9D1-200D-1F692" in ids  # firefighter
    assert not {"1F468-200D-1F692", "1F469-200D-1F692"} & ids  # man, woman firefighter


def test_flags_with_the_same_drawing_are_one_concept(openmoji: Dataset) -> None:
    ids = {s.id for s in openmoji.samples}
    assert "1F1EB-1F1F7" in ids  # France
    assert "1F1E8-1F1F5" not in ids  # Clipperton Island flies the same flag


def test_every_test_drawing_has_two_different_readable_references(openmoji: Dataset) -> None:
    for sample in openmoji.split("test").samples:
        words = [tuple(re.findall(r"\w+", reference.casefold())) for reference in sample.references]
        assert len(set(words)) == len(words) >= 2, sample
    for sample in openmoji.samples:
        assert all(reference and not set("_:") & set(reference) for reference in sample.references), sample


def test_references_come_from_all_sources(openmoji: Dataset) -> None:
    references = {s.id: s.references for s in openmoji.samples}
    assert references["1F355"] == ("pizza", "slice of pizza")  # CLDR; Unicode
    assert references["1F1E7-1F1FC"] == ("Botswana", "flag for Botswana", "Botswana Flag")  # CLDR; alias; Slack
    assert references["1F55D"] == ("two thirty", "clock face two thirty")  # and not "clock230"


def test_groups_are_represented_in_proportion(openmoji: Dataset) -> None:
    everything = Counter(s.group for s in openmoji.samples)
    test = Counter(s.group for s in openmoji.split("test").samples)
    for group, size in everything.items():
        assert test[group] == pytest.approx(size * 400 / len(openmoji.samples), abs=3), group


def test_the_licence_goes_with_the_data(openmoji: Dataset) -> None:
    assert "CC BY-SA 4.0" in openmoji.notes["licence"]
    assert "OpenMoji" in openmoji.notes["attribution"]


def test_quotas_follow_the_largest_remainders_and_stop_at_the_capacity() -> None:
    roomy = {"a": 100, "b": 100, "c": 100}
    assert _proportional(10, {"a": 50, "b": 30, "c": 20}, roomy) == {"a": 5, "b": 3, "c": 2}
    assert _proportional(7, {"a": 1, "b": 1, "c": 1}, roomy) == {"a": 3, "b": 2, "c": 2}
    assert _proportional(10, {"a": 50, "b": 30, "c": 20}, {**roomy, "a": 3}) == {"a": 3, "b": 4, "c": 3}
    with pytest.raises(ValueError, match="10 samples asked of groups that hold 3"):
        _proportional(10, {"a": 1}, {"a": 3})
