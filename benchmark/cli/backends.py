"""Which renderers a command is to draw with."""

from __future__ import annotations

from collections.abc import Sequence

from benchmark.errors import NothingToRun, UserError
from renderers import RENDERERS, RendererUnavailable
from renderers.drawing import usable_backends


def choose(asked: Sequence[str]) -> list[str]:
    """The names asked for, each once; "all" stands for every renderer that can work here, "auto" for itself.

    Raises:
        UnknownName: a name that is not registered.
        UserError: a renderer was named that cannot work here.
        NothingToRun: none of them can.
    """
    names = [name for one in asked for name in (RENDERERS.names() if one == "all" else [one])]
    reasons = {name: _reason(name) for name in dict.fromkeys(names)}
    unable = {name: reason for name, reason in reasons.items() if reason}
    lines = "".join(f"\n  {name}: {reason}" for name, reason in unable.items())
    if len(unable) == len(reasons):
        raise NothingToRun(f"none of the renderers can draw here:{lines}")
    if any(name in asked for name in unable):
        raise UserError(f"these renderers were named and cannot draw here (leave them out, or use 'all'):{lines}")
    return [name for name in reasons if name not in unable]


def _reason(name: str) -> str:
    """Why a renderer cannot work here, "" when it can."""
    try:
        usable_backends(name)
    except RendererUnavailable as error:
        return str(error)
    return ""
