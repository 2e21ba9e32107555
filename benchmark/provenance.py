"""Which software made a run: versions, platform and commit."""

from __future__ import annotations

import platform
import re
import subprocess
from functools import cache
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from benchmark import __version__

DISTRIBUTION = "svg-caption-bench"
_NAME = re.compile(r"[\w.-]+")


@cache
def software() -> dict[str, str]:
    """Versions of this package, Python, and those of its dependencies that are installed."""
    versions = {
        DISTRIBUTION: __version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
    }
    for name in dependencies():
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            continue
    return versions


@cache
def git_commit() -> str:
    """Commit of this checkout, with "+dirty" when tracked files differ from it; "" outside a checkout."""
    root = Path(__file__).resolve().parents[1]
    if not (root / ".git").exists():
        return ""
    commit = _git(root, "rev-parse", "HEAD")
    changed = _git(root, "status", "--porcelain", "--untracked-files=no")
    return commit + ("+dirty" if commit and changed else "")


def _git(root: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip()


def dependencies() -> list[str]:
    """What this package and its extras, ``dev`` apart, depend on; empty in a checkout that was not installed."""
    try:
        lines = requires(DISTRIBUTION) or []
    except PackageNotFoundError:
        return []
    used = (line for line in lines if "extra == 'dev'" not in line.replace('"', "'"))
    return sorted({name.group() for line in used if (name := _NAME.match(line))} - {DISTRIBUTION})
