"""Caption metrics: one module per metric, the tokenizer, a registry, and :func:`evaluate`."""

from benchmark.metrics.evaluation import Evaluation, evaluate

__all__ = ["Evaluation", "evaluate"]
