"""Normalisation, stems, synonyms and keys of words."""

from __future__ import annotations

import pytest

from benchmark.metrics.meteor import source
from benchmark.metrics.meteor.normalizer import normalized, read_prefixes
from benchmark.metrics.meteor.stemmer import stem
from benchmark.metrics.meteor.words import WordLists, java_hash, read_word_lists


@pytest.fixture(scope="module")
def lists() -> WordLists:
    jar = source.jar()
    assert jar is not None
    return read_word_lists(jar)


# The jar shows numbers of words, which golden.json compares; these say which words they are.
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("A Dog runs", "a dog runs"),
        ("", ""),
        ("dog's n't 's 5'x", "dog 's n 't ' s 5'x"),
        ("t-s-h foo-bar-baz", "t s-h foo bar baz"),
        ("a,b,c 1,000", "a , b,c 1,000"),
        ("the u.s. team wins. The end.", "the us team wins . the end ."),
        ("the dog. the cat", "the dog. the cat"),
        ("No. 5 and No. X", "no. 5 and no . x"),
        ("Mr. X", "mr. x"),
        ("wait... what..", "wait ... what .."),
        ("“x”  ‘y’", "\" x \" ' y '"),
        ("x\u00a0y\u3000z", "x y z"),
        ("DOTMULTI", "."),
        ("(a) #1 <b>", "( a ) # 1 < b >"),
    ],
)
def test_text_becomes_words(text: str, words: str, lists: WordLists) -> None:
    assert " ".join(normalized(text, lists.prefixes)) == words


@pytest.mark.parametrize("hostile", [".", "DOT", "DOTMULTI.", "'", "-", ",", "a.", "\u2018", " .", "e.g. "])
def test_normalising_takes_time_in_proportion_to_length(hostile: str) -> None:
    # A quadratic step would take minutes, and run into the time limit of a test.
    assert normalized(hostile * 300_000, {"e.g": False})


def test_prefixes_are_read_with_their_class() -> None:
    assert read_prefixes(["# names", "", "Mr", "No #NUMERIC_ONLY# # before a number", "pp #NUMERIC_ONLY#"]) == {
        "Mr": False,
        "No": True,
        "pp": True,
    }


# As snowballstemmer 2.2.0 (algorithm "english") gives them, whose stems equal the jar's on 177,031 words.
STEMS = """
realization realiz  realize realiz  skis ski  skies sky  dying die  news news  generously generous
communism communism  arsenal arsenal  ponies poni  ties tie  caresses caress  gas gas  this this  kiwis kiwi
agreed agre  feed feed  plastered plaster  motoring motor  sing sing  conflated conflat  troubled troubl
sized size  hopping hop  falling fall  filing file  happy happi  sky sky  boy boy  enjoy enjoy
relational relat  conditional condit  valenci valenc  digitizer digit  radically radic  vietnamization vietnam
operator oper  hopefulness hope  apologi apolog  sensibiliti sensibl  triplicate triplic  formative format
goodness good  adjustment adjust  adoption adopt  effective effect  controll control  probate probat
rate rate  cease ceas  roll roll  dog's dog  'tis tis  succeed succeed  proceeding proceed  earring's earring
yyy yyy  ayying ayi  bowdlerize bowdler  able abl  a a  by by  inning inning  outings outing
"""


def test_stems_are_those_of_the_reference_implementation() -> None:
    fields = STEMS.split()
    assert {word: stem(word) for word in fields[::2]} == dict(zip(fields[::2], fields[1::2], strict=True))


def test_words_are_equal_when_java_says_so() -> None:
    # As String.hashCode of Java 17 gives them.
    assert java_hash("or") == java_hash("q4") == 3555
    assert java_hash("") == 0
    assert java_hash("🙂") == 1772965  # two units of UTF-16
    assert java_hash("\ud83d") == 0xD83D


@pytest.mark.parametrize(
    ("word", "other", "synonyms"),
    [
        ("bike", "bicycle", True),
        ("bikes", "bicycle", True),
        ("automobiles", "cars", True),
        ("mice", "mouse", True),
        ("dog", "car", False),
        ("xyzzy", "xyzzys", False),
        ("women", "woman", True),
    ],
)
def test_synonyms_share_a_set_after_inflection_is_taken_off(
    word: str, other: str, synonyms: bool, lists: WordLists
) -> None:
    assert bool(lists.synonym_sets(word) & lists.synonym_sets(other)) is synonyms
