"""``doctor`` says what is here, and of what is missing what would change it."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from benchmark import doctor
from renderers.registry import Availability


def test_every_registered_part_is_looked_at(cli: Callable) -> None:
    code, out, _ = cli("doctor", "--json")
    assert code == 0
    looked_at = {(check["kind"], check["name"]): check for check in json.loads(out)}
    assert looked_at["captioner", "nearest-neighbour"]["availability"]["reason"] == ""
    assert looked_at["renderer", "resvg"]["found"].startswith("svg2png-py ")
    assert looked_at["package", "numpy"]["found"]
    assert {("metric", "meteor"), ("machine", "GPU"), ("system", "fonts"), ("system", "cache")} <= looked_at.keys()


def test_what_is_missing_is_listed_with_its_remedy(
    cli: Callable, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.mktemp("no-folder") / "file"
    file.touch()
    monkeypatch.setenv("SVG_CAPTION_BENCH_CACHE", str(file / "cache"))
    monkeypatch.setattr(doctor.shutil, "which", lambda name: None)
    cache, java = doctor._cache().availability, doctor._java().availability
    assert "cannot be written" in cache.reason
    assert cache.remedy == "set SVG_CAPTION_BENCH_CACHE to another folder"
    assert java == Availability("not installed", "only tests against pycocoevalcap need it")


def test_the_table_says_yes_or_no_of_everything(cli: Callable) -> None:
    code, out, _ = cli("doctor")
    assert code == 0
    rows = [line.split("│") for line in out.splitlines() if "│" in line]
    assert {cells[2].strip() for cells in rows[1:] if cells[1].strip()} == {"yes", "no"}
