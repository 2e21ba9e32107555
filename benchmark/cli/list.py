"""``python -m benchmark list``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from benchmark.cli.options import json_option

if TYPE_CHECKING:
    from benchmark.metrics.base import Metric

EPILOG = """\b
Examples:
  python -m benchmark list captioners
  python -m benchmark list presets
  python -m benchmark list metrics --json"""


@click.command("list", epilog=EPILOG)
@click.argument("kind", type=click.Choice(["captioners", "renderers", "metrics", "datasets", "presets"]))
@json_option
def command(kind: str, as_json: bool) -> None:
    """List what is registered: names, what each is, and whether it can be used here."""
    rows = _ROWS[kind]()
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    from benchmark.cli.display import print_table

    shown = [{name: value for name, value in row.items() if name not in _TOO_LONG} for row in rows]
    print_table(list(shown[0]), [list(row.values()) for row in shown])


def _captioners() -> list[dict[str, str]]:
    from captioners import ModelOptions, named

    parts = named(["all"], ModelOptions()).values()
    return [
        {
            "captioner": c.name,
            "reads": c.reads,
            "what it is": c.summary,
            "availability": str(c.availability()),
        }
        for c in parts
    ]


def _renderers() -> list[dict[str, str]]:
    from renderers import RENDERERS

    parts = [(name, RENDERERS[name]()) for name in RENDERERS]
    return [
        {
            "renderer": name,
            "version": part.version() if part.availability() else "",
            "availability": str(part.availability()),
        }
        for name, part in parts
    ]


def _ranges(metric: Metric) -> str:
    from benchmark.metrics.base import ByColumn

    if isinstance(metric, ByColumn):
        return ", ".join(f"{column} 0 to {metric.column_upper(column):.4g}" for column in metric.columns)
    return f"0 to {metric.upper:g}"


def _metrics() -> list[dict[str, str]]:
    import inspect

    from benchmark.metrics.base import METRICS

    parts = [(name, METRICS[name], inspect.getdoc(type(METRICS[name])) or "") for name in METRICS]
    return [
        {
            "metric": name,
            "columns": ", ".join(part.columns),
            "range": _ranges(part),
            "what it is": documentation.split("\n")[0],
            "signature": part.signature,
            "availability": str(part.availability()),
            "documentation": documentation,
        }
        for name, part, documentation in parts
    ]


def _datasets() -> list[dict[str, str]]:
    import inspect

    from benchmark.datasets.registry import DATASETS

    parts = [(name, DATASETS[name]) for name in DATASETS]
    return [
        {
            "dataset": name,
            "options": ",".join(inspect.signature(part).parameters),
            "what it is": (inspect.getdoc(inspect.getmodule(part)) or "").split("\n")[0],
        }
        for name, part in parts
    ]


def _presets() -> list[dict[str, str]]:
    from captioners.training import config

    return [
        {
            "preset": name,
            "what it is": summary,
            "GPUs": str((made := config.load(name)).hardware.gpus),
            "adapter": f"r {made.lora.r}, alpha {made.lora.alpha}, {', '.join(made.lora.targets)}",
            "learning rate": f"{made.optimizer.learning_rate:g}",
            "batch": f"{made.batch.size} x {made.batch.accumulation}",
        }
        for name, summary in config.presets().items()
    ]


_TOO_LONG = ("documentation",)  # for a table
_ROWS = {
    "captioners": _captioners,
    "renderers": _renderers,
    "metrics": _metrics,
    "datasets": _datasets,
    "presets": _presets,
}
