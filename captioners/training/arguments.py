"""A preset in the words of the transformers library."""

from __future__ import annotations

from pathlib import Path

from transformers import TrainingArguments

from captioners.training.config import TrainingConfig
from captioners.training.launch.deepspeed import configuration


def arguments(
    config: TrainingConfig, folder: Path, *, tracker: str, validates: bool, resumes: bool, gpus: int, deepspeed: bool
) -> TrainingArguments:
    """What the library's trainer is told.

    Args:
        config: of the training.
        folder: for checkpoints.
        tracker: one of :data:`captioners.training.trackers.TRACKERS`.
        validates: whether there are validation examples.
        resumes: whether a checkpoint is loaded; otherwise the validation loss is computed before the first step too.
        gpus: that torch sees.
        deepspeed: whether the training runs under DeepSpeed, as far as the preset asks for it.
    """
    return TrainingArguments(
        output_dir=str(folder),
        num_train_epochs=config.epochs,
        per_device_train_batch_size=config.batch.size,
        per_device_eval_batch_size=config.batch.size,
        gradient_accumulation_steps=config.batch.accumulation,
        optim=config.optimizer.name,
        learning_rate=config.optimizer.learning_rate,
        weight_decay=config.optimizer.weight_decay,
        lr_scheduler_type=config.optimizer.schedule,
        warmup_steps=config.optimizer.warmup,  # below 1: a share of all steps
        max_grad_norm=config.optimizer.gradient_norm,
        bf16=config.model.dtype == "bfloat16",
        use_cpu=gpus == 0,
        seed=config.seed,
        eval_strategy="steps" if validates else "no",
        eval_steps=config.checkpoints.evaluate,
        eval_on_start=validates and not resumes,
        save_strategy="steps",
        save_steps=config.checkpoints.every,
        logging_steps=1,
        logging_nan_inf_filter=False,  # it would print a loss that is not a number as 0.0
        remove_unused_columns=False,
        ddp_find_unused_parameters=False,
        dataloader_pin_memory=gpus > 0,
        deepspeed=configuration(config) if deepspeed else None,
        report_to=tracker,
        project="svg-caption-bench",
        run_name=folder.parent.name,
        disable_tqdm=True,
        log_level="error",
    )
