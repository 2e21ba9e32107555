"""vit-gpt2: a ViT encoder with a GPT-2 decoder, which looks at the rendered drawing.

Settings are those of the model card: four beams, 16 tokens, the start token included.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from captioners.base import CAPTIONERS
from captioners.checkpoints import Checkpoint
from captioners.picture_models import Parts, PictureModel


@CAPTIONERS.register("vit-gpt2")
class VitGpt2(PictureModel):
    name = "vit-gpt2"
    summary = "ViT encoder and GPT-2 decoder, 239 million parameters, looks at the picture"
    image_size = 224
    classes = ("VisionEncoderDecoderModel", "ViTImageProcessorPil", "GPT2Tokenizer")
    generation: ClassVar[Mapping[str, int]] = {"num_beams": 4, "max_length": 16}
    published = Checkpoint(
        "nlpconnect/vit-gpt2-image-captioning",
        "refs/pr/37",  # where the hub's own conversion to safetensors lies; main has a pickle only
        commit="c4a1533",
        size="982 MB",
        licence="Apache-2.0",
    )

    def generated(self, parts: Parts, pixels: Any) -> tuple[Any, int, int]:
        # The start token, which is given, is the end token and the padding as well.
        return parts.model.generate(pixels), 1, parts.model.generation_config.eos_token_id
