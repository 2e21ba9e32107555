"""What is learnt from: prompts with the captions that answer them, in tokens."""

from __future__ import annotations

from dataclasses import dataclass

IGNORED = -100
"""The label of tokens that are not learnt: torch's cross-entropy leaves them out."""


@dataclass(frozen=True, slots=True)
class Example:
    """One drawing with one of its captions.

    Attributes:
        id: of the sample, with the caption's position behind ``#`` where a sample gives several examples.
        tokens: prompt, caption, and the tokens that end the caption's turn.
        prompt: how many of them are the prompt; the others are learnt.
        dropped: elements of the drawing that were left out so that the caption fits.
    """

    id: str
    tokens: tuple[int, ...]
    prompt: int
    dropped: int = 0

    @property
    def labels(self) -> list[int]:
        """``tokens`` with :data:`IGNORED` in the place of the prompt."""
        return [IGNORED] * self.prompt + list(self.tokens[self.prompt :])
