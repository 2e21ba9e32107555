"""Every export of a small run, byte for byte; and the numbers in them, computed anew by others.

``small`` was made by ``python -m benchmark run --captioners constant,svg-metadata,nearest-neighbour,human
--dataset shapes:size=80,seed=3 --limit 16 --metrics bleu,rouge_l,cider``, with the manifests cut to what identifies the
runs; ``golden`` by ``python -m benchmark leaderboard`` and ``--by elements``. A change of the exports is looked at and
committed; the second and the third test hold that their numbers are right whatever they look like.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmark import leaderboard
from benchmark.metrics.tokenizer import tokenize
from benchmark.store import SampleSet

HERE = Path(__file__).parent
GOLDEN = sorted(path.name for path in (HERE / "golden").iterdir())


@pytest.fixture
def small(tmp_path: Path) -> Path:
    shutil.copytree(HERE / "small" / "runs", tmp_path / "runs")
    return tmp_path


def test_every_export_is_as_it_was(small: Path, cli: Callable) -> None:
    assert cli("leaderboard", small).code == 0
    assert cli("leaderboard", small, "--by", "elements").code == 0
    assert sorted(path.name for path in small.glob("leaderboard.*")) == GOLDEN
    for name in GOLDEN:
        assert (small / name).read_text() == (HERE / "golden" / name).read_text(), name


def test_what_is_printed_is_what_is_written(small: Path, cli: Callable) -> None:
    for form, name in (("csv", "csv"), ("markdown", "md"), ("latex", "tex"), ("json", "json"), ("pairs", "pairs.csv")):
        assert cli("leaderboard", small, "--format", form).out == (HERE / "golden" / f"leaderboard.{name}").read_text()
    assert cli("leaderboard", small, "--json").out == (HERE / "golden" / "leaderboard.json").read_text()


def test_the_scores_are_those_of_pycocoevalcap() -> None:
    from pycocoevalcap.bleu.bleu import Bleu
    from pycocoevalcap.cider.cider import Cider
    from pycocoevalcap.rouge.rouge import Rouge

    table = leaderboard.read_leaderboard(HERE / "golden" / "leaderboard.csv").set_index("captioner")
    (folder,) = (HERE / "small" / "runs").iterdir()
    where = SampleSet(folder)
    assert len(table) == len(where.runs()) == 4
    for run in where.runs():
        said = run.predictions([sample.id for sample in where.samples])
        references = {
            sample.id: tokenize([r for i, r in enumerate(sample.references) if i != said[sample.id].held_out])
            for sample in where.samples
        }
        captions = {id: tokenize([prediction.caption]) for id, prediction in said.items()}
        theirs = dict(
            zip(
                [f"BLEU-{n}" for n in range(1, 5)],
                Bleu(4).compute_score(references, captions, verbose=0)[0],
                strict=True,
            )
        )
        theirs["ROUGE-L"] = Rouge().compute_score(references, captions)[0]
        theirs["CIDEr"] = Cider().compute_score(references, captions)[0]
        for column, value in theirs.items():
            assert table.loc[run.path.name, column] == pytest.approx(value, abs=1e-6), (run.path.name, column)


def test_the_p_values_are_those_of_counting_all_swaps() -> None:
    """2^16 ways in which the captions of 16 samples can change places; 10,000 of them were drawn."""
    pairs = pd.read_csv(HERE / "golden" / "leaderboard.pairs.csv")
    (folder,) = (HERE / "small" / "runs").iterdir()
    scores = {
        run.path.name: pd.read_csv(run.path / "per_sample.csv")["CIDEr"].to_numpy() for run in SampleSet(folder).runs()
    }
    signs = np.array(list(product((1.0, -1.0), repeat=16)))
    assert len(pairs) == 6
    for pair in pairs.itertuples():
        difference = scores[str(pair.first)] - scores[str(pair.second)]
        expected = np.mean(np.abs(signs @ difference) >= abs(difference.sum()) - 1e-6)
        assert pair.difference == pytest.approx(difference.mean(), abs=2e-6)
        assert pair.p == pytest.approx(expected, abs=1e-3 + 4 * np.sqrt(expected * (1 - expected) / 10_000))
        assert pair.low <= pair.difference <= pair.high
        assert pair.p <= pair.p_holm


def test_rows_that_share_a_rank_are_those_without_a_significant_difference() -> None:
    (table,) = json.loads((HERE / "golden" / "leaderboard.json").read_text())["tables"]
    assert [(row["captioner"], row["rank"]) for row in table["rows"]] == [
        ("human", 1), ("constant", 2), ("nearest-neighbour", 2), ("svg-metadata", 4),
    ]  # fmt: skip
    tied = [(pair["first"], pair["second"]) for pair in table["pairs"] if pair["p_holm"] >= 0.05]
    assert tied == [("constant", "nearest-neighbour")]
