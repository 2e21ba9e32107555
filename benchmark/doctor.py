"""What is here and what is missing: machine, packages, captioners, renderers, metrics, fonts, Java, folders."""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

from benchmark import provenance
from benchmark.metrics.base import METRICS
from captioners import ModelOptions, named
from renderers import RENDERERS
from renderers.fonts import Fonts
from renderers.kept_files import cache_folder, unwritable
from renderers.registry import AVAILABLE, Availability


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at.

    Attributes:
        kind: what it belongs to: machine, package, captioner, …
        name: of the thing.
        found: what is there, "" when nothing is.
        availability: whether it can be used; if not, why, and what would change it.
    """

    kind: str
    name: str
    found: str
    availability: Availability = AVAILABLE


def checks(models: ModelOptions | None = None) -> Iterator[Check]:
    """Everything that decides what can run here, one after the other, as each is known.

    ``models`` says where weights lie and which device is asked for, as in a run.
    """
    yield from _machine()
    yield from _packages()
    for captioner in named(["all"], models or ModelOptions()).values():
        yield Check("captioner", captioner.name, captioner.summary, captioner.availability())
    for name in RENDERERS:
        renderer = RENDERERS[name]()
        usable = renderer.availability()
        yield Check("renderer", name, renderer.version() if usable else "", usable)
    for name in METRICS:
        yield Check("metric", name, ", ".join(METRICS[name].columns), METRICS[name].availability())
    yield _fonts()
    yield _java()
    yield _cache()


def _machine() -> Iterator[Check]:
    yield Check("machine", "python", f"{platform.python_version()} on {platform.platform()}")
    yield Check("machine", "processors", str(len(os.sched_getaffinity(0))))
    yield Check("machine", "memory", _memory())
    yield _gpu()


def _memory() -> str:
    page = os.sysconf("SC_PAGE_SIZE") / 2**30
    return f"{os.sysconf('SC_PHYS_PAGES') * page:.1f} GiB, {os.sysconf('SC_AVPHYS_PAGES') * page:.1f} GiB unused"


def _gpu() -> Check:
    if importlib.util.find_spec("torch") is None:
        missing = Availability("torch is not installed", "pip install -e '.[models]'")
        return Check("machine", "GPU", "", missing)
    import torch

    if not torch.cuda.is_available():
        return Check("machine", "GPU", "", Availability(f"torch {torch.__version__} sees none", "models use the CPU"))
    names = []
    for index in range(torch.cuda.device_count()):
        free, total = torch.cuda.mem_get_info(index)
        names.append(f"{torch.cuda.get_device_name(index)}, {free / 2**30:.1f} of {total / 2**30:.1f} GiB free")
    return Check("machine", "GPU", "; ".join(names))


def _packages() -> Iterator[Check]:
    versions = provenance.software()
    for name in provenance.dependencies():
        found = versions.get(name, "")
        missing = Availability("not installed", f"pip install -c .ci/constraints.txt {name}")
        yield Check("package", name, found, AVAILABLE if found else missing)


def _fonts() -> Check:
    count = len(Fonts().files())
    none = Availability("there are no fonts: text is not drawn", "apt-get install fonts-dejavu-core, or --font-dir")
    return Check("system", "fonts", f"{count} files" if count else "", AVAILABLE if count else none)


def _java() -> Check:
    executable = shutil.which("java")
    if executable is None:
        return Check("system", "java", "", Availability("not installed", "only tests against pycocoevalcap need it"))
    try:
        done = subprocess.run([executable, "-version"], capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return Check("system", "java", "", Availability(f"{executable} does not run: {error}"))
    return Check("system", "java", (done.stderr or done.stdout).partition("\n")[0])


def _cache() -> Check:
    try:
        folder = cache_folder("")
    except RuntimeError as error:
        return Check("system", "cache", "", Availability(str(error), "set SVG_CAPTION_BENCH_CACHE to a folder"))
    problem = unwritable(folder)
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    remedy = Availability(f"it cannot be written: {problem}", "set SVG_CAPTION_BENCH_CACHE to another folder")
    return Check("system", "cache", f"{folder}, {size / 2**20:.1f} MiB", remedy if problem else AVAILABLE)
