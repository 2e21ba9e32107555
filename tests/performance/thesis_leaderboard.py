"""The recovered captions of a master's thesis as one fair leaderboard, beside what its repository reported.

    python tests/performance/thesis_leaderboard.py CAPTIONS.jsonl [--out FOLDER]

CAPTIONS has one sample per line: ``id``, ``captions`` (model -> caption), ``reference``, the drawing in ``svg`` or
``xml``, and ``bench_id`` for the samples of the thesis' benchmark, which are the ones that several models captioned.
Two sample sets are made of those. Every row of a table is scored on the same samples:

- ``thesis-matrix``: all that one model or more captioned; what a model did not caption counts as an empty caption
- ``thesis-shared``: those that at least eleven models captioned, and the models that captioned all of them

``thesis_reported.csv`` holds what was reported, as it was written, in the folder ``captioning SVG`` of the thesis'
public repository (commit 7423194, provided as is for research); rows "(August)" are of an earlier report, which says
how many samples each number is of. Names are those of the reports. METEOR ranks, which was reported of most models,
and CIDEr of none of these.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmark import defaults, leaderboard
from benchmark.leaderboard import Written
from benchmark.predictions import Prediction
from benchmark.ranking import Ranking
from benchmark.samples import Dataset, Sample
from benchmark.scoring import score_run
from benchmark.store import Run, SampleSet, Shard, safe_name, short_hash

REPORTED = Path(__file__).with_name("thesis_reported.csv")
COMPOSITE = "CLIPScore/10 + BLEU-1 + METEOR + ROUGE-L"
_MODELS = 11
_NOTES = {
    "source": "captions and drawings recovered from a public repository, see tests/performance/thesis_leaderboard.py"
}
_Line = Mapping[str, Any]


def build(captions: Path, folder: Path, metrics: Sequence[str] = ()) -> Written:
    """Make both sample sets below ``folder``, score every model, and write the leaderboards."""
    with captions.open(encoding="utf-8") as file:
        lines = [line for line in map(json.loads, file) if "bench_id" in line and line["captions"]]
    shared = [line for line in lines if len(line["captions"]) >= _MODELS]
    models = dict.fromkeys(model for line in lines for model in line["captions"])
    complete = [model for model in models if all(model in line["captions"] for line in shared)]
    _score("thesis-matrix", lines, list(models), folder, metrics)
    _score("thesis-shared", shared, complete, folder, metrics)
    return leaderboard.write(folder, Ranking(rank_by="METEOR", composite=COMPOSITE, reported=REPORTED))


def _score(name: str, lines: Sequence[_Line], models: Sequence[str], folder: Path, metrics: Sequence[str]) -> None:
    samples = tuple(Sample(line["id"], line.get("svg") or line["xml"], (line["reference"],)) for line in lines)
    dataset = Dataset(name, samples, _NOTES)
    where = SampleSet.create(folder, dataset, "test")
    for model in models:
        run = Run(where.path / safe_name(model))
        identity = {"dataset": dataset.fingerprint(), "captioner": {"name": model}}
        manifest = {"schema": 1, "identity": identity, "fingerprint": short_hash(identity)}
        run.begin(manifest, Shard(), overwrite=False)
        if not run.predictions([sample.id for sample in samples]):
            run.append(Shard(), [_prediction(line, model) for line in lines])
        score_run(run, dataset, defaults.metrics_of(defaults.PROFILE, metrics))


def _prediction(line: _Line, model: str) -> Prediction:
    said = line["captions"].get(model)
    if said is None:
        return Prediction(line["id"], "", "", status="failed", error="there is no caption")
    return Prediction(line["id"], said, said)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("captions", type=Path)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        written = build(arguments.captions, arguments.out or Path(temporary))
        print(leaderboard.FORMATS[".md"](written.tables), end="")


if __name__ == "__main__":
    main()
