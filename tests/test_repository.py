"""What holds for the repository as a whole."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pandas as pd
import pytest

from benchmark.datasets.registry import load_dataset
from benchmark.regression.baseline import read
from benchmark.store import short_hash
from captioners import CAPTIONERS

REPOSITORY = Path(__file__).parents[1]
README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
MODULES = [
    path for package in ("benchmark", "captioners", "renderers") for path in (REPOSITORY / package).rglob("*.py")
]


def test_ci_runs_the_test_command_of_the_readme() -> None:
    command = re.search(r"## Test it\n\n```sh\n(.+)\n```", README)
    assert command is not None
    assert command[1] in (REPOSITORY / ".ci" / "run").read_text(encoding="utf-8").splitlines()


def test_the_table_of_the_readme_is_the_published_leaderboard() -> None:
    published = (REPOSITORY / "results" / "published" / "leaderboard.md").read_text(encoding="utf-8")
    shown, rows = ([line for line in text.splitlines() if re.match(r"\| \d ", line)] for text in (README, published))
    assert len(shown) == 4
    assert [line.split("|")[1:10] for line in shown] == [line.split("|")[1:10] for line in rows]


def test_the_published_leaderboard_is_of_todays_data_and_captioners() -> None:
    table = pd.read_csv(REPOSITORY / "results" / "published" / "leaderboard.csv").set_index("captioner")
    assert set(table.index) == set(CAPTIONERS.names())
    (fingerprint,) = table["dataset_fingerprint"].unique()
    assert fingerprint == load_dataset("openmoji").split("test").fingerprint()[:12]
    for name in ("svg-metadata", "human"):  # the others' fingerprints name what they learnt from
        assert table.loc[name, "captioner_fingerprint"] == short_hash(
            {"name": name, **CAPTIONERS[name]().fingerprint()}
        )


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_every_module_says_what_it_is_for_and_has_one_idea(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert ast.get_docstring(ast.parse(text)), "a module without a docstring"
    assert len(text.splitlines()) <= 300, "a module of more than 300 lines: two ideas?"


def test_the_baseline_is_of_todays_data_and_captioners() -> None:
    sets = {one.dataset: one for one in read(REPOSITORY / "results" / "baseline.json")}
    assert sets["openmoji"].fingerprint == load_dataset("openmoji").split("test").limit(60, 0).fingerprint()
    assert sets["shapes"].fingerprint == load_dataset("shapes:size=400").split("test").limit(60, 0).fingerprint()
    published = pd.read_csv(REPOSITORY / "results" / "published" / "leaderboard.csv").set_index("captioner")
    for one in sets.values():
        assert set(one.entries) == set(published.index[published["status"] == "ok"])
