"""The one model in memory: several captioners of a run may share it, and the next one takes its place."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Hashable
from typing import Any

_held: dict[Hashable, Any] = {}


def held(key: Hashable, load: Callable[[], Any]) -> Any:
    """What ``load`` gives, loaded once for a key; what was held under another key is let go first."""
    if key not in _held:
        release()
        _held[key] = load()
    return _held[key]


def release() -> None:
    """Let go of what is held, also of its memory on a GPU."""
    if not _held:
        return
    _held.clear()
    gc.collect()
    if (torch := sys.modules.get("torch")) is not None and torch.cuda.is_available():
        torch.cuda.empty_cache()
