from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from captioners.cogvlm import CogVLMForCausalLM
from captioners.cogvlm.config import read_config
from captioners.cogvlm.language import RmsNorm
from captioners.cogvlm.prompt import Prompt, padded, prompt, prompt_text
from captioners.cogvlm.tokenizer import Tokenizer
from tests.captioners.cogvlm.reference import Reference
from tests.captioners.cogvlm.tiny import CONFIG, draw_weights, save_checkpoint

TOLERANCE = 1e-4  # that of the specification; float32 against float64


@pytest.fixture(scope="module")
def reference() -> Reference:
    return Reference(CONFIG, draw_weights())


@pytest.fixture(scope="module")
def make(checkpoint: Path) -> Callable[..., Prompt]:
    config, tokenizer = read_config(checkpoint), Tokenizer(checkpoint / "tokenizer.model")

    def made(template: str, query: str, *history: tuple[str, str], picture: bool = True) -> Prompt:
        return prompt(config, tokenizer.encode, prompt_text(template, query, history), picture=picture)

    return made


def batch(prompts: Sequence[Prompt], side: str = "left") -> dict[str, torch.Tensor]:
    ids, types, mask = padded(prompts, CONFIG["pad_token_id"])
    if side == "right":
        gaps = [int((row == 0).sum()) for row in mask]
        ids, types, mask = (
            torch.stack([row.roll(-gap) for row, gap in zip(part, gaps, strict=True)]) for part in (ids, types, mask)
        )
    return {"input_ids": ids, "token_type_ids": types, "attention_mask": mask}


def assert_as_reference(model: Any, reference: Reference, inputs: dict[str, torch.Tensor], images: Any) -> None:
    """At every token that is not padding; pictures go to the rows that have image tokens, in order."""
    ids, types, mask = (inputs[name] for name in ("input_ids", "token_type_ids", "attention_mask"))
    with_picture = [bool(row.any()) for row in types]
    pictures = None if images is None else torch.from_numpy(images[: sum(with_picture)])
    logits = model(**inputs, images=pictures).logits
    assert logits.dtype == torch.float32
    assert logits.isfinite().all()
    rest = iter([] if images is None else images)
    for row, has_picture in enumerate(with_picture):
        image = next(rest).astype(np.float64) if has_picture else None
        expected = reference.logits(ids[row].tolist(), types[row].tolist(), mask[row].tolist(), image)
        for token, wanted in enumerate(expected):
            if wanted is not None:
                assert logits[row, token].numpy() == pytest.approx(wanted, abs=TOLERANCE), (row, token)


def test_the_random_weights_show_differences(
    model: Any, reference: Reference, make: Callable[..., Prompt], images: Any
) -> None:
    """A comparison of logits says nothing where they hardly depend on what is read."""
    inputs = batch([make("chat", "What is it?"), make("chat", "What is it?")])
    with torch.inference_mode():
        first, second = model(**inputs, images=torch.from_numpy(images[:2])).logits[:, -1]
    assert first.std() > 1
    assert (first - second).abs().max() > 0.1


@pytest.mark.parametrize(
    ("template", "query", "history"),
    [
        ("chat", "Describe this image.", []),
        ("base", "", []),  # what ends the picture is the last token
        ("base", "A red", []),
        ("vqa", "What colour is it?", []),
        ("chat", "And the square?", [("What is it?", "A circle."), ("Red?", "Yes")]),
    ],
)
def test_logits_are_those_of_the_formulas(
    model: Any, reference: Reference, make: Callable[..., Prompt], images: Any, template: str, query: str, history: Any
) -> None:
    with torch.inference_mode():
        assert_as_reference(model, reference, batch([make(template, query, *history)]), images)


def test_logits_of_text_alone_are_those_of_the_formulas(
    model: Any, reference: Reference, make: Callable[..., Prompt]
) -> None:
    inputs = batch([make("chat", "What is red?", picture=False)])
    with torch.inference_mode():
        assert_as_reference(model, reference, inputs, None)
        assert torch.equal(model(inputs["input_ids"]).logits, model(**inputs).logits)


@pytest.mark.parametrize("side", ["left", "right"])
def test_logits_of_a_padded_batch_are_those_of_the_formulas(
    model: Any, reference: Reference, make: Callable[..., Prompt], images: Any, side: str
) -> None:
    """The second row has no picture: the second picture is the third row's. The last row is shortest, with nothing
    behind its picture, which on the right no longer counts as ended."""
    prompts = [
        make("chat", "Describe this image in one sentence."),
        make("chat", "What colour is the star, and what is beside it?", picture=False),
        make("vqa", "Red?"),
        make("base", ""),
    ]
    with torch.inference_mode():
        assert_as_reference(model, reference, batch(prompts, side), images)


