"""How many tokens a text has, about, where the base's tokenizer is not here."""

from __future__ import annotations

import math
from dataclasses import dataclass

from captioners import prompts


@dataclass(frozen=True, slots=True)
class TokenEstimate:
    """Stands for a tokenizer where only lengths are asked for; every token is 0.

    Attributes:
        svg: characters of a simplified drawing per token.
        caption: characters of a caption per token.
        around: tokens of the instruction, the chat template and the end of turn.
    """

    svg: float
    caption: float
    around: int

    def prompt(self, text: str) -> list[int]:
        return [0] * (self.around + math.ceil(len(text) / self.svg))

    def example(self, text: str, caption: str) -> prompts.Example:
        return prompts.Example(self.prompt(text), [0] * (1 + math.ceil(len(caption) / self.caption)))

    def __str__(self) -> str:
        return (
            f"{self.svg:g} characters of SVG and {self.caption:g} of a caption per token, {self.around} tokens around"
        )
