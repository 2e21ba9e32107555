"""What processes and their children hold in memory, for measurements (Linux)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path


def descendants(pids: Iterable[int]) -> list[int]:
    """These processes, their children, and theirs."""
    found = list(pids)
    for pid in found:  # grows as it goes
        with suppress(OSError):
            for thread in Path(f"/proc/{pid}/task").iterdir():
                found += map(int, (thread / "children").read_text().split())
    return found


def resident(pid: int) -> int:
    """KiB of memory that a process holds; 0 where it has ended."""
    with suppress(OSError):
        if found := re.search(r"VmRSS:\s*(\d+)", Path(f"/proc/{pid}/status").read_text()):
            return int(found[1])
    return 0
