"""Which CLIP model to use, and how."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from benchmark import defaults


@dataclass(frozen=True, slots=True)
class ClipOptions:
    """Which CLIP model to use, and how. Raises ValueError for values that cannot be.

    Attributes:
        model: ``NAME/PRETRAINED`` as open_clip calls it, e.g. ``ViT-B-32/openai``. With ``checkpoint`` NAME alone
            will do; PRETRAINED then still says how its weights want pictures and activations.
        checkpoint: a file of weights for ``model``, or a folder with ``open_clip_config.json`` and weights, which
            says itself what model it holds; None for the weights that PRETRAINED names.
        device: ``auto`` (a CUDA GPU where there is one, else the CPU), or a device of torch: ``cpu``, ``cuda:1``, …
        dtype: one of :data:`benchmark.defaults.CLIP_DTYPES`: of the model's weights.
        batch_size: pictures or captions at once.
        allow_download: get missing weights from the network.
    """

    model: str = defaults.CLIP_MODEL
    checkpoint: Path | None = None
    device: str = defaults.DEVICE
    dtype: str = defaults.CLIP_DTYPES[0]
    batch_size: int = 64
    allow_download: bool = False

    def __post_init__(self) -> None:
        if not self.name or (self.checkpoint is None and not self.pretrained):
            raise ValueError(f"--clip-model {self.model!r}: give NAME/PRETRAINED, e.g. ViT-B-32/openai.")
        if self.dtype not in defaults.CLIP_DTYPES:
            raise ValueError(f"--clip-dtype {self.dtype!r}: give one of {', '.join(defaults.CLIP_DTYPES)}.")
        if self.batch_size < 1:
            raise ValueError(f"batch_size ({self.batch_size}) is at least 1")

    @property
    def name(self) -> str:
        """open_clip's name of the architecture."""
        return self.model.partition("/")[0]

    @property
    def pretrained(self) -> str:
        """open_clip's tag of the weights; "" for none."""
        return self.model.partition("/")[2]
