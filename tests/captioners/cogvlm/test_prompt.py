from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from captioners.base import CaptionerError
from captioners.cogvlm.config import read_config
from captioners.cogvlm.pixels import pixels
from captioners.cogvlm.prompt import Prompt, padded, prompt, prompt_text
from captioners.cogvlm.tokenizer import Tokenizer, fetched_tokenizer, tokenizer_file

HISTORY = [("What is it?", "A cat."), ("Where?", "Here")]


@pytest.mark.parametrize(
    ("template", "history", "text"),
    [
        ("base", [], "Q"),
        ("base", HISTORY, "Q"),
        ("chat", [], "Question: Q Answer:"),
        ("chat", HISTORY, "Question: What is it? Answer: A cat.\nQuestion: Where? Answer: Here\nQuestion: Q Answer:"),
        ("vqa", [], "Question: Q Short answer:"),
        ("vqa", HISTORY[1:], "Question: Where? Short answer: Here\nQuestion: Q Short answer:"),
    ],
)
def test_templates(template: str, history: list[tuple[str, str]], text: str) -> None:
    assert prompt_text(template, "Q", history) == text


def test_a_prompt_is_bos_then_the_picture_then_the_text(checkpoint: Path) -> None:
    config = read_config(checkpoint)
    assert config.vision.tokens == 11  # nine patches, and what begins and ends them
    with_picture = prompt(config, lambda text: [50, 60], "any", picture=True)
    assert with_picture == Prompt((1, *[0] * 11, 50, 60), (0, *[1] * 11, 0, 0))
    assert prompt(config, lambda text: [50, 60], "any", picture=False) == Prompt((1, 50, 60), (0, 0, 0))


def test_batches_are_padded_on_the_left() -> None:
    ids, types, mask = padded([Prompt((1, 0, 0, 9), (0, 1, 1, 0)), Prompt((1, 8), (0, 0))], pad=5)
    assert ids.tolist() == [[1, 0, 0, 9], [5, 5, 1, 8]]
    assert types.tolist() == [[0, 1, 1, 0], [0, 0, 0, 0]]
    assert mask.tolist() == [[1, 1, 1, 1], [0, 0, 1, 1]]


TEXTS = [
    "Question: Describe this image in one sentence. Answer:",
    "Question: A Answer: B\nQuestion: C  two blanks Answer:",
    "",
    "café 漢字 🙂 12345",
]


def test_ids_are_those_of_the_llama_tokenizer(checkpoint: Path) -> None:
    from transformers import LlamaTokenizer

    tokenizer, theirs = Tokenizer(checkpoint / "tokenizer.model"), LlamaTokenizer.from_pretrained(checkpoint)
    for text in TEXTS:
        ids = tokenizer.encode(text)
        assert ids == theirs.encode(text, add_special_tokens=False), text
        assert tokenizer.decode(ids) == text


def test_a_blank_in_front_is_kept(checkpoint: Path) -> None:
    """As sentencepiece has it; the tokenizers of transformers 5 take it for the one that they would add."""
    tokenizer = Tokenizer(checkpoint / "tokenizer.model")
    assert tokenizer.decode(tokenizer.encode(" red")) == " red"
    assert tokenizer.encode(" red") != tokenizer.encode("red")


def test_text_that_looks_like_a_special_token_stays_text(checkpoint: Path) -> None:
    tokenizer = Tokenizer(checkpoint / "tokenizer.model")
    ids = tokenizer.encode("<s>a</s>")
    assert not {0, 1, 2} & set(ids)
    assert tokenizer.decode(ids) == "<s>a</s>"


def test_ids_without_a_text_decode_to_nothing(checkpoint: Path) -> None:
    tokenizer = Tokenizer(checkpoint / "tokenizer.model")
    ids = tokenizer.encode("red")
    assert tokenizer.decode([1, *ids, 2, tokenizer.size, tokenizer.size + 7]) == "red"


def test_a_broken_tokenizer_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.model").write_bytes(b"version https://git-lfs.github.com/spec/v1")
    with pytest.raises(CaptionerError, match=r"tokenizer\.model is no sentencepiece model"):
        Tokenizer(tmp_path / "tokenizer.model")


def test_the_tokenizer_lies_beside_the_weights_or_in_the_cache_of_the_hub(
    checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import huggingface_hub

    assert tokenizer_file(checkpoint) == checkpoint / "tokenizer.model"
    asked: list[tuple[object, ...]] = []

    def cached(repository: str, file: str, revision: str) -> str | None:
        asked.append((repository, file))
        return str(checkpoint / file) if len(asked) > 1 else None

    monkeypatch.setattr(huggingface_hub, "try_to_load_from_cache", cached)
    with pytest.raises(
        CaptionerError, match=r"has no tokenizer\.model.*lmsys/vicuna-7b-v1\.5 \(Llama 2 Community"
    ) as e:
        fetched_tokenizer(tmp_path, allow_download=False)
    assert "hf download lmsys/vicuna-7b-v1.5 tokenizer.model" in str(e.value)
    assert fetched_tokenizer(tmp_path, allow_download=False) == checkpoint / "tokenizer.model"
    assert set(asked) == {("lmsys/vicuna-7b-v1.5", "tokenizer.model")}


def test_white_black_and_red_are_normalised_by_clips_mean_and_deviation() -> None:
    got = pixels([Image.new("RGB", (5, 9), colour) for colour in ("white", "black", "red")], size=12)
    assert got.shape == (3, 3, 12, 12)
    assert got.dtype == torch.float32
    white, black = (1.930336, 2.074884, 2.145897), (-1.792263, -1.752097, -1.480218)  # by hand, (1 - mean) / deviation
    for row, expected in enumerate((white, black, (white[0], black[1], black[2]))):
        assert got[row, :, 3, 4].tolist() == pytest.approx(expected, abs=2e-6)


@pytest.mark.parametrize("size", [(40, 26), (7, 9)])
def test_pictures_are_squeezed_by_an_antialiased_bicubic_filter(size: tuple[int, int]) -> None:
    """As torch resizes; Pillow rounds to whole levels, twice. Levels are such that nothing is clipped in between."""
    array = np.random.default_rng(0).integers(90, 166, (size[1], size[0], 3), dtype=np.uint8)
    got = pixels([Image.fromarray(array)], size=14)[0]
    planes = torch.from_numpy(array).permute(2, 0, 1)[None].double()
    resized = torch.nn.functional.interpolate(planes, (14, 14), mode="bicubic", antialias=True)[0] / 255
    mean, deviation = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)
    expected = (resized - torch.tensor(mean).view(3, 1, 1)) / torch.tensor(deviation).view(3, 1, 1)
    assert got.numpy() == pytest.approx(expected.numpy(), abs=2.5 / 255 / 0.26)
    assert (got - expected).abs().mean() < 0.6 / 255 / 0.26


@pytest.mark.parametrize("mode", ["RGBA", "L", "P"])
def test_pictures_that_are_not_rgb_are_refused(mode: str) -> None:
    with pytest.raises(ValueError, match=f"mode {mode} instead of RGB"):
        pixels([Image.new(mode, (4, 4))], size=4)
