"""The adapter: LoRA matrices beside the targets of a base that stays as it is."""

from __future__ import annotations

from typing import Any

from captioners.base import CaptionerError
from captioners.training.base import Base
from captioners.training.config import TrainingConfig


def adapted(base: Base, config: TrainingConfig) -> Any:
    """A base with a new adapter, its first numbers those of the seed; the base itself is changed in place.

    The adapter is kept and trained in float32. What nf4 does not pack, norms and embeddings, becomes float32 too, as
    PEFT recommends; a base that is not packed keeps its precision.

    Raises:
        CaptionerError: the base lacks the targets, or cannot compute logits for chosen positions.
    """
    import inspect

    import torch
    from peft import LoraConfig, get_peft_model, prepare_model_for_kbit_training

    model = base.model
    if "logits_to_keep" not in inspect.signature(model.forward).parameters:
        raise CaptionerError(f"{type(model).__name__} cannot compute logits for chosen positions; choose another base")
    if config.model.quantization == "nf4":
        model = prepare_model_for_kbit_training(model, use_gradient_checkpointing=False)  # type: ignore[no-untyped-call]
        for module in model.modules():
            # On CPUs with AVX512-BF16, bitsandbytes packs weights anew when it evaluates, for a kernel without a
            # backward pass, and leaves them so: gradients of later steps would end there, with a warning at most.
            if hasattr(module, "support_avx512bf16_for_cpu"):
                module.support_avx512bf16_for_cpu = False
    if config.batch.gradient_checkpointing:
        model.config.use_cache = False
        model.activation_checkpointing_enable(activation_checkpointing_kwargs={"use_reentrant": False})
    lora = LoraConfig(
        r=config.lora.r,
        lora_alpha=config.lora.alpha,
        lora_dropout=config.lora.dropout,
        target_modules=list(config.lora.targets),
        bias="none",
        task_type="CAUSAL_LM",
    )
    torch.manual_seed(config.seed)
    try:
        return get_peft_model(model, lora)
    except ValueError as error:
        raise CaptionerError(f"no adapter on {', '.join(config.lora.targets)}: {error}") from error
