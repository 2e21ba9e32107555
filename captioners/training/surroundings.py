"""What a preset asks for and this machine has not: said before a training, never ignored."""

from __future__ import annotations

from captioners.training.config import TrainingConfig


def unmet(config: TrainingConfig, *, gpus: int, processes: int, obstacle: str) -> list[str]:
    """Sentences on what will differ from the preset as it was published.

    Args:
        config: of the training.
        gpus: that torch sees here; 0 for a training on the CPU.
        processes: that train side by side.
        obstacle: why it does without the DeepSpeed that is asked for; "" where it does not.
    """
    said = []
    asked = config.hardware
    if asked.gpus and not gpus:
        said.append(
            f"the preset is for {asked.gpus} GPU of {asked.gpu_memory} GB; there is none here: the CPU computes"
        )
    if (published := max(asked.gpus, 1)) != processes:
        each = config.batch.size * config.batch.accumulation
        same = config.batch.accumulation * published // processes
        said.append(
            f"the preset is for {published} processes and this is {processes}: a step has {each * processes} examples "
            f"instead of {each * published}; --set batch.accumulation={max(same, 1)} makes up for it"
        )
    if not gpus:
        if config.optimizer.name.startswith("paged_"):
            said.append(f"{config.optimizer.name}: there is no paged memory on a CPU; the same numbers without it")
        if config.model.dtype == "bfloat16":
            said.append("model.dtype = bfloat16: few CPUs are fast in it; float32 may be faster")
        if config.model.quantization == "nf4":
            said.append("model.quantization = nf4: unpacked anew in each step, which is slow on a CPU")
    if config.model.dtype == "float16":
        said.append("model.dtype = float16: without a loss scale; small gradients may vanish, bfloat16 is safer")
    if config.deepspeed is not None:
        if obstacle:
            said.append(
                f"DeepSpeed ZeRO-{config.deepspeed.stage} is not used: {obstacle}. It saves memory, and "
                "changes updates only by roundings"
            )
        if config.deepspeed.offload_parameters and config.deepspeed.stage < 3:
            said.append(
                f"deepspeed.offload_parameters: without effect under ZeRO-{config.deepspeed.stage}; kept as published"
            )
    return said
