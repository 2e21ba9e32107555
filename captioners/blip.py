"""BLIP (Li et al. 2022), which looks at the rendered drawing."""

from __future__ import annotations

from captioners.announced import AnnouncedCaptioner
from captioners.base import CAPTIONERS


@CAPTIONERS.register("blip")
class Blip(AnnouncedCaptioner):
    name = "blip"
    summary = "BLIP base, image captioning, looks at the picture"
    reads = "image"
    image_size = 384
    repository = "Salesforce/blip-image-captioning-base"
    size = "990 MB"
    licence = "BSD-3-Clause"
