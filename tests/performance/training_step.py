"""What a training step costs: logits everywhere, where labels are, and in TRL's SFTTrainer; and what padding costs.

    python tests/performance/training_step.py BASE [--sizes 1,4] [--length 400] [--learnt 24] [--steps 2] [--json]
    python tests/performance/training_step.py BASE --padding [--json]

BASE is a folder or GGUF file, e.g. Gemma 3 270M. TRL is measured where it is installed (pip install trl). All have the
same data, base (nf4), adapter (preset test3) and batch, one thread, and a process each; the first step is left out.
Shown are processor seconds of a step, which say more than the clock on a machine that does something else too, and peak
memory above that of the loaded base. ``--padding`` trains on examples of 100 to 400 tokens, padded to one length, to
that of the batch, and that in similar ones. Gradients of both ways are compared bit by bit first.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from captioners.torchvision_operators import declare_missing

WAYS = ("everywhere", "where labels are", "TRL")
PADDINGS = ("one length", "that of the batch", "similar lengths")


def examples(count: int, shortest: int, longest: int, learnt: int) -> list[Any]:
    from captioners.training.examples import Example

    draw = random.Random(0)
    made = []
    for number in range(count):
        length = draw.randint(shortest, longest)
        made.append(Example(str(number), tuple(draw.randrange(3, 250) for _ in range(length)), length - learnt))
    return made


def folder(base: Path, parent: Path) -> Path:
    """The base as a folder of safetensors, which nf4 is made of."""
    if base.is_dir():
        return base
    from transformers import AutoModelForCausalLM, AutoTokenizer

    place: dict[str, Any] = {"pretrained_model_name_or_path": str(base.parent), "gguf_file": base.name}
    model: Any = AutoModelForCausalLM.from_pretrained(**place, dtype="float32")
    model.hf_quantizer = None  # its numbers are unpacked, and the library would not write them as such
    if hasattr(model.config, "quantization_config"):
        del model.config.quantization_config
    model.save_pretrained(parent / "base")
    AutoTokenizer.from_pretrained(**place).save_pretrained(parent / "base")
    return parent / "base"


def configured(size: int, dtype: str) -> Any:
    from captioners.training.config import load

    return load(
        "test3",
        [f"batch.size={size}", "batch.accumulation=1", "epochs=1", "optimizer.warmup=0.0", f"model.dtype={dtype}"],
    )


class Clock:
    """Processor seconds of each step."""

    def __init__(self) -> None:
        from transformers import TrainerCallback

        seconds: list[float] = []
        self.seconds = seconds

        class Each(TrainerCallback):  # type: ignore[misc]
            def on_step_begin(self, *_: Any, **__: Any) -> None:
                seconds.append(time.process_time())

            def on_step_end(self, *_: Any, **__: Any) -> None:
                seconds[-1] = time.process_time() - seconds[-1]

        self.callback = Each()


def resident(peak: bool) -> float:
    """MiB of this process, now or at most since :func:`forget`."""
    name = "VmHWM" if peak else "VmRSS"
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(name))


def forget() -> None:
    Path("/proc/self/clear_refs").write_text("5")


def measure(task: dict[str, Any]) -> dict[str, Any]:
    """One way, in this process."""
    import torch

    from captioners.training.adaptation import adapted
    from captioners.training.arguments import arguments
    from captioners.training.base import load
    from captioners.training.collation import Collator
    from captioners.training.examples import Example
    from captioners.training.loop import CaptionTrainer

    torch.set_num_threads(1)
    config = configured(task["size"], task["dtype"])
    base = load(task["base"], config.model)
    model = adapted(base, config)
    made = [Example(**{**one, "tokens": tuple(one["tokens"])}) for one in task["examples"]]
    clock = Clock()
    with tempfile.TemporaryDirectory() as place:
        args = arguments(config, Path(place), tracker="none", validates=False, resumes=False, gpus=0, deepspeed=False)
        args = replace(args, save_strategy="no", bf16=args.bf16 and not task["no_autocast"])
        if task["way"] == "TRL":
            trainer = of_trl(model, base.tokenizer, made, args, clock)
        else:
            collate: Any = Collator(base.pad, everywhere=task["way"] == "everywhere")
            if task["way"] == "one length":
                collate = to_one_length(collate, max(len(one.tokens) for one in made))
            trainer = CaptionTrainer(
                examples=made, validation=[], model=model, args=args, data_collator=collate, callbacks=[clock.callback]
            )
            if task["way"] in PADDINGS[:2]:
                trainer.order = torch.utils.data.SequentialSampler(made)
        forget()
        before = resident(peak=False)
        trainer.train()
    loss = [row["loss"] for row in trainer.state.log_history if "loss" in row]
    seconds = clock.seconds[1:] or clock.seconds
    return {
        "way": task["way"],
        "size": task["size"],
        "seconds": round(min(seconds), 3),
        "all_seconds": [round(one, 3) for one in clock.seconds],
        "samples_per_second": round(len(made) / sum(clock.seconds), 4),
        "peak_mib": round(resident(peak=True) - before),
        "losses": loss,
    }


def to_one_length(collate: Any, length: int) -> Any:
    import torch

    def padded(batch: Any) -> dict[str, Any]:
        made: dict[str, Any] = collate(batch)
        wide = length - made["input_ids"].shape[1]
        for name, value in (("input_ids", 0), ("attention_mask", 0), ("labels", -100), ("logits_to_keep", False)):
            made[name] = torch.nn.functional.pad(made[name], (0, wide), value=value)
        return made

    return padded


def of_trl(model: Any, tokenizer: Any, made: list[Any], args: Any, clock: Clock) -> Any:
    from datasets import Dataset
    from trl import SFTConfig, SFTTrainer

    rows = [
        {"input_ids": list(one.tokens), "completion_mask": [int(i >= one.prompt) for i in range(len(one.tokens))]}
        for one in made
    ]
    names = (
        *("output_dir", "num_train_epochs", "per_device_train_batch_size", "optim", "learning_rate", "weight_decay"),
        *(
            "lr_scheduler_type",
            "bf16",
            "use_cpu",
            "seed",
            "logging_steps",
            "report_to",
            "disable_tqdm",
            "save_strategy",
        ),
        *("logging_nan_inf_filter", "max_grad_norm"),
    )
    chosen = {name: getattr(args, name) for name in names}
    settings = SFTConfig(**chosen, completion_only_loss=True, max_length=None, activation_checkpointing=True)
    return SFTTrainer(
        model=model,
        args=settings,
        train_dataset=Dataset.from_list(rows),
        processing_class=tokenizer,
        callbacks=[clock.callback],
    )


def equal(base: Path, made: list[Any]) -> dict[str, Any]:
    """Loss and gradients of both ways on one batch, in float32."""
    import torch

    from captioners.training.adaptation import adapted
    from captioners.training.base import load
    from captioners.training.checks import split
    from captioners.training.collation import Collator

    torch.set_num_threads(1)
    config = configured(len(made), "float32")
    model = adapted(load(str(base), config.model), config)
    found = []
    for everywhere in (True, False):
        torch.manual_seed(0)
        model.train()
        model.zero_grad()
        loss = model(**split(Collator(0, everywhere=everywhere)(made), "cpu")[1], num_items_in_batch=100).loss
        loss.backward()
        found.append((loss.item(), {n: p.grad.clone() for n, p in model.named_parameters() if p.requires_grad}))
    (plain, ones), (chosen, others) = found
    same = sum(torch.equal(ones[name], others[name]) for name in ones)
    return {"losses": [plain, chosen], "gradients": len(ones), "bitwise equal": same}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("base", type=Path, nargs="?")
    parser.add_argument("--sizes", default="1,4")
    parser.add_argument("--length", type=int, default=400)
    parser.add_argument("--learnt", type=int, default=24)
    parser.add_argument("--steps", type=int, default=2, help="measured, after one that is not")
    parser.add_argument("--dtype", default="bfloat16", help="of computing; the presets' is bfloat16")
    parser.add_argument("--no-autocast", action="store_true", help="what is not packed, the head too, in float32")
    parser.add_argument("--padding", action="store_true")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--task", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    declare_missing()
    if given.task:
        print(json.dumps(measure(json.load(sys.stdin))))
        return
    with tempfile.TemporaryDirectory() as place:
        base = folder(given.base, Path(place))
        rows: list[dict[str, Any]] = []
        if given.padding:
            tasks = [(way, 4, examples(16, 100, given.length, given.learnt)) for way in PADDINGS]
        else:
            rows.append(equal(base, examples(2, given.length, given.length, given.learnt)))
            print(rows[0], file=sys.stderr)
            tasks = [
                (way, size, examples(size * (given.steps + 1), given.length, given.length, given.learnt))
                for size in map(int, given.sizes.split(","))
                for way in WAYS
            ]
        for way, size, made in tasks:
            task = {"way": way, "size": size, "dtype": given.dtype, "base": str(base)}
            task["no_autocast"] = given.no_autocast
            task["examples"] = [vars_of(one) for one in made]
            done = subprocess.run(
                [sys.executable, __file__, "--task"],
                input=json.dumps(task),
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode:
                print(f"{way}: {done.stderr.strip().splitlines()[-1]}", file=sys.stderr)
                continue
            rows.append(json.loads(done.stdout.strip().splitlines()[-1]))
            print({k: v for k, v in rows[-1].items() if k != "losses"}, file=sys.stderr)
    if given.json:
        print(json.dumps(rows, indent=2))


def vars_of(example: Any) -> dict[str, Any]:
    return {"id": example.id, "tokens": list(example.tokens), "prompt": example.prompt}


if __name__ == "__main__":
    main()
