"""Holding an amount to its limit, and what a document and those inside it have used up so far."""

from __future__ import annotations

from dataclasses import dataclass

from renderers.base import UnsafeSvg
from renderers.limits import Limits


def hold(limits: Limits, name: str, amount: int, what: str) -> None:
    """Refuse an SVG that has more of something than a limit allows.

    Args:
        limits: all of them.
        name: of the limit.
        amount: what the SVG has.
        what: of which, in the plural, for the message.

    Raises UnsafeSvg, which names the limit, the amount and the way to raise it.
    """
    limit: int = getattr(limits, name)
    if amount > limit:
        raise UnsafeSvg(
            f"the SVG has {amount:,} {what}; at most {limit:,} are drawn "
            f"(limit: {name}; raise it with --svg-limit {name}=NUMBER)"
        )


@dataclass(slots=True)
class Tally:
    """What was counted so far in a document and the SVG pictures inside it, which share their limits.

    Attributes:
        bytes: as UTF-8.
        elements: in the documents.
        path_tokens: as far as they were counted; documents too small to exceed a limit are not.
        characters: of text, likewise.
    """

    bytes: int = 0
    elements: int = 0
    path_tokens: int = 0
    characters: int = 0