def test_a_picture_is_seen_as_by_the_formulas(model: Any, reference: Reference, images: Any) -> None:
    with torch.inference_mode():
        features = model.model.vision(torch.from_numpy(images[:2]))
        patches = model.model.vision.patch_embedding(torch.from_numpy(images[:1]))[0]
    assert features.shape == (2, 11, CONFIG["hidden_size"])
    for row in range(2):
        assert features[row].numpy() == pytest.approx(reference.image_features(images[row].astype(float)), abs=1e-5)
    assert patches.numpy() == pytest.approx(np.stack(reference.patches(images[0].astype(float))), abs=1e-5)


def test_epsilons_are_read_from_the_configuration(tmp_path: Path, make: Callable[..., Prompt], images: Any) -> None:
    """Large ones, so that every norm that has another one is found out."""
    config = {**CONFIG, "rms_norm_eps": 0.5, "vision_config": {**CONFIG["vision_config"], "layer_norm_eps": 0.5}}
    model = CogVLMForCausalLM.from_pretrained(save_checkpoint(tmp_path / "model", config, tokenizer=False))
    with torch.inference_mode():
        inputs = batch([make("chat", "What is it?")])
        assert_as_reference(model, Reference(config, draw_weights(config)), inputs, images)


def test_the_root_mean_square_norm_rounds_once() -> None:
    """Llama rounds before the weight is multiplied; here the product in float32 is rounded."""
    norm = RmsNorm(256, eps=1e-5).to(torch.bfloat16)
    random = torch.Generator().manual_seed(0)
    torch.nn.init.normal_(norm.weight, generator=random)
    x = torch.randn(4, 256, generator=random).to(torch.bfloat16)
    exact, weight = x.double().numpy(), norm.weight.detach().double().numpy()
    wanted = weight * exact / np.sqrt((exact**2).mean(axis=-1, keepdims=True) + 1e-5)
    rounded = torch.from_numpy(wanted.astype(np.float32)).to(torch.bfloat16)
    assert (norm(x) == rounded).float().mean() > 0.999  # float32 may fall on the other side of a tie


def test_half_precision_stays_near_full_precision(
    checkpoint: Path, model: Any, make: Callable[..., Prompt], images: Any
) -> None:
    half = CogVLMForCausalLM.from_pretrained(checkpoint, dtype=torch.bfloat16)
    inputs = batch([make("chat", "What is it?"), make("vqa", "Red?")])
    with torch.inference_mode():
        exact, rounded = (m(**inputs, images=torch.from_numpy(images[:2])).logits for m in (model, half))
    assert rounded.dtype == torch.float32
    seen = inputs["attention_mask"] == 1
    assert (exact - rounded)[seen].abs().mean() < 0.1 * exact[seen].std()


@contextmanager
def calls(module: torch.nn.Module) -> Iterator[list[torch.Size]]:
    """Shapes of what a module is called with."""
    seen: list[torch.Size] = []
    handle = module.register_forward_hook(lambda module, inputs, output: seen.append(inputs[0].shape))
    yield seen
    handle.remove()


def test_experts_compute_their_own_tokens_only(model: Any, make: Callable[..., Prompt], images: Any) -> None:
    attention, mlp = model.model.layers[0].self_attn, model.model.layers[1].mlp
    inputs = batch([make("chat", "What is it?")])
    words = inputs["input_ids"].shape[1] - 10  # bos, what ends the picture, text
    with (
        torch.inference_mode(),
        calls(attention.vision_expert_query_key_value) as vision,
        calls(attention.language_expert_dense) as language,
        calls(mlp.vision_mlp) as perceptron,
    ):
        model(**inputs, images=torch.from_numpy(images[:1]))
        assert [shape[0] for shape in vision] == [shape[0] for shape in perceptron] == [10]
        assert [shape[0] for shape in language] == [words]
        model(inputs["input_ids"])
    assert len(vision) == len(perceptron) == 1  # text alone does not call them


@pytest.mark.parametrize("pictures", [0, 1, 3])
def test_pictures_that_do_not_match_the_image_tokens_are_refused(
    model: Any, make: Callable[..., Prompt], images: Any, pictures: int
) -> None:
    inputs = batch([make("chat", "What is it?")] * 2)
    given = torch.from_numpy(images[:pictures]) if pictures else None
    with pytest.raises(ValueError, match=rf"{pictures} pictures? of 11 tokens each .* \[11, 11\] image tokens"):
        model(**inputs, images=given)
    inputs["token_type_ids"][:, 1] = 0
    with pytest.raises(ValueError, match=r"\[10, 10\] image tokens"):
        model(**inputs, images=torch.from_numpy(images[:2]))


def test_the_package_imports_without_torch() -> None:
    code = "import captioners.cogvlm, sys; print(sorted({'torch', 'sentencepiece', 'bitsandbytes'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
