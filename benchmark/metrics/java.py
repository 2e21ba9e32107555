"""Java, which the reference implementation of METEOR needs."""

from __future__ import annotations

import shutil

from renderers.registry import AVAILABLE, Availability


def availability() -> Availability:
    """Whether ``java`` is on the PATH."""
    if shutil.which("java"):
        return AVAILABLE
    return Availability("no java on the PATH", "apt-get install default-jre-headless")
