from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoModelForCausalLM, MambaConfig, MambaForCausalLM

from captioners import prompts
from captioners.devices import Placement
from captioners.language import loading, prefill
from captioners.language.generation import Ends, greedy
from tests.captioners.language import tiny_models

CPU = Placement("cpu", "float32", "none")
SVGS = [
    '<svg viewBox="0 0 512 512"><circle r="6"/></svg>',
    '<svg viewBox="0 0 512 512"><path d="M292 197V315h51l-23 14c8-7 18-11 28-11z"/><rect width="3" height="5"/></svg>',
    "<svg/>",
]


def likeliest(folder: Path, ids: list[int], limit: int) -> list[int]:
    """One at a time, by a forward pass over everything at each step: no cache, no padding, no generate."""
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager")
    said: list[int] = []
    with torch.no_grad():
        for _ in range(limit):
            said.append(int(model(torch.tensor([ids + said])).logits[0, -1].argmax()))
    return said


@pytest.fixture(scope="module", params=["llama", "gemma"])
def folder(request: pytest.FixtureRequest) -> Path:
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="module")
def expected(folder: Path) -> tuple[list[list[int]], list[list[int]]]:
    asked = [prompts.prompt(loading.tokenizer(folder), svg) for svg in SVGS]
    return asked, [likeliest(folder, ids, 12) for ids in asked]


def test_a_padded_batch_says_the_likeliest_tokens_whatever_generation_config_says(
    folder: Path, expected: tuple[list[list[int]], list[list[int]]]
) -> None:
    asked, tokens = expected
    assert len({len(ids) for ids in asked}) == 3, "they are padded"
    assert len({tuple(row) for row in tokens}) == 3, "and answered differently"
    base = loading.base(folder, CPU)
    never = Ends(frozenset([max(base.ends.stops)]), base.ends.pad, at_line_end=False)
    said = greedy(base.model, base.tokenizer, asked, 12, never)
    assert [one.ids for one in said] == tokens
    assert all(one.cut for one in said)


def test_an_answer_ends_at_any_of_the_stops_which_is_not_part_of_it(
    folder: Path, expected: tuple[list[list[int]], list[list[int]]]
) -> None:
    asked, tokens = expected
    base = loading.base(folder, CPU)
    stop = tokens[0][5]
    ends = [row.index(stop) if stop in row else None for row in tokens]
    said = greedy(base.model, base.tokenizer, asked, 12, Ends(frozenset([stop, 10**6]), base.ends.pad, False))
    assert ends[0] is not None
    assert [one.ids for one in said] == [row[:end] for row, end in zip(tokens, ends, strict=True)]
    assert [one.cut for one in said] == [end is None for end in ends]


def test_what_is_kept_of_a_prompt_is_the_same_numbers_whatever_its_batch(
    folder: Path, expected: tuple[list[list[int]], list[list[int]]]
) -> None:
    asked, _ = expected
    model = loading.base(folder, CPU).model
    together = prefill.read(model, asked)
    longest = max(map(len, asked)) - 1
    assert together.get_seq_length() == longest
    for row, ids in enumerate(asked):
        for layer, alone in zip(together.layers, prefill.read(model, [ids]).layers, strict=True):
            kept = alone.keys.shape[-2]
            assert kept == min(len(ids) - 1, getattr(layer, "sliding_window", longest + 1) - 1)
            assert torch.equal(layer.keys[row, :, -kept:], alone.keys[0])
            assert torch.equal(layer.values[row, :, -kept:], alone.values[0])
            assert not layer.keys[row, :, :-kept].any()


def test_a_model_without_keys_and_values_is_asked_in_a_padded_batch() -> None:
    torch.manual_seed(0)
    model = MambaForCausalLM(MambaConfig(vocab_size=50, hidden_size=32, num_hidden_layers=2, state_size=4)).eval()
    asked = [[5, 6, 7, 8, 9], [11, 12], [21, 22, 23]]
    assert prefill.read(model, asked) is None
    said = greedy(model, Lines(), asked, 6, Ends(frozenset([49]), 0, at_line_end=False))  # type: ignore[arg-type]
    for ids, one in zip(asked, said, strict=True):
        expected = model.generate(torch.tensor([ids]), max_new_tokens=6, do_sample=False, eos_token_id=49)
        assert one.ids == expected[0, len(ids) :].tolist()


class Lines:
    """A tokenizer whose token 0 is an empty line and whose token 1 ends a line."""

    def decode(self, ids: list[int]) -> str:
        return "".join({0: "\n", 1: ".\n"}.get(token, "x") for token in ids)


class Scripted:
    """A model that says what is written, a row at a time, through the loop of transformers' generate."""

    device = torch.device("cpu")

    def __init__(self, rows: list[list[int]], pad: int) -> None:
        self.rows, self.pad = rows, pad
        self.generation_config: Any = None

    def generate(self, input_ids: Any, attention_mask: Any, past_key_values: Any, stopping_criteria: Any) -> Any:
        done = torch.zeros(len(self.rows), dtype=torch.bool)
        for step in range(self.generation_config.max_new_tokens):
            new = torch.tensor([[row[step]] for row in self.rows])
            input_ids = torch.cat([input_ids, torch.where(done[:, None], self.pad, new)], dim=1)
            for criterion in stopping_criteria:
                done |= criterion(input_ids, None)
        return input_ids


def test_a_model_that_was_not_taught_to_chat_is_held_to_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prefill, "read", lambda *_: None)
    rows = [[0, 0, 5, 1, 7, 7], [5, 6, 7, 8, 9, 5], [5, 9, 0, 5, 5, 5]]
    ends = Ends(frozenset([99]), pad=42, at_line_end=True)
    said = greedy(Scripted(rows, 42), Lines(), [[3], [3], [3]], 6, ends)  # type: ignore[arg-type]
    assert [(one.ids, one.cut) for one in said] == [([0, 0, 5, 1], False), (rows[1], True), ([5, 9, 0], False)]


def test_every_token_that_ends_an_answer_is_known(llama: Path, gemma: Path) -> None:
    for folder, names, pad in (
        (llama, {"<|end_of_text|>", "<|eom_id|>", "<|eot_id|>"}, "<|finetune_right_pad_id|>"),
        # generation_config.json names <eos> alone.
        (gemma, {"<eos>", "<end_of_turn>"}, "<pad>"),
    ):
        base = loading.base(folder, CPU)
        assert set(base.tokenizer.convert_ids_to_tokens(sorted(base.ends.stops))) == names
        assert base.tokenizer.convert_ids_to_tokens(base.ends.pad) == pad
        assert not base.ends.at_line_end


def test_gemma_2_gets_the_attention_that_caps_its_scores(llama: Path, gemma: Path) -> None:
    assert loading.base(gemma, CPU).model.config._attn_implementation == "eager"
    assert loading.base(llama, CPU).model.config._attn_implementation == "sdpa"


def test_a_base_model_answers_in_lines(tmp_path: Path) -> None:
    assert loading.base(tiny_models.llama(tmp_path / "base", template=False), CPU).ends.at_line_end
