"""The trainer: LoRA adapters for causal language models, checked before and while they are trained."""
