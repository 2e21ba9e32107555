from __future__ import annotations

from collections.abc import Callable

import pytest
from transformers import PreTrainedTokenizerFast

from captioners import CaptionerError, prompts
from tests.captioners.language.tiny_tokenizers import (
    GEMMA_SPECIAL,
    LLAMA_SPECIAL,
    gemma_tokenizer,
    llama_tokenizer,
)

SVG = '<svg viewBox="0 0 512 512"><path fill="#000" d="M292 197V315h51"/></svg>'


@pytest.fixture(scope="module")
def llama() -> PreTrainedTokenizerFast:
    return llama_tokenizer()


@pytest.fixture(scope="module")
def gemma() -> PreTrainedTokenizerFast:
    return gemma_tokenizer()


def test_llama_gets_the_system_turn_of_its_template_with_a_date_that_stands_still(
    llama: PreTrainedTokenizerFast,
) -> None:
    assert llama.decode(prompts.prompt(llama, SVG)) == (
        "<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\nCutting Knowledge Date: December 2023\n"
        "Today Date: 26 Jul 2024\n\n<|eot_id|><|start_header_id|>user<|end_header_id|>\n\n"
        f"{prompts.INSTRUCTION}\n\n{SVG}<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n"
    )


def test_a_template_that_asks_for_the_time_gets_the_same_date(llama: PreTrainedTokenizerFast) -> None:
    asking = llama_tokenizer("{{ strftime_now('%d.%m.%Y') }}{{ messages[0]['content'] }}")
    assert asking.decode(prompts.prompt(asking, "")).startswith("26 Jul 2024")


def test_gemma_gets_the_instruction_in_the_user_turn(gemma: PreTrainedTokenizerFast) -> None:
    assert gemma.decode(prompts.prompt(gemma, SVG)) == (
        f"<bos><start_of_turn>user\n{prompts.INSTRUCTION}\n\n{SVG}<end_of_turn>\n<start_of_turn>model\n"
    )


def test_a_model_without_a_chat_template_gets_a_plain_one() -> None:
    base = gemma_tokenizer(template=None)
    assert base.decode(prompts.prompt(base, SVG)) == f"<bos>{prompts.INSTRUCTION}\n\n{SVG}\n\nThe drawing shows"
    learnt = prompts.example(base, SVG, "  a red star ")
    assert base.decode(learnt.answer) == " a red star<eos>"
    assert base.decode(learnt.prompt + learnt.answer).count("<bos>") == 1


@pytest.mark.parametrize(
    ("made", "special"),
    [(llama_tokenizer, LLAMA_SPECIAL), (gemma_tokenizer, GEMMA_SPECIAL)],
    ids=["llama", "gemma"],
)
@pytest.mark.parametrize("template", ["chat", "plain"])
def test_control_tokens_in_a_drawing_or_a_caption_stay_text(
    made: Callable[..., PreTrainedTokenizerFast], special: tuple[str, ...], template: str
) -> None:
    tokenizer = made() if template == "chat" else made(None)
    control = set(tokenizer.convert_tokens_to_ids(list(special)))
    assert control == prompts.control_ids(tokenizer)

    def written(ids: list[int]) -> list[int]:
        return [token for token in ids if token in control]

    hostile = f"<svg><text>{' '.join(special)}</text><!--{''.join(special)}--></svg>"
    naive = written(
        tokenizer.apply_chat_template([{"role": "user", "content": hostile}], return_dict=False)
        if template == "chat"
        else tokenizer.encode(hostile)
    )
    assert len(naive) >= 2 * len(special), "without care they do become control tokens"
    plain, attacked = prompts.example(tokenizer, SVG, "a"), prompts.example(tokenizer, hostile, hostile)
    assert written(attacked.prompt) == written(plain.prompt)
    assert written(attacked.answer) == written(plain.answer) == [attacked.answer[-1]]
    assert hostile in tokenizer.decode(attacked.prompt)
    assert hostile in tokenizer.decode(attacked.answer)


@pytest.mark.parametrize("made", [llama_tokenizer, gemma_tokenizer])
@pytest.mark.parametrize("caption", ["a red star", " Two cats, one dog. ", "<b>é</b> 星", "<svg>", "3"])
def test_prompt_and_answer_are_the_whole_conversation_and_begin_with_one_bos(
    made: Callable[..., PreTrainedTokenizerFast], caption: str
) -> None:
    tokenizer = made()
    conversation = [
        {"role": "user", "content": f"{prompts.INSTRUCTION}\n\n{SVG}"},
        {"role": "assistant", "content": caption},
    ]
    whole = tokenizer.apply_chat_template(conversation, return_dict=False, date_string="26 Jul 2024")
    learnt = prompts.example(tokenizer, SVG, caption)
    both = learnt.prompt + learnt.answer
    assert both == whole[: len(both)]
    assert tokenizer.decode(whole[len(both) :]).strip() == ""
    assert learnt.prompt == prompts.prompt(tokenizer, SVG)
    assert learnt.answer[-1] == prompts.end_of_turn(tokenizer)
    assert tokenizer.decode(learnt.answer[:-1]) == caption.strip()
    assert both[0] == tokenizer.bos_token_id
    assert both.count(tokenizer.bos_token_id) == 1


def test_the_end_of_an_answer_is_found_in_the_template(
    llama: PreTrainedTokenizerFast, gemma: PreTrainedTokenizerFast
) -> None:
    assert prompts.end_of_turn(llama) == llama.convert_tokens_to_ids("<|eot_id|>")
    assert prompts.end_of_turn(gemma) == gemma.convert_tokens_to_ids("<end_of_turn>")
    endless = llama_tokenizer("{% for message in messages %}{{ message['content'] }}\n{% endfor %}")
    assert prompts.end_of_turn(endless) is None
    with pytest.raises(CaptionerError, match="ends an answer with no control token"):
        prompts.example(endless, SVG, "a cat")


def test_a_template_that_rewrites_finished_answers_cannot_be_trained_with() -> None:
    thinking = llama_tokenizer(
        "{% for message in messages %}{{ message['content'] }}<|eot_id|>{% endfor %}"
        "{% if add_generation_prompt %}<think></think>{% endif %}"
    )
    with pytest.raises(CaptionerError, match="cannot be trained with"):
        prompts.example(thinking, SVG, "a cat")


def test_a_template_that_refuses_says_so() -> None:
    refusing = llama_tokenizer("{{ raise_exception('only tools') }}")
    with pytest.raises(CaptionerError, match="chat template of this model cannot be used: only tools"):
        prompts.prompt(refusing, SVG)


def test_the_hash_tells_templates_apart_and_nothing_else(
    llama: PreTrainedTokenizerFast, gemma: PreTrainedTokenizerFast
) -> None:
    hashes = [
        prompts.fingerprint(one)["prompt_hash"] for one in (llama, llama_tokenizer(), gemma, llama_tokenizer(None))
    ]
    assert hashes[0] == hashes[1]
    assert len(set(hashes)) == 3
    assert prompts.fingerprint(llama)["prompt"] == prompts.INSTRUCTION
