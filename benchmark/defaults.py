"""Defaults that the library and ``--help``, which must stay light, share."""

METRICS = ("bleu", "rouge_l", "meteor", "cider")
CLIP_MODEL = "ViT-B-32/openai"
CLIP_DTYPES = ("float32", "bfloat16", "float16")
DEVICE = "auto"
