"""The tokenizer of Vicuna, which CogVLM reads: a sentencepiece model, and no more than that.

sentencepiece itself reads it: text that looks like a special token ("</s>") stays text.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from captioners.base import CaptionerError
from captioners.checkpoints import Checkpoint, download

TOKENIZER = Checkpoint("lmsys/vicuna-7b-v1.5", size="500 kB", licence="Llama 2 Community License", weightless=True)
"""Whose tokenizer it is: the checkpoints of CogVLM come without one."""

_FILE = "tokenizer.model"


def tokenizer_file(weights: Path) -> Path | None:
    """The tokenizer: beside the weights, or in the cache of the hub. Never uses the network."""
    if (beside := weights / _FILE).is_file():
        return beside
    from huggingface_hub import try_to_load_from_cache

    cached = try_to_load_from_cache(TOKENIZER.repository, _FILE, revision=TOKENIZER.revision)
    return Path(cached) if isinstance(cached, str) else None


def fetched_tokenizer(weights: Path, *, allow_download: bool) -> Path:
    """As :func:`tokenizer_file`, or from the network where that is allowed. Raises CaptionerError."""
    if (found := tokenizer_file(weights)) is not None:
        return found
    if allow_download:
        return download(TOKENIZER, ()) / _FILE
    raise CaptionerError(
        f"{weights} has no {_FILE}, as all checkpoints of CogVLM: theirs is that of {TOKENIZER} ({TOKENIZER.licence}). "
        f"`hf download {TOKENIZER.repository} {_FILE}` or --allow-download gets it once; or put it beside the weights."
    )


class Tokenizer:
    """Text to ids and back, without special tokens."""

    def __init__(self, path: Path) -> None:
        """Read a model of sentencepiece. Raises CaptionerError."""
        import sentencepiece

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
