"""Caption metrics: one module per metric, the tokenizer, a registry, and :func:`evaluate`."""

from benchmark.metrics.evaluation import DEFAULT_METRICS, Evaluation, evaluate

__all__ = ["DEFAULT_METRICS", "Evaluation", "evaluate"]
