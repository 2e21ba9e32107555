"""What a training step needs of a GPU's memory, part by part: an estimate by formula.

Attention is eager where the base needs it (Gemma 2), which keeps one layer's scores; activations are checkpointed per
layer; the head computes logits at caption positions only. Factor ``_LOGIT_COPIES`` was measured on a CPU with Gemma 3
270M. Not counted: the CUDA context, fragmentation, buffers for unpacking nf4.
"""

from __future__ import annotations

from dataclasses import dataclass

from captioners.training.config import TrainingConfig
from captioners.training.planning.counts import Counts

# nf4 with double quantization: 4 bits, 8 bits for the scale of 64 numbers, 32 bits for the scale of 256 scales.
_NF4 = 0.5 + 1 / 64 + 4 / (64 * 256)
# Each trainable number: itself and its gradient in float32, and two states of 8 bits.
_ADAPTER = 4 + 4 + 2
_LOGIT_COPIES = 2.8


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes on each GPU.

    Attributes:
        weights: of the base.
        adapter: its numbers, gradients and optimizer states.
        activations: kept at the border of each layer, for the backward pass.
        layer: the work of one layer while it is computed anew.
        logits: and what the loss makes of them.
    """

    weights: int
    adapter: int
    activations: int
    layer: int
    logits: int

    @property
    def total(self) -> int:
        return self.weights + self.adapter + self.activations + self.layer + self.logits


def estimate(counts: Counts, config: TrainingConfig, *, length: int, answer: int, eager: bool) -> Memory:
    """The memory of one step.

    Args:
        counts: of base and adapter.
        config: of the training.
        length: tokens of the longest example, prompt and caption.
        answer: tokens of the longest caption, with its end.
        eager: whether a layer's attention scores are kept as a matrix.
    """
    width = 4 if config.model.dtype == "float32" else 2
    rest = (counts.total - counts.quantized) * 4  # PEFT casts what is not packed to float32
    packed = config.model.quantization == "nf4"
    weights = counts.quantized * _NF4 + rest if packed else counts.total * width
    rows = config.batch.size
    scores = rows * counts.heads * length**2 * 12 if eager else 0
    layer = rows * length * (4 * counts.hidden + 3 * counts.intermediate) * 2 + scores
    borders = counts.layers * rows * length * counts.hidden * 4
    return Memory(
        weights=int(weights),
        adapter=counts.trainable * _ADAPTER,
        activations=borders if config.batch.gradient_checkpointing else counts.layers * layer,
        layer=layer,
        logits=int(_LOGIT_COPIES * rows * answer * counts.vocabulary * 4),
    )
