"""BLIP (Li et al. 2022), which looks at the rendered drawing.

Settings are those of the authors' repository for captions of COCO (``configs/caption_coco.yaml``): the beginning
"a picture of", three beams, 5 to 20 tokens, the beginning and a start token included.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from captioners.base import CAPTIONERS
from captioners.checkpoints import Checkpoint
from captioners.picture_models import Parts, PictureModel

BEGINNING = "a picture of"


class BlipCaptioner(PictureModel):
    """What the sizes of BLIP share; every caption goes on from :data:`BEGINNING`, which is not part of it."""

    image_size = 384
    classes = ("BlipForConditionalGeneration", "BlipImageProcessorPil", "BertTokenizer")
    generation: ClassVar[Mapping[str, int]] = {"num_beams": 3, "min_length": 5, "max_length": 20}

    def fingerprint(self) -> Mapping[str, object]:
        return {**super().fingerprint(), "prompt": BEGINNING}

    def generated(self, parts: Parts, pixels: Any) -> tuple[Any, int, int]:
        given = parts.tokenizer([BEGINNING] * len(pixels), return_tensors="pt").to(pixels.device)
        # It is the inner decoder that generates; generate() makes a start token of the first id, and drops the last.
        parts.model.text_decoder.generation_config = parts.model.generation_config
        ids = parts.model.generate(pixels, given["input_ids"], given["attention_mask"])
        return ids, given["input_ids"].shape[1] - 1, parts.model.config.text_config.sep_token_id


@CAPTIONERS.register("blip")
class Blip(BlipCaptioner):
    name = "blip"
    summary = "BLIP base, 224 million parameters, looks at the picture"
    published = Checkpoint(
        "Salesforce/blip-image-captioning-base",
        "refs/pr/38",  # where the hub's own conversion to safetensors lies; main has a pickle only
        commit="a0ad1e4",
        size="990 MB",
        licence="BSD-3-Clause",
    )


@CAPTIONERS.register("blip-large")
class BlipLarge(BlipCaptioner):
    name = "blip-large"
    summary = "BLIP large, 446 million parameters, looks at the picture"
    published = Checkpoint(
        "Salesforce/blip-image-captioning-large",
        "353689b859fcf0523410b1806dace5fb46ecdf41",
        commit="353689b859fcf0523410b1806dace5fb46ecdf41",
        size="1.88 GB",
        licence="BSD-3-Clause",
    )
