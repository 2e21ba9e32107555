"""``train --plan``: a document or a page, no weights, and the table of the README."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Outcome

Cli = Callable[..., Outcome]
README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


@pytest.fixture
def planned(own_data: Path, tmp_path: Path) -> tuple[object, ...]:
    base = "--base", "gemma-2-9b", "--preset", "test2"
    return "train", "--plan", *base, "--data", own_data, "--test", own_data, "--output", tmp_path / "out"


def test_the_document_and_the_page_say_the_same(cli: Cli, planned: tuple[object, ...], tmp_path: Path) -> None:
    told = cli(*planned, "--json")
    page = cli(*planned)
    assert (told.code, page.code) == (0, 0), told.err + page.err
    plan = json.loads(told.out)
    assert plan["parameters"]["trainable"] == 2_236_416
    assert plan["slurm"]["gpus"] == 2
    assert plan["notes"][0].startswith("deepspeed.offload_parameters: without effect under ZeRO-2")
    assert plan["lengths"]["estimated"]
    assert f"{plan['training']['examples']} to learn from" in page.out
    assert f"steps         {plan['steps']['total']} of 16 examples" in page.out
    assert f"{plan['memory']['longest']['total'] / 1e9:.2f}" in page.out
    assert plan["plots"] == [str(tmp_path / "out" / f"lengths.{kind}") for kind in ("png", "svg")]
    assert all(Path(plot).stat().st_size > 1000 for plot in plan["plots"])
    assert [path.name for path in sorted((tmp_path / "out").iterdir())] == ["lengths.png", "lengths.svg"]


def test_values_and_references_are_those_asked_for(cli: Cli, planned: tuple[object, ...]) -> None:
    once = json.loads(cli(*planned, "--json").out)
    plan = json.loads(cli(*planned, "--json", "--all-references", "--set", "lora.r=8", "--set", "epochs=1").out)
    assert plan["training"]["examples"] == 5 * once["training"]["examples"]
    assert plan["validation"]["examples"] == once["validation"]["examples"]
    assert plan["parameters"]["trainable"] == 2 * once["parameters"]["trainable"]
    assert plan["steps"]["total"] == plan["steps"]["per_epoch"]


def test_the_table_of_the_readme_is_what_the_command_counts(cli: Cli) -> None:
    rows = re.findall(
        r"^\| (test[\w-]+) +\| ([\w.-]+) +\| ([\d,]+) +\| ([\d,]+) +\| ([\d.]+) % +\|$", README, re.MULTILINE
    )
    counted = json.loads(cli("train", "--plan", "--json").out)
    assert len(rows) == len(counted) == 8
    assert rows == [
        (row["preset"], row["base"], f"{row['parameters']:,}", f"{row['trainable']:,}", f"{100 * row['share']:.2f}")
        for row in counted
    ]


def test_what_is_wrong_is_said(cli: Cli, planned: tuple[object, ...], tmp_path: Path) -> None:
    missing = cli("train", "--plan", "--preset", "test1")
    assert (missing.code, "Missing option '--base'" in missing.err) == (2, True)
    unknown = cli(*planned, "--base", "nowhere")
    assert (unknown.code, "there is no base 'nowhere'" in unknown.err) == (2, True)
    overlap = cli(*planned, "--test", "shapes:size=30")
    assert overlap.code == 0, "what the data and the test set share is the test split"
    (tmp_path / "file").write_text("")
    place = cli(*planned, "--output", tmp_path / "file" / "out")
    assert (place.code, "choose another folder" in place.err) == (2, True)
