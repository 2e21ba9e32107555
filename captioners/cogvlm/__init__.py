"""CogVLM (Wang et al. 2023), which looks at the rendered drawing."""

from __future__ import annotations

from captioners.announced import AnnouncedCaptioner
from captioners.base import CAPTIONERS


@CAPTIONERS.register("cogvlm")
class CogVlm(AnnouncedCaptioner):
    name = "cogvlm"
    summary = "CogVLM chat, 17 billion parameters, looks at the picture"
    reads = "image"
    image_size = 490
    repository = "THUDM/cogvlm-chat-hf"
    size = "35 GB"
    licence = "Apache-2.0 code, CogVLM model licence"
