"""A plan as a person reads it in a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from captioners.training.data import Prepared
from captioners.training.planning.lengths import Lengths
from captioners.training.planning.plan import Plan

_SHOWN = 8
_WIDEST = 50
_GB = 10**9


def lines(plan: Plan) -> Iterator[str]:
    """The plan, line by line."""
    counts, steps, slurm = plan.counts, plan.steps, plan.slurm
    yield f"base          {plan.base}: {counts.total:,} parameters"
    yield f"preset        {plan.preset}"
    yield f"adapter       {counts.trainable:,} trainable parameters, {100 * counts.share:.2f} % of all"
    yield from _data("to learn from", plan.training)
    yield from _data("to validate", plan.validation)
    yield f"steps         {steps.total:,} of {steps.examples} examples, {steps.per_epoch:,} an epoch"
    kept = f"{steps.evaluations:,} evaluations, {steps.checkpoints:,} checkpoints"
    yield f"              {steps.warmup:,} to warm up, {kept}"
    yield from _lengths(plan.lengths, plan.estimated)
    yield from _memory(plan)
    yield (
        f"Slurm         1 node, {plan.gpus} GPU, {slurm.cores} cores, {slurm.memory} GB, {slurm.hours} h; a signal "
        f"{slurm.signal} s before the end"
    )
    for note in plan.notes:
        yield f"note          {note}"


def bars(lengths: Lengths) -> Iterator[str]:
    """The histogram: one line a bin, its bar as long as its share of the fullest."""
    most = max(lengths.histogram)
    last = lengths.first + len(lengths.histogram) * lengths.width - 1
    digits = len(f"{last:,}")
    for place, number in enumerate(lengths.histogram):
        start = lengths.first + place * lengths.width
        bar = "#" * -(-number * _WIDEST // most)
        yield f"{start:>{digits},} to {start + lengths.width - 1:>{digits},} {bar}{' ' if bar else ''}{number:,}"


def _data(purpose: str, prepared: Prepared) -> Iterator[str]:
    yield f"examples      {len(prepared.examples):,} {purpose}"
    repairs = {name: f"{number:,}" for name, number in prepared.repairs.items()}
    yield from _listed("drawings mended", sum(prepared.repairs.values()), repairs)
    yield from _listed("drawings not fully simplified", len(prepared.not_simplified), prepared.not_simplified)
    dropped = {id: f"{number:,} elements" for id, number in prepared.shortened.items()}
    yield from _listed("drawings shortened so that the caption fits", len(prepared.shortened), dropped)
    yield from _listed("left out", len(prepared.left_out), prepared.left_out)


def _listed(what: str, number: int, details: Mapping[str, str]) -> Iterator[str]:
    if not details:
        return
    yield f"              {number:,} {what}:"
    for name, detail in list(details.items())[:_SHOWN]:
        yield f"                {name}: {detail}"
    if len(details) > _SHOWN:
        yield f"                and {len(details) - _SHOWN:,} more (--json lists all)"


def _lengths(lengths: Lengths, estimated: str) -> Iterator[str]:
    how = f" (estimated, as the base's tokenizer is not here: {estimated})" if estimated else ""
    yield f"tokens        {lengths.tokens:,} in an epoch{how}"
    yield (
        f"              an example: {lengths.shortest:,} to {lengths.longest:,}, median {lengths.median:,}, "
        f"95 % up to {lengths.percentile_95:,}; a caption: up to {lengths.longest_answer:,}"
    )
    for bar in bars(lengths):
        yield f"              {bar}"


def _memory(plan: Plan) -> Iterator[str]:
    where = "each GPU" if plan.gpus else "the CPU"
    yield f"memory        of {where}, GB; an estimate       longest   95 % up to"
    for name in ("weights", "adapter", "activations", "layer", "logits", "total"):
        longest, usual = (getattr(memory, name) / _GB for memory in (plan.memory, plan.usual_memory))
        yield f"              {_PARTS[name]:<32} {longest:>8.2f} {usual:>12.2f}"
    if plan.fits is not None:
        left = plan.gpu_memory - plan.memory.total / _GB
        verdict = f"{left:.1f} GB are left" if plan.fits else f"{-left:.1f} GB are missing"
        yield f"              of {plan.gpu_memory} GB {verdict} for CUDA itself, fragments and unpacking"


_PARTS: Mapping[str, str] = {
    "weights": "weights of the base",
    "adapter": "adapter, gradients, optimizer",
    "activations": "activations between layers",
    "layer": "work of one layer",
    "logits": "logits and loss",
    "total": "total",
}
