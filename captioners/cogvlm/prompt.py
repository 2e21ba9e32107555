"""What CogVLM is asked: templates, token ids with their types, and batches of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from captioners.cogvlm.config import CogVLMConfig
from captioners.cogvlm.token_types import IMAGE, TEXT

if TYPE_CHECKING:
    from torch import Tensor

_ANSWER = {"chat": "Answer:", "vqa": "Short answer:"}


@dataclass(frozen=True, slots=True)
class Prompt:
    """Attributes:
    ids: token ids; those of image tokens do not matter.
    types: of the tokens, 0 for text, 1 for pictures.
    """

    ids: tuple[int, ...]
    types: tuple[int, ...]


def prompt_text(template: str, query: str, history: Sequence[tuple[str, str]] = ()) -> str:
    """The words of a prompt: ``query`` after earlier questions and answers, as the model learnt to see them.

    The template "base" has neither questions nor answers: its text is the query, empty for a caption.
    """
    if template == "base":
        return query
    answer = _ANSWER[template]
    earlier = "".join(f"Question: {asked} {answer} {answered}\n" for asked, answered in history)
    return f"{earlier}Question: {query} {answer}"


def prompt(config: CogVLMConfig, tokenize: Callable[[str], Sequence[int]], text: str, *, picture: bool) -> Prompt:
    """What begins every text, a picture if there is one, the text.

    Args:
        config: of the model.
        tokenize: text to ids, without special tokens.
        text: of :func:`prompt_text`.
        picture: whether a picture stands before the text.
    """
    image = config.vision.tokens if picture else 0
    words = tuple(tokenize(text))
    return Prompt(
        (config.bos_token_id, *[config.pad_token_id] * image, *words),
        (TEXT, *[IMAGE] * image, *[TEXT] * len(words)),
    )


def padded(prompts: Sequence[Prompt], pad: int) -> tuple[Tensor, Tensor, Tensor]:
    """Ids, types and attention mask, ``[b, longest]`` each, padded on the left."""
    import torch

    longest = max(len(prompt.ids) for prompt in prompts)
    gaps = [longest - len(prompt.ids) for prompt in prompts]
    ids = [[pad] * gap + list(prompt.ids) for gap, prompt in zip(gaps, prompts, strict=True)]
    types = [[TEXT] * gap + list(prompt.types) for gap, prompt in zip(gaps, prompts, strict=True)]
    mask = [[0] * gap + [1] * (longest - gap) for gap in gaps]
    return torch.tensor(ids), torch.tensor(types), torch.tensor(mask)
