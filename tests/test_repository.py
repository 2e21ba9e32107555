"""What holds for the repository as a whole."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

REPOSITORY = Path(__file__).parents[1]
README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
MODULES = [
    path for package in ("benchmark", "captioners", "renderers") for path in (REPOSITORY / package).rglob("*.py")
]


def test_ci_runs_the_test_command_of_the_readme() -> None:
    command = re.search(r"## Test it\n\n```sh\n(.+)\n```", README)
    assert command is not None
    assert command[1] in (REPOSITORY / ".ci" / "run").read_text(encoding="utf-8").splitlines()


def test_the_table_of_the_readme_is_the_committed_leaderboard() -> None:
    committed = (REPOSITORY / "results" / "leaderboard.md").read_text(encoding="utf-8")
    shown = [line for line in README.splitlines() if re.match(r"\| \d ", line)]
    rows = [line for line in committed.splitlines() if re.match(r"\| \d ", line)]
    assert len(shown) == 4
    assert [line.split("|")[1:10] for line in shown] == [line.split("|")[1:10] for line in rows]


def test_the_committed_leaderboard_has_a_row_for_every_captioner() -> None:
    from captioners import CAPTIONERS

    table = pd.read_csv(REPOSITORY / "results" / "leaderboard.csv").set_index("captioner")
    assert set(table.index) == set(CAPTIONERS.names())
    scored = table[table["status"] == "ok"]["CIDEr"]
    assert scored["constant"] < scored["nearest-neighbour"] < scored["human"]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_every_module_says_what_it_is_for_and_has_one_idea(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert ast.get_docstring(ast.parse(text)), "a module without a docstring"
    assert len(text.splitlines()) <= 300, "a module of more than 300 lines: two ideas?"


def test_packages_depend_on_each_other_one_way() -> None:
    command = "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"
    done = subprocess.run([sys.executable, "-c", command], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "Contracts: 2 kept, 0 broken." in done.stdout
