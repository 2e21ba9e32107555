"""CLIP Score in ``run``, ``score`` and ``list``."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from benchmark.metrics.clip_score.encoder import ClipEncoder
from tests.conftest import Outcome

Cli = Callable[..., Outcome]
COLUMNS = ["CLIPScore", "CLIPScore-w2.5", "RefCLIPScore"]


def leaderboard(results: Path) -> pd.DataFrame:
    return pd.read_csv(results / "leaderboard.csv").set_index("captioner")


def test_run_scores_every_captioner_on_the_same_drawings_and_encodes_them_once(
    cli: Cli, own_data: Path, tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SVG_CAPTION_BENCH_CACHE", str(tmp_path / "cache"))
    shown = []
    images = ClipEncoder.images
    monkeypatch.setattr(ClipEncoder, "images", lambda self, found: shown.extend(found) or images(self, found))
    results = tmp_path / "results"
    arguments = ("run", "--dataset", own_data, "--captioners", "constant,human", "--clip-checkpoint", folder)
    arguments += ("--metrics", "cider,clip_score", "--output-dir", results, "--background", "#ffeedd")
    done = cli(*arguments)
    assert done.code == 0
    table = leaderboard(results)
    samples = table["n"].iloc[0]
    assert len(shown) == samples
    assert {picture.size for picture in shown} == {(32, 32)}
    assert (table["CLIPScore"] > 0).all()
    assert table["signatures"].str.contains("bg:#ffeedd", regex=False).all()
    assert (table["CLIPScore_low"] <= table["CLIPScore"]).all()
    (markdown,) = [line for line in (results / "leaderboard.md").read_text().splitlines() if "| rank" in line]
    assert [cell.strip() for cell in markdown.split("|")[3:6]] == ["CIDEr", "CLIPScore", "RefCLIPScore"]
    # Another background is another number where it shows, and the same captions are not made again.
    cli(*arguments[:-1], "white")
    white = leaderboard(results)
    assert samples < len(shown) < 2 * samples
    assert (white["CLIPScore"] != table["CLIPScore"]).all()
    assert (white["predictions_sha256"] == table["predictions_sha256"]).all()


def test_score_gives_the_numbers_of_run(cli: Cli, own_data: Path, tmp_path: Path, folder: Path) -> None:
    results = tmp_path / "results"
    clip = ("--metrics", "clip_score", "--clip-checkpoint", folder)
    assert cli("run", "--dataset", own_data, "--captioners", "constant", *clip, "--output-dir", results).code == 0
    (run,) = results.glob("runs/*/constant")
    scored = cli("score", run / "predictions.jsonl", "--references", own_data, *clip, "--json")
    assert scored.code == 0
    found = json.loads(scored.out)["scores"]
    stored = json.loads((run / "scores.json").read_text())["scores"]
    assert found == {column: pytest.approx(stored[column]) for column in COLUMNS} == found


def test_score_without_drawings_says_what_is_missing(cli: Cli, tmp_path: Path, folder: Path) -> None:
    (tmp_path / "said.json").write_text('{"a": "a cat", "b": "a dog"}')
    (tmp_path / "gold.json").write_text('{"a": ["a cat"], "b": ["a dog"]}')
    done = cli("score", tmp_path / "said.json", "--references", tmp_path / "gold.json", "--metrics", "clip_score")
    assert done.code == 2
    assert "clip_score looks at the drawings, which --references must hold too" in done.err


def test_cut_captions_are_flagged_in_the_leaderboard_and_per_sample(
    cli: Cli, own_data: Path, tmp_path: Path, folder: Path
) -> None:
    lines = [json.loads(line) for line in own_data.read_text().splitlines()]
    lines[0] |= {"references": ["star " * 80, "moon " * 80], "split": "test"}
    own_data.write_text("".join(json.dumps(line) + "\n" for line in lines))
    results = tmp_path / "results"
    clip = ("--metrics", "clip_score", "--clip-checkpoint", folder)
    assert cli("run", "--dataset", own_data, "--captioners", "human", *clip, "--output-dir", results).code == 0
    assert "1 captions over 77 tokens" in leaderboard(results).loc["human", "flags"]
    (file,) = results.glob("runs/*/human/per_sample.csv")
    flags = pd.read_csv(file, keep_default_na=False).set_index("id")["flags"]
    assert flags[str(lines[0]["id"])] == "captions over 77 tokens; samples with a reference over 77 tokens"
    assert (flags == "").sum() == len(flags) - 1


def test_a_default_run_says_in_one_line_that_clip_score_is_left_out(
    cli: Cli, own_data: Path, tmp_path: Path, no_weights: Path
) -> None:
    done = cli("run", "--dataset", own_data, "--captioners", "human", "--output-dir", tmp_path / "results")
    (line,) = [line for line in done.out.splitlines() if "CLIP" in line]
    assert line.startswith("CLIP Score is left out: the weights of ViT-B-32/openai are not on this machine")
    assert not set(COLUMNS) & set(leaderboard(tmp_path / "results").columns)
    asked = cli(
        *("run", "--dataset", own_data, "--captioners", "human", "--metrics", "cider,bleu"),
        *("--output-dir", tmp_path / "results"),
    )
    assert "CLIP" not in asked.out


def test_a_default_run_has_clip_score_where_the_weights_are_there(
    cli: Cli, own_data: Path, tmp_path: Path, folder: Path
) -> None:
    arguments = ("run", "--dataset", own_data, "--captioners", "human", "--clip-checkpoint", folder)
    assert "left out" not in cli(*arguments, "--output-dir", tmp_path / "results").out
    assert set(leaderboard(tmp_path / "results").columns) > {"BLEU-4", "METEOR", *COLUMNS}


def test_missing_weights_stand_in_the_cell_of_who_asks_for_clip_score(
    cli: Cli, own_data: Path, tmp_path: Path, no_weights: Path, offline: Callable[[], int]
) -> None:
    done = cli(
        *("run", "--dataset", own_data, "--captioners", "human", "--metrics", "cider,clip_score"),
        *("--output-dir", tmp_path / "results"),
    )
    assert done.code == 0
    table = leaderboard(tmp_path / "results")
    assert table["CIDEr"].notna().all()
    for column in COLUMNS:
        assert table[column].isna().all()
        assert f"{column}: the weights of ViT-B-32/openai are not on this machine" in table.loc["human", "not_scored"]
    assert offline() == 0


def test_the_manifest_of_a_run_repeats_its_model(cli: Cli, own_data: Path, tmp_path: Path, folder: Path) -> None:
    arguments = ("run", "--dataset", own_data, "--captioners", "human", "--metrics", "clip_score")
    assert cli(*arguments, "--clip-checkpoint", folder, "--output-dir", tmp_path / "one").code == 0
    (manifest,) = (tmp_path / "one").glob("runs/*/human/manifest.json")
    assert cli("run", "--config", manifest, "--output-dir", tmp_path / "two").code == 0
    one, two = (leaderboard(tmp_path / name) for name in ("one", "two"))
    assert one[COLUMNS].equals(two[COLUMNS])
    assert one["signatures"].equals(two["signatures"])


def test_wrong_options_are_wrong_usage(cli: Cli, own_data: Path, tmp_path: Path) -> None:
    arguments = ("run", "--dataset", own_data, "--captioners", "human", "--output-dir", tmp_path)
    done = cli(*arguments, "--clip-model", "ViT-B-32")
    assert done.code == 2
    assert "give NAME/PRETRAINED" in done.err
    assert cli(*arguments, "--clip-checkpoint", tmp_path / "absent").code == 2


@pytest.mark.parametrize("arguments", [("--help",), ("run", "--help"), ("score", "--help"), ("list", "metrics")])
def test_help_and_lists_do_not_import_torch(arguments: tuple[str, ...]) -> None:
    program = (
        "import sys\nfrom benchmark.cli import main\ntry:\n    main(sys.argv[1:])\nfinally:\n"
        "    print('torch' in sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True)
    assert done.stderr.strip().endswith("False")
    assert done.stdout


def test_list_says_the_range_of_each_column(cli: Cli, no_weights: Path) -> None:
    rows = json.loads(cli("list", "metrics", "--json").out)
    (row,) = [row for row in rows if row["metric"] == "clip_score"]
    assert row["range"].startswith("CLIPScore 0 to 100, CLIPScore-w2.5 0 to 2.5, RefCLIPScore 0 to 1.429")
    assert "--allow-download" in row["availability"]
