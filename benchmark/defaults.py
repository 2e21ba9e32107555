"""Defaults that the library and ``--help``, which must stay light, share."""

METRICS = ("bleu", "rouge_l", "meteor", "cider")
