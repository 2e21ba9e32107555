"""DeepSpeed ZeRO (Rajbhandari et al. 2020) as a preset asks for it, and why it cannot be used here.

ZeRO divides optimizer states (stage 1), gradients too (2) and parameters too (3) between processes. What comes out is
rounded otherwise: embeddings, norms, head and the adapter are in bfloat16, where a training without it keeps them in
float32, and the adapter is trained from copies in 32 bits. The loss of the first step is, to the last digit shown, that
of a base whose parameters are cast so.
"""

from __future__ import annotations

import importlib.util
import os
from typing import Any

from captioners.base import CaptionerError
from captioners.training.config import TrainingConfig


def configuration(config: TrainingConfig) -> dict[str, Any] | None:
    """What DeepSpeed is told, ``auto`` being what the trainer is told; None where the preset asks for none.

    Raises:
        CaptionerError: stage 3 is asked for together with nf4.
    """
    asked = config.deepspeed
    if asked is None:
        return None
    if asked.stage == 3 and config.model.quantization == "nf4":
        raise CaptionerError(
            "deepspeed.stage = 3 divides parameters, and those of model.quantization = 'nf4' are packed: --set "
            "deepspeed.stage=2, or --set model.quantization=none --set model.double_quantization=false"
        )
    to_cpu = {"device": "cpu"}
    zero: dict[str, Any] = {
        "stage": asked.stage,
        # Gradients of one batch may be summed while those of the next are written: a reported source of NaN.
        # https://github.com/microsoft/DeepSpeed/issues/4298
        "overlap_comm": False,
    }
    if asked.offload_optimizer:
        zero["offload_optimizer"] = to_cpu
    if asked.offload_parameters:
        zero["offload_param"] = to_cpu
    return {
        "train_micro_batch_size_per_gpu": "auto",
        "gradient_accumulation_steps": "auto",
        "gradient_clipping": "auto",
        "bf16": {"enabled": config.model.dtype == "bfloat16"},
        "zero_optimization": zero,
        # The optimizer is that of the preset, not DeepSpeed's own Adam for CPUs.
        "zero_allow_untested_optimizer": True,
        "zero_force_ds_cpu_optimizer": False,
    }


def obstacle(config: TrainingConfig, gpus: int) -> str:
    """Why a training does without the DeepSpeed that its preset asks for; "" where it does not.

    Args:
        config: of the training.
        gpus: that torch sees.
    """
    if config.deepspeed is None:
        return ""
    if importlib.util.find_spec("deepspeed") is None:
        return "it is not installed: pip install -c .ci/constraints.txt -e '.[deepspeed]'"
    if not gpus and os.environ.get("DS_ACCELERATOR") != "cpu":
        return "there is no GPU; DS_ACCELERATOR=cpu makes it run on the CPU, after building for minutes"
    if "LOCAL_RANK" not in os.environ:
        return "it needs processes of its own: --launcher torchrun or slurm"
    return ""
