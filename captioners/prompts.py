"""The one prompt that training and inference share: an instruction and the SVG code, in the model's own chat template.

Everything is one user turn, as Gemma 2 knows no system role. A model without a chat template gets a plain one. Text
that looks like a control token, in a drawing or in a caption, stays text; the template alone writes control tokens.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from captioners.base import CaptionerError

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

VERSION = 1
"""Of how prompts are made; changes with every change that changes their tokens."""

INSTRUCTION = "Describe in one short sentence what the drawing with this SVG code shows."

PLAIN_TEMPLATE = (
    "{{ bos_token }}{{ messages[0]['content'] }}\n\nThe drawing shows"
    "{% if not add_generation_prompt %} {{ messages[1]['content'] | trim }}{{ eos_token }}{% endif %}"
)
"""For models that have none: base models, which were not taught to chat."""

# Llama 3.1 writes a date into its system turn; this is its default. Other templates ask for the time, or think aloud.
_DATE = "26 Jul 2024"
_VARIABLES: Mapping[str, Any] = {"date_string": _DATE, "enable_thinking": False}
_CLOCK = f"{{% macro strftime_now(pattern) %}}{_DATE}{{% endmacro %}}"


class Example(NamedTuple):
    """What a model learns from one caption.

    Attributes:
        prompt: token ids, the same that inference gives to the model.
        answer: token ids of the caption and the end of its turn: the labels.
    """

    prompt: list[int]
    answer: list[int]


def prompt(tokenizer: PreTrainedTokenizerBase, svg_text: str) -> list[int]:
    """Token ids of the question about a drawing; the model's answer comes next. Raises CaptionerError."""
    return _templated(tokenizer, [_question(svg_text)], add_generation_prompt=True)


def example(tokenizer: PreTrainedTokenizerBase, svg_text: str, caption: str) -> Example:
    """Question and answer: together the beginning of the whole templated conversation, to the end of the answer's turn.

    Raises:
        CaptionerError: the template does not continue the prompt, or ends the answer with no control token, which a
            model could not learn to stop at.
    """
    asked = prompt(tokenizer, svg_text)
    whole = _templated(tokenizer, [_question(svg_text), {"role": "assistant", "content": caption}])
    if whole[: len(asked)] != asked:
        raise CaptionerError(
            "the chat template of this model writes a finished conversation otherwise than the prompt of its answer: "
            "it cannot be trained with the prompt that captions are asked for with"
        )
    control = control_ids(tokenizer)
    end = next((place for place, token in enumerate(whole) if place >= len(asked) and token in control), None)
    if end is None:
        raise CaptionerError("the chat template of this model ends an answer with no control token")
    return Example(asked, whole[len(asked) : end + 1])


def end_of_turn(tokenizer: PreTrainedTokenizerBase) -> int | None:
    """The token that ends an answer in this model's template; None where the template shows none."""
    try:
        return example(tokenizer, "", "a").answer[-1]
    except CaptionerError:
        return None


def template(tokenizer: PreTrainedTokenizerBase) -> str:
    """The Jinja text: the tokenizer's own, its clock stopped, or :data:`PLAIN_TEMPLATE`."""
    text: str = tokenizer.get_chat_template() if tokenizer.chat_template else PLAIN_TEMPLATE
    return (_CLOCK if "strftime_now" in text else "") + text


def fingerprint(tokenizer: PreTrainedTokenizerBase) -> dict[str, str]:
    """What surrounds the drawing, and the hash of all that makes the prompt.

    Two tokenizers of one hash wrap a drawing in the same text; the adapter's card keeps the hash.
    """
    parts = {"version": VERSION, "instruction": INSTRUCTION, "template": template(tokenizer), **_VARIABLES}
    digest = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
    return {"prompt": INSTRUCTION, "prompt_hash": digest[:16]}


def control_ids(tokenizer: PreTrainedTokenizerBase) -> frozenset[int]:
    """Ids of the tokens that no text of a user may become."""
    added = tokenizer.added_tokens_decoder
    return frozenset(id for id, token in added.items() if token.special) | frozenset(tokenizer.all_special_ids)


def _question(svg_text: str) -> dict[str, str]:
    return {"role": "user", "content": f"{INSTRUCTION}\n\n{svg_text}"}


def _templated(
    tokenizer: PreTrainedTokenizerBase, messages: list[dict[str, str]], *, add_generation_prompt: bool = False
) -> list[int]:
    from jinja2 import TemplateError

    try:
        ids = tokenizer.apply_chat_template(
            messages,
            chat_template=template(tokenizer),
            add_generation_prompt=add_generation_prompt,
            sanitize_control_tokens=True,
            return_dict=False,
            **_VARIABLES,
        )
    except (TemplateError, ValueError) as error:
        raise CaptionerError(f"the chat template of this model cannot be used: {error}") from error
    return list(ids)
