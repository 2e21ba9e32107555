"""Causal language models that read the SVG code, alone or with LoRA adapters."""
