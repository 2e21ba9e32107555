"""The trainer of transformers with our order of examples, our validation loss, and guards before each step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch.utils.data import DataLoader
from transformers import PrinterCallback, Trainer, TrainerCallback

from captioners.training.checks import first, not_finite, split
from captioners.training.collation import Collator, LengthGrouped
from captioners.training.errors import TrainingStopped
from captioners.training.examples import IGNORED, Example
from captioners.training.guards import Guard


class CaptionTrainer(Trainer):
    """Trains on :class:`Example`, in batches of similar length.

    Attributes:
        guard: what looks at each step.
        network: base and adapter.
        order: of the examples, epoch by epoch.
    """

    def __init__(self, *, examples: Sequence[Example], validation: Sequence[Example], **given: Any) -> None:
        self.guard = Guard()
        self.network: Any = given["model"]
        self.collate: Collator = given["data_collator"]
        super().__init__(train_dataset=examples, eval_dataset=validation or None, **given)
        together = self.args.per_device_train_batch_size * self.args.world_size
        self.order = LengthGrouped([len(example.tokens) for example in examples], together, self.args.seed)
        self.remove_callback(PrinterCallback)  # it writes to standard output, which is for results
        self.add_callback(_EachStep(self))

    def get_train_dataloader(self) -> DataLoader[Any]:
        loader: DataLoader[Any] = DataLoader(
            self.train_dataset,  # type: ignore[arg-type]
            batch_size=self.args.per_device_train_batch_size,
            sampler=self.order,
            collate_fn=self.collate,
            pin_memory=self.args.device.type == "cuda",
        )
        prepared: DataLoader[Any] = self.accelerator.prepare(loader)
        return prepared

    def compute_loss(
        self,
        model: Any,
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: Any = None,
    ) -> Any:
        """As in the library, and looked at before its gradients are computed."""
        ids = inputs.pop("ids")
        self.guard.labels += (inputs["labels"][:, 1:] != IGNORED).sum(1).tolist()
        self.guard.tokens += inputs["attention_mask"].sum(1).tolist()
        loss: Any = super().compute_loss(model, inputs, num_items_in_batch=num_items_in_batch)

        def name() -> str:
            with torch.no_grad(), not_finite(self.network) as found:
                self.network(**inputs)
            return first(found)

        self.guard.batch(loss.item(), ids, self.state.global_step, name)
        return loss

    def evaluate(self, *_: Any, **__: Any) -> dict[str, float]:
        """The validation loss: the mean over all learnt tokens, whatever the batches and the number of processes."""
        self.network.eval()
        total = torch.zeros(2, dtype=torch.float64, device=self.args.device)
        with torch.no_grad():
            for batch in self._validation():
                ids, inputs = split(batch, self.args.device)
                count = (inputs["labels"][:, 1:] != IGNORED).sum()
                loss = self.network(**inputs, num_items_in_batch=1).loss  # divided by 1: the sum
                if not torch.isfinite(loss):
                    raise TrainingStopped(
                        f"the validation loss is {loss.item()}",
                        ids=ids,
                        step=self.state.global_step,
                        cause="a weight that is not finite and that these samples use, or an adapter that a high "
                        "learning rate has driven away",
                        remedy="fetch the weights again; lower optimizer.learning_rate; resume",
                    )
                total += torch.stack([loss.double(), count.double()])
        summed = self.accelerator.reduce(total, "sum")
        metrics = {"eval_loss": float(summed[0] / summed[1])}
        self.log(dict(metrics))
        self.control = self.callback_handler.on_evaluate(self.args, self.state, self.control, metrics)
        return metrics

    def _validation(self) -> Iterator[dict[str, Any]]:
        """This process' share of the validation examples, in batches of similar length, the largest first."""
        ordered = sorted(self.eval_dataset, key=lambda example: len(example.tokens), reverse=True)  # type: ignore[arg-type]
        share = ordered[self.args.process_index :: self.args.world_size]
        size = self.args.per_device_eval_batch_size
        for start in range(0, len(share), size):
            yield self.collate(share[start : start + size])


class _EachStep(TrainerCallback):
    """Tells guard and order how far the training is."""

    def __init__(self, trainer: CaptionTrainer) -> None:
        self._trainer = trainer

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self._trainer.guard.remember(row["loss"] for row in state.log_history if "loss" in row)
        if self._trainer.is_deepspeed_enabled:
            self._look_behind()

    def on_epoch_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self._trainer.order.epoch = int(state.epoch or 0)

    def on_pre_optimizer_step(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        if self._trainer.is_deepspeed_enabled:
            return
        gradients = ((n, p.grad) for n, p in self._trainer.network.named_parameters() if p.requires_grad)
        self._trainer.guard.before_step(gradients, state.global_step)

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self._trainer.guard.after_step()

    def _look_behind(self) -> None:
        """DeepSpeed takes gradients away and steps at the end of the backward pass: look just before that."""
        trained = {name: p for name, p in self._trainer.network.named_parameters() if p.requires_grad}

        def look(gradients: Sequence[torch.Tensor | None]) -> None:
            self._trainer.guard.before_step(zip(trained, gradients, strict=True), self._trainer.state.global_step)

        torch.autograd.graph.register_multi_grad_hook(tuple(trained.values()), look)
