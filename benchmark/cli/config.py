"""``--config FILE``: options from a TOML file, or from a run's manifest, which repeats that run."""

from __future__ import annotations

import difflib
import json
import tomllib
from pathlib import Path
from typing import Any

import click

from benchmark.errors import UserError


def _apply(context: click.Context, _option: click.Parameter, path: Path | None) -> None:
    if path is None:
        return
    known = {name: parameter for parameter in context.command.params for name in _spellings(parameter)}
    defaults: dict[str, Any] = {}
    for key, value in _read(path).items():
        parameter = known.get(key.replace("_", "-"))
        if parameter is None:
            near = difflib.get_close_matches(key.replace("_", "-"), known, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            raise UserError(f"{path}: the command {context.info_name!r} has no option {key!r}.{hint}")
        defaults[parameter.name or ""] = _default(parameter, value)
    context.default_map = {**(context.default_map or {}), **defaults}


config_option = click.option(
    "--config",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    is_eager=True,
    expose_value=False,
    callback=_apply,
    help="Take options from this TOML file or run manifest; flags given here win.",
)


def _spellings(parameter: click.Parameter) -> list[str]:
    """What a file may call an option: as the command line does, or as a manifest does."""
    flags = [option.lstrip("-") for option in parameter.opts if option.startswith("--")]
    return [*flags, (parameter.name or "").replace("_", "-")]


def _default(parameter: click.Parameter, value: Any) -> Any:
    """A list for an option that may be repeated; for any other one its values joined by commas."""
    values = list(map(str, value)) if isinstance(value, list) else [value]
    if parameter.multiple:
        return values
    return ",".join(values) if isinstance(value, list) else value


def _read(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8-sig")
        document = json.loads(text)["options"] if path.suffix == ".json" else tomllib.loads(text)
    except (KeyError, TypeError):
        raise UserError(f"{path} has no 'options': give a run's manifest.json or a TOML file.") from None
    except (OSError, ValueError) as error:
        raise UserError(f"{path} cannot be read as configuration: {error}.") from error
    if not isinstance(document, dict):
        raise UserError(f"{path}: 'options' is not a table of option names and values.")
    return document
