"""The tokenizer of Vicuna, which CogVLM reads: a sentencepiece model, and no more than that.

sentencepiece itself reads it: text that looks like a special token ("</s>") stays text.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from captioners.base import CaptionerError

TOKENIZER_FILE = "tokenizer.model"


class Tokenizer:
    """Text to ids and back, without special tokens."""

    def __init__(self, directory: Path) -> None:
        """Read ``tokenizer.model`` of a directory. Raises CaptionerError."""
        import sentencepiece

        path = directory / TOKENIZER_FILE
        if not path.is_file():
            raise CaptionerError(
                f"{directory} has no {TOKENIZER_FILE}: the checkpoints of CogVLM come without one. "
                "Theirs is that of lmsys/vicuna-7b-v1.5; put it beside the weights or name its folder."
            )
        try:
            self._pieces = sentencepiece.SentencePieceProcessor(model_file=str(path))
        except (RuntimeError, OSError) as error:
            raise CaptionerError(f"{path} is no sentencepiece model: {error}. Fetch this file anew.") from error

    @property
    def size(self) -> int:
        """How many ids it knows."""
        return int(self._pieces.vocab_size())

    def encode(self, text: str) -> list[int]:
        return [int(id) for id in self._pieces.encode(text)]

    def decode(self, ids: Iterable[int]) -> str:
        """The text of ids; those of special tokens, and those outside of the vocabulary, have none."""
        known = [id for id in ids if id < self.size and not self._pieces.is_control(id)]
        return str(self._pieces.decode(known))
