"""A base that is not loaded: its architecture, and its tokenizer where that is on this machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from captioners.base import CaptionerError
from captioners.checkpoints import Checkpoint, located
from captioners.language import loading, published
from captioners.training.base import place
from captioners.training.planning import counts
from captioners.training.token_estimate import TokenEstimate

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

# Measured with tests/performance/training_data.py on OpenMoji: the tokenizer of Llama 3, and that of Gemma 3, which is
# like Gemma 2's. Others are taken to need as many tokens as either.
_ESTIMATES = {
    "llama": TokenEstimate(svg=1.73, caption=4.4, around=49),
    "gemma2": TokenEstimate(svg=1.31, caption=5.0, around=19),
}
_UNKNOWN = TokenEstimate(svg=1.31, caption=4.4, around=49)


@dataclass(frozen=True, slots=True)
class Unloaded:
    """What a plan needs of a base.

    Attributes:
        name: id on the hub, or the place of a local one.
        configuration: what its ``config.json`` says.
        tokenizer: its own, or an estimate where it is not here.
    """

    name: str
    configuration: Mapping[str, Any]
    tokenizer: PreTrainedTokenizerBase | TokenEstimate

    @property
    def eager(self) -> bool:
        """Whether attention scores are kept as a matrix: Gemma 2 caps them."""
        return bool(self.configuration["model_type"] == "gemma2")

    @property
    def window(self) -> int | None:
        """Positions that it knows; None where its configuration names no number."""
        told = self.configuration.get("text_config", self.configuration).get("max_position_embeddings")
        return told if isinstance(told, int) else None


def unloaded(base: str) -> Unloaded:
    """The base that ``--base`` names, from what is on this machine; weights and network are not needed.

    Raises:
        CaptionerError: its architecture is not here, or a file of it is damaged.
    """
    checkpoint = place(base)
    known = published.named(checkpoint.repository)
    here = _here(checkpoint)
    if known:
        configuration = counts.configuration(known)
    elif here is None:
        raise CaptionerError(
            f"nothing of {checkpoint} is on this machine, and its architecture is not among the known ones "
            f"({', '.join(counts.known_bases())}): name a folder with its config.json and tokenizer"
        )
    else:
        configuration = _of_gguf(here) if here.is_file() else counts.configuration(str(here))
    estimate = _ESTIMATES.get(str(configuration["model_type"]), _UNKNOWN)
    return Unloaded(checkpoint.repository, configuration, loading.tokenizer(here) if here else estimate)


def _here(checkpoint: Checkpoint) -> Path | None:
    """The folder or GGUF file of a base; a local folder needs no weights in it."""
    if not checkpoint.local:
        return located(checkpoint)
    path = Path(checkpoint.repository)
    if not path.exists():
        raise CaptionerError(
            f"there is no base {checkpoint.repository!r}: neither one of {', '.join(counts.known_bases())}, nor a "
            "folder, a GGUF file or an id of the hub"
        )
    return path


def _of_gguf(file: Path) -> Mapping[str, Any]:
    from captioners.offline import offline
    from captioners.torchvision_operators import declare_missing

    declare_missing()
    from transformers import AutoConfig

    try:
        with offline():
            configuration: dict[str, Any] = AutoConfig.from_pretrained(file.parent, gguf_file=file.name).to_dict()
    except Exception as error:  # whatever a stranger's file makes the library raise
        raise CaptionerError(f"{file} is no GGUF file of a known architecture: {error}") from error
    return configuration
