"""How models are to run, as the command line, configuration files and manifests say it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest

from benchmark import defaults
from benchmark.cli.options import MODEL
from benchmark.cli.run import command
from benchmark.config import RunConfig
from captioners import ModelOptions
from captioners.options import DTYPES, QUANTIZATIONS, Input

BOTH = (*MODEL, "device", "allow_download")


def parsed(*arguments: str) -> ModelOptions:
    """The options of models that the command ``run`` makes of arguments."""
    context = command.make_context("run", ["--captioners", "constant", *arguments])
    return ModelOptions(**{name: context.params[name] for name in BOTH})


def test_the_command_line_knows_every_field_and_its_default() -> None:
    assert {field.name for field in dataclasses.fields(ModelOptions)} == set(BOTH)
    assert parsed() == ModelOptions()


def test_the_command_line_offers_what_the_library_takes() -> None:
    from typing import get_args

    choices = {p.name: tuple(p.type.choices) for p in command.params if isinstance(p.type, click.Choice)}
    assert choices["dtype"] == DTYPES
    assert choices["quantization"] == QUANTIZATIONS
    assert choices["endpoint_input"] == get_args(Input)
    assert ModelOptions().device == defaults.DEVICE


def test_every_option_reaches_the_library() -> None:
    options = parsed(
        *("--weights", "blip=org/model@v=2", "--weights", "vit-gpt2 = folder ", "--adapter", "mine=a/b"),
        *("--force", "--dtype", "float16", "--quantization", "nf4", "--max-new-tokens", "9", "--context", "77"),
        *("--batch-tokens", "88", "--endpoint", "http://x/v1", "--endpoint-input", "image"),
        *("--endpoint-concurrency", "3", "--endpoint-timeout", "1.5", "--device", "cuda:1", "--allow-download"),
    )
    assert options == ModelOptions(
        weights={"blip": "org/model@v=2", "vit-gpt2": "folder"},
        adapters={"mine": "a/b"},
        device="cuda:1",
        dtype="float16",
        quantization="nf4",
        max_new_tokens=9,
        context=77,
        batch_tokens=88,
        allow_download=True,
        force=True,
        endpoint="http://x/v1",
        endpoint_input="image",
        endpoint_concurrency=3,
        endpoint_timeout=1.5,
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--weights", "blip"), "'blip' is not NAME=PLACE"),
        (("--weights", "blip="), "'blip=' is not NAME=PLACE"),
        (("--weights", "=folder"), "'=folder' is not NAME=PLACE"),
        (("--weights", "blip=a", "--weights", "blip=b"), "'blip' is given twice"),
        (("--adapter", "mine=a", "--adapter", " mine=b"), "'mine' is given twice"),
        (("--dtype", "int8"), "'int8' is not one of"),
        (("--max-new-tokens", "0"), "0 is not in the range"),
        (("--endpoint-timeout", "0"), "0.0 is not in the range"),
        (("--weights", "blpi=a"), "there is no captioner 'blpi'. Did you mean 'blip'?"),
        (("--weights", "human=a"), "human has no weights"),
        (("--adapter", "human=a"), "the adapter 'human' has the name of a captioner"),
    ],
)
def test_wrong_options_are_wrong_usage(
    cli: Callable[..., Any], own_data: Path, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    done = cli(*("run", "--captioners", "svg-metadata", "--dataset", own_data, "--output-dir", tmp_path), *arguments)
    assert done.code == 2
    assert said in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    "wrong",
    [
        {"dtype": "int8"},
        {"quantization": "int4"},
        {"endpoint_input": "pdf"},
        {"context": 0},
        {"max_new_tokens": -1},
        {"endpoint_timeout": 0.0},
    ],
)
def test_the_library_refuses_what_cannot_be(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        ModelOptions(**wrong)


def test_a_manifest_gives_the_same_options_back(tmp_path: Path) -> None:
    options = ModelOptions(
        weights={"blip": "a=b", "vit-gpt2": "org/model@v2"},
        adapters={"mine": "a,b/c", "other": "x/y"},
        dtype="bfloat16",
        quantization="nf4",
        max_new_tokens=5,
        context=512,
        batch_tokens=1024,
        force=True,
        endpoint="http://localhost/v1",
        endpoint_input="image",
        endpoint_concurrency=2,
        endpoint_timeout=3.0,
    )
    manifest = tmp_path / "manifest.json"
    manifest.write_text(json.dumps({"options": RunConfig(models=options).options()}))
    assert parsed("--config", str(manifest)) == options
    assert RunConfig().models.chosen() == {}, "what is not asked for is not written down"


def test_a_configuration_file_names_weights_as_the_command_line_does(tmp_path: Path) -> None:
    file = tmp_path / "run.toml"
    file.write_text('weights = ["blip=folder"]\nadapters = ["mine=a/b"]\nmax-new-tokens = 7\n')
    options = parsed("--config", str(file))
    assert (options.weights, options.adapters, options.max_new_tokens) == ({"blip": "folder"}, {"mine": "a/b"}, 7)
    assert parsed("--config", str(file), "--weights", "blip=other").weights == {"blip": "other"}


def test_neither_device_nor_permission_is_part_of_a_run() -> None:
    assert ModelOptions(device="cuda:3", allow_download=True).chosen() == {}
