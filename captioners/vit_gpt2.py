"""vit-gpt2: a ViT encoder with a GPT-2 decoder, which looks at the rendered drawing."""

from __future__ import annotations

from captioners.announced import AnnouncedCaptioner
from captioners.base import CAPTIONERS


@CAPTIONERS.register("vit-gpt2")
class VitGpt2(AnnouncedCaptioner):
    name = "vit-gpt2"
    summary = "ViT encoder and GPT-2 decoder, looks at the picture"
    reads = "image"
    image_size = 224
    repository = "nlpconnect/vit-gpt2-image-captioning"
    size = "982 MB"
    licence = "Apache-2.0"
