"""Causal language models that read the SVG code: Llama, Gemma and any other, alone or with a LoRA adapter.

What they do is in :mod:`captioners.language`, their prompt in :mod:`captioners.prompts`.
"""

from __future__ import annotations

from captioners.base import CAPTIONERS, FAMILIES
from captioners.checkpoints import at
from captioners.language.captioner import LanguageCaptioner
from captioners.language.published import PUBLISHED


@CAPTIONERS.register("llama-3.1-8b")
def llama() -> LanguageCaptioner:
    name = "llama-3.1-8b"
    return LanguageCaptioner(name, "Llama 3.1 8B Instruct as it is, reads the SVG code", PUBLISHED[name])


@CAPTIONERS.register("gemma-2-9b")
def gemma() -> LanguageCaptioner:
    name = "gemma-2-9b"
    return LanguageCaptioner(name, "Gemma 2 9B IT as it is, reads the SVG code", PUBLISHED[name])


@FAMILIES.register("hf")
def any_model(name: str, place: str) -> LanguageCaptioner:
    """``hf:FOLDER``, ``hf:FILE.gguf``, ``hf:HUB_ID[@REVISION]``."""
    return LanguageCaptioner(name, f"the causal language model {place}, reads the SVG code", at(place))


@FAMILIES.register("adapter")
def with_adapter(name: str, place: str) -> LanguageCaptioner:
    """``adapter:PLACE``, and what ``--adapter NAME=PLACE`` asks for."""
    return LanguageCaptioner(
        name, f"a language model with the LoRA adapter {place}, reads the SVG code", model=None, adapter=at(place)
    )
