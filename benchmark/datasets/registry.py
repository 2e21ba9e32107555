"""The names of the built-in datasets, and the one function that turns a name or a path into samples."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmark.errors import UserError
from benchmark.samples import Dataset
from renderers.registry import Registry

Loader = Callable[..., Dataset]

DATASETS: Registry[Loader] = Registry(
    "dataset",
    modules=("benchmark.datasets.openmoji", "benchmark.datasets.shapes"),
    group="svg_caption_bench.datasets",
)


def load_dataset(spec: str, **own_data: Any) -> Dataset:
    """The dataset that ``spec`` names.

    Args:
        spec: ``NAME`` or ``NAME:key=value,key=value`` of a registered dataset, or the path of the user's own data.
        own_data: options of :func:`benchmark.datasets.own.load`; those that name fields are refused for a registered
            dataset, whose fields are known.

    Raises:
        UserError: nothing has that name and no such file exists, or an option or sample is wrong.
    """
    name, _, options = spec.partition(":")
    if name in DATASETS:
        if fields := [key for key, value in own_data.items() if key.endswith(("field", "fields")) and value]:
            raise UserError(
                f"--{fields[0].removesuffix('s').replace('_', '-')} is for your own data; {name!r} is a registered "
                f"dataset. To read a file or folder of that name, write ./{name}."
            )
        return _load_registered(name, options)
    path = Path(spec)
    try:
        there = path.exists()
    except OSError:  # longer than a file name can be
        there = False
    if not there:
        raise UserError(
            f"dataset {spec!r}: no such file or folder, and no dataset has that name. "
            f"Known: {', '.join(DATASETS)}; or give the path of a JSONL, CSV, JSON or parquet file or a folder."
        )
    from benchmark.datasets import own

    return own.load(path, **own_data)


def _load_registered(name: str, options: str) -> Dataset:
    loader = DATASETS[name]
    known = inspect.signature(loader).parameters
    values: dict[str, int | str] = {}
    for option in filter(None, options.split(",")):
        key, equals, value = option.partition("=")
        if not equals or key not in known:
            names = ", ".join(f"{name}:{k}=…" for k in known) or "none"
            raise UserError(f"dataset {name!r} has no option {option!r}. Its options: {names}.")
        values[key] = _value(f"{name}:{key}", value, known[key].default)
    return loader(**values)


def _value(option: str, text: str, default: object) -> int | str:
    """An option's value, a whole number where its default is one."""
    if not isinstance(default, int):
        return text
    if not re.fullmatch(r"-?[0-9]{1,18}", text):
        raise UserError(f"{option} is a whole number, not {text!r}.")
    return int(text)
