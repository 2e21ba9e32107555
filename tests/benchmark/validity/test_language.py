from __future__ import annotations

import pytest

from benchmark.metrics.validity.language import other_language, other_script

ENGLISH = ["The image depicts a simple arrow that points to the right.", "a cat on a mat"]


@pytest.mark.parametrize(
    "caption",
    [
        "L'immagine rappresenta una freccia nera con la punta rivolta verso destra.",
        "Un grande cuore verde con una leggera curvatura sul lato destro.",
        "Das Bild zeigt einen roten Kreis auf einem weißen Hintergrund.",
        "L'image montre un cercle rouge sur un fond blanc.",
        "La imagen muestra un círculo rojo sobre el fondo blanco.",
        "A imagem mostra um círculo vermelho em um fundo branco com uma seta.",
        "De afbeelding toont een rode cirkel op een witte achtergrond.",
    ],
)
def test_a_sentence_in_another_language_is_found(caption: str) -> None:
    assert other_language([caption], ENGLISH) == [True]
    assert other_language(ENGLISH[:1], [caption]) == [True]


@pytest.mark.parametrize(
    "caption",
    [
        "the logo of La Poste",
        "de la Cruz",
        "The logo for Magyar Voroskereszt, which consists of black text on a white background.",
        "a street sign for Rue de la Paix in the centre of Paris",
        "cat",
        "",
        "635",
        "man in a suit",
    ],
)
def test_names_and_labels_are_not_judged(caption: str) -> None:
    assert other_language([caption], ENGLISH) == [False]


def test_references_without_function_words_judge_nothing() -> None:
    assert other_language(["Das Bild zeigt einen roten Kreis auf einem Blatt."], ["cat", "dog"]) == [False]


@pytest.mark.parametrize("caption", ["一只黑色的猫", "Чёрная кошка на коврике", "μια γάτα", "黒い猫です"])
def test_another_script_is_found(caption: str) -> None:
    assert other_script([caption], ENGLISH) == [True]
    assert other_script([caption], [*ENGLISH, caption]) == [False]


@pytest.mark.parametrize("caption", ["a sign with the characters 出口", "635", "", "❤", "café naïve"])
def test_a_quoted_sign_is_not_another_script(caption: str) -> None:
    assert other_script([caption], ENGLISH) == [False]


def test_without_letters_in_the_references_no_script_is_another() -> None:
    assert other_script(["一只黑色的猫"], ["635"]) == [False]
