"""Why a training does not start, or stops: what was seen, where, and what to do."""

from __future__ import annotations

from collections.abc import Sequence

from captioners.base import CaptionerError

_SHOWN = 8


class TrainingStopped(CaptionerError):
    """A guard has tripped.

    Attributes:
        seen: what it saw.
        step: optimizer steps that were finished; None before training.
        ids: samples of the batch, or those that are at fault.
        cause: the likely one.
        remedy: what to do.
    """

    def __init__(self, seen: str, *, cause: str, remedy: str, ids: Sequence[str] = (), step: int | None = None) -> None:
        self.seen, self.step, self.ids, self.cause, self.remedy = seen, step, tuple(ids), cause, remedy
        where = "before training" if step is None else f"in step {step + 1}, the adapter is as step {step} left it"
        lines = [f"{seen} ({where})"]
        if ids:
            more = f" and {len(ids) - _SHOWN} more" if len(ids) > _SHOWN else ""
            lines.append(f"  samples: {', '.join(ids[:_SHOWN])}{more}")
        super().__init__("\n".join([*lines, f"  likely cause: {cause}", f"  remedy: {remedy}"]))
