"""Causal language models with a LoRA adapter, which read the SVG code."""

from __future__ import annotations

from captioners.announced import AnnouncedCaptioner
from captioners.base import CAPTIONERS


class AdapterCaptioner(AnnouncedCaptioner):
    """A base model with an adapter that the bundled trainer makes."""

    reads = "svg"
    packages = ("torch", "transformers", "peft", "bitsandbytes")


@CAPTIONERS.register("llama-3.1-8b")
class Llama(AdapterCaptioner):
    name = "llama-3.1-8b"
    summary = "Llama 3.1 8B Instruct with a LoRA adapter, reads the SVG code"
    repository = "meta-llama/Llama-3.1-8B-Instruct (gated)"
    size = "16 GB"
    licence = "Llama 3.1 Community License"


@CAPTIONERS.register("gemma-2-9b")
class Gemma(AdapterCaptioner):
    name = "gemma-2-9b"
    summary = "Gemma 2 9B IT with a LoRA adapter, reads the SVG code"
    repository = "google/gemma-2-9b-it (gated)"
    size = "18.5 GB"
    licence = "Gemma Terms of Use"
