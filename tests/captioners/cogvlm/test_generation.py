from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
import torch

from captioners.cogvlm import CogVLMForCausalLM
from captioners.cogvlm.config import read_config
from captioners.cogvlm.generation import Generated, generate
from captioners.cogvlm.prompt import Prompt, padded, prompt
from captioners.cogvlm.tokenizer import Tokenizer
from tests.captioners.cogvlm.tiny import CONFIG, save_checkpoint

NEW = 10


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """One that does not end its texts."""
    return ending_with(383, tmp_path_factory.mktemp("endless"))


def ending_with(token: int, folder: Path) -> Any:
    folder = save_checkpoint(folder / "m", {**CONFIG, "eos_token_id": token}, tokenizer=False)
    return CogVLMForCausalLM.from_pretrained(folder)


@pytest.fixture(scope="module")
def prompts(checkpoint: Path) -> list[Prompt]:
    """Of five lengths; all but the third have a picture."""
    config, tokenizer = read_config(checkpoint), Tokenizer(checkpoint / "tokenizer.model")
    texts = ["Question: What is it? Answer:", "", "A long text about a red star and a blue flag", "A red", "Red? Yes"]
    return [prompt(config, tokenizer.encode, text, picture=k != 2) for k, text in enumerate(texts)]


@pytest.fixture(scope="module")
def pictures(images: Any) -> list[torch.Tensor | None]:
    of = iter(torch.from_numpy(images))
    return [None if k == 2 else next(of) for k in range(5)]


def answers(model: Any, prompts: list[Prompt], pictures: list[Any], new: int = NEW) -> list[Generated]:
    seen = [picture for picture in pictures if picture is not None]
    return generate(model, prompts, torch.stack(seen) if seen else None, new)


def recomputed(model: Any, prompt: Prompt, picture: torch.Tensor | None, new: int) -> tuple[int, ...]:
    """Greedy decoding that reads everything anew for every token."""
    ids, types, _ = padded([prompt], 0)
    for _ in range(new):
        with torch.inference_mode():
            logits = model(ids, types, None if picture is None else picture[None]).logits
        ids = torch.cat([ids, logits[:, -1:].argmax(dim=-1)], dim=1)
        types = torch.cat([types, torch.zeros_like(types[:, :1])], dim=1)
    return tuple(ids[0, len(prompt.ids) :].tolist())


def test_cached_decoding_equals_reading_everything_anew(model: Any, prompts: list[Prompt], pictures: list[Any]) -> None:
    got = [answers(model, [p], [i])[0] for p, i in zip(prompts, pictures, strict=True)]
    expected = [recomputed(model, p, i, NEW) for p, i in zip(prompts, pictures, strict=True)]
    assert [g.ids for g in got] == expected
    assert all(g.cut for g in got)
    assert len(set(expected)) == len(expected)  # they do depend on prompt and picture


def test_logits_of_a_step_equal_those_of_a_whole_pass(model: Any, prompts: list[Prompt], pictures: list[Any]) -> None:
    from captioners.cogvlm.cache import KeyValueCache

    ids, types, mask = padded(prompts[:2], 0)
    images = torch.stack(pictures[:2])
    new = torch.tensor([[7, 8, 9], [10, 11, 12]])
    whole = [torch.cat([part, fill], dim=1) for part, fill in ((ids, new), (types, 0 * new), (mask, 0 * new + 1))]
    with torch.inference_mode():
        expected = model(whole[0], whole[1], images, whole[2]).logits[:, -3:]
        cache = KeyValueCache(
            model.config, rows=2, capacity=ids.shape[1] + 3, dtype=torch.float32, device=torch.device("cpu")
        )
        model(ids, types, images, mask, cache)
        first = model(new[:, :1], attention_mask=whole[2][:, :-2], cache=cache).logits
        rest = model(new[:, 1:], attention_mask=whole[2], cache=cache).logits
    assert torch.cat([first, rest], dim=1).numpy() == pytest.approx(expected.numpy(), abs=1e-5)


def test_batches_and_their_order_do_not_change_an_answer(
    model: Any, prompts: list[Prompt], pictures: list[Any]
) -> None:
    alone = [answers(model, [p], [i])[0] for p, i in zip(prompts, pictures, strict=True)]
    assert answers(model, prompts, pictures) == alone
    order = list(range(5))
    random.Random(1).shuffle(order)
    shuffled = answers(model, [prompts[k] for k in order], [pictures[k] for k in order])
    assert shuffled == [alone[k] for k in order]


def test_the_end_token_ends_a_row_and_leaves_the_others(
    tmp_path: Path, model: Any, prompts: list[Prompt], pictures: list[Any]
) -> None:
    """A token that one row says early and the others do not is made the end token."""
    full = [g.ids for g in answers(model, prompts, pictures)]
    row, end = next((k, id) for k, ids in enumerate(full) for id in ids[2:6] if sum(id in f for f in full) == 1)
    ending = ending_with(end, tmp_path)
    got = answers(ending, prompts, pictures)
    assert got[row] == Generated(full[row][: full[row].index(end)], cut=False)
    assert [g for k, g in enumerate(got) if k != row] == [
        Generated(ids, cut=True) for k, ids in enumerate(full) if k != row
    ]
    steps: list[int] = []
    ending.lm_head.register_forward_hook(lambda module, inputs, output: steps.append(len(inputs[0])))
    assert answers(ending, [prompts[row]], [pictures[row]], new=1000) == [got[row]]
    assert len(steps) == full[row].index(end) + 1
    # What ends the text on the very step of the limit is an end, not a cut.
    assert answers(ending, [prompts[row]], [pictures[row]], new=full[row].index(end) + 1)[0].cut is False


def test_a_picture_passes_the_tower_once(
    model: Any, prompts: list[Prompt], pictures: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    handle = model.model.vision.register_forward_hook(lambda module, inputs, output: seen.append(len(inputs[0])))
    decoded: list[int] = []
    expert = model.model.layers[0].mlp.vision_mlp
    other = expert.register_forward_hook(lambda module, inputs, output: decoded.append(len(inputs[0])))
    answers(model, prompts, pictures)
    handle.remove()
    other.remove()
    assert seen == [4]
    assert decoded == [4 * 10]  # nor do its experts work while text is decoded


def test_new_tokens_are_limited(model: Any, prompts: list[Prompt], pictures: list[Any]) -> None:
    (one,) = answers(model, prompts[:1], pictures[:1], new=1)
    (two,) = answers(model, prompts[:1], pictures[:1], new=2)
    assert len(one.ids) == 1
    assert two.ids[:1] == one.ids
    assert len(two.ids) == 2
