"""Defaults that the library and ``--help``, which must stay light, share."""

from __future__ import annotations

from collections.abc import Sequence

from benchmark.errors import UserError

CLIP_MODEL = "ViT-B-32/openai"
CLIP_DTYPES = ("float32", "bfloat16", "float16")
DEVICE = "auto"

# What a profile scores by: the COCO caption evaluation, or NLTK and rouge-score as many theses use them.
PROFILES = {
    "coco": ("bleu", "rouge_l", "meteor", "cider"),
    "nltk": ("bleu_nltk", "rouge_l_nltk", "meteor_nltk"),
}
PROFILE = "coco"


def metrics_of(profile: str, metrics: Sequence[str] = ()) -> tuple[str, ...]:
    """The metrics that are named, or those of the profile where none is. Raises UserError."""
    if profile not in PROFILES:
        raise UserError(f"there is no profile {profile!r}. Known: {', '.join(PROFILES)}.")
    if metrics and profile != PROFILE:
        raise UserError(
            f"a profile ({profile}) and metrics ({','.join(metrics)}) were both asked for, and both say what to score "
            f"by: leave one of them out. Metrics of the profile: {','.join(PROFILES[profile])}."
        )
    return tuple(metrics) or PROFILES[profile]
