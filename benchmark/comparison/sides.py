"""The two runs of a comparison: found by name or by path, and refused when their numbers are not comparable."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from benchmark.errors import UserError
from benchmark.metrics.base import way
from benchmark.metrics.evaluation import Evaluation
from benchmark.predictions import Prediction
from benchmark.store import Run, SampleSet, sample_sets


@dataclass(frozen=True)
class Side:
    """One scored run.

    Attributes:
        name: of the captioner, or the path of the run where both sides are of one captioner.
        run: where it lies.
    """

    name: str
    run: Run

    @cached_property
    def data(self) -> Mapping[str, Any]:
        """What it captions: dataset, split, n, fingerprint. Raises UserError."""
        data = self.run.manifest.get("dataset")
        if not isinstance(data, dict) or not {"dataset", "split", "n", "fingerprint"} <= data.keys():
            raise UserError(f"{self.run.path / 'manifest.json'} does not say what was captioned. Restore it.")
        return data

    @cached_property
    def scores(self) -> Mapping[str, Any]:
        """The content of scores.json. Raises UserError when there are no scores of the captions on disk."""
        scores = self.run.scores
        if scores is None:
            raise UserError(
                f"{self.run.path} has no scores of the captions on disk: captioning was not finished, or files were "
                "changed. Run the same command again."
            )
        return scores

    @cached_property
    def evaluation(self) -> Evaluation:
        """The sufficient statistics behind the scores. Raises UserError."""
        assert self.scores  # which raises the error that says what to do when there are none
        return self.run.evaluation

    @cached_property
    def predictions(self) -> Mapping[str, Prediction]:
        """id -> prediction. Raises UserError."""
        return self.run.predictions(self.evaluation.ids)

    @property
    def captions(self) -> dict[str, str]:
        """id -> caption."""
        return {id: prediction.caption for id, prediction in self.predictions.items()}

    @property
    def references(self) -> dict[str, tuple[str, ...]]:
        """id -> the references of the sample set. Raises UserError when it keeps no samples."""
        return {sample.id: sample.references for sample in SampleSet(self.run.path.parent).samples}

    @property
    def place(self) -> str:
        """``openmoji, test split, 400 samples (1a2b3c4d5e6f)``."""
        data = self.data
        return f"{data['dataset']}, {data['split']} split, {data['n']} samples ({data['fingerprint'][:12]})"


def find(a: str, b: str, results: Path, dataset: str | None = None) -> tuple[Side, Side]:
    """The runs that two texts name: captioners in ``results``, or paths of run directories.

    ``dataset``, the name of a dataset or of a sample set's folder, chooses where several sample sets hold both.
    Raises UserError when there is not one pair of runs on the same samples, with what there is instead.
    """
    firsts, seconds = _sides(a, results, dataset), _sides(b, results, dataset)
    pairs = [(x, y) for x in firsts for y in seconds if x.data["fingerprint"] == y.data["fingerprint"]]
    if not pairs:
        raise UserError(
            f"{a} and {b} did not caption the same samples, so their scores are not comparable. "
            f"{a}: {_places(firsts)}; {b}: {_places(seconds)}. "
            "Run both on the same dataset, --split, --limit and --seed."
        )
    if len(pairs) > 1:
        folders = ", ".join(dict.fromkeys(x.run.path.parent.name for x, _ in pairs))
        raise UserError(f"several sample sets hold both {a} and {b}: {folders}. Choose one with --dataset.")
    ((x, y),) = pairs
    return (Side(a, x.run), Side(b, y.run)) if x.name == y.name else (x, y)


def common_columns(a: Side, b: Side) -> tuple[str, ...]:
    """The columns that both have a score in. Raises UserError when there is none."""
    if columns := tuple(column for column in a.evaluation.columns if column in b.evaluation.columns):
        return columns
    raise UserError(
        f"{a.name} and {b.name} have no score in common: they were scored by different profiles or metrics. "
        f"{a.name}: {_listed(a)}; {b.name}: {_listed(b)}. Score both with the same --profile or --metrics."
    )


def check_signatures(a: Side, b: Side, columns: Sequence[str]) -> None:
    """Raise UserError, which says what differs, unless these columns are computed in the same way on both sides."""
    ways = [(column, *(way(side.evaluation.signatures.get(column, "")) for side in (a, b))) for column in columns]
    if differing := [one for one in ways if one[1] != one[2]]:
        shown = "; ".join(f"{column}: {mine} of {a.name}, {other} of {b.name}" for column, mine, other in differing)
        raise UserError(
            f"scores that are computed in different ways are not comparable. {shown}. "
            "Score both in the same way, or choose other scores with --metrics."
        )


def _sides(text: str, results: Path, dataset: str | None) -> list[Side]:
    """The runs that ``text`` may mean, at least one. Raises UserError."""
    if (Path(text) / "manifest.json").is_file():
        run = Run(Path(text).resolve())
        return [Side(_captioner(run), run)]
    sets = sample_sets(results)
    if dataset is not None:
        known = [one for one in sets if dataset in (one.description.get("dataset"), one.path.name)]
        if not known:
            there = ", ".join(one.path.name for one in sets) or "none"
            raise UserError(f"{results} holds no runs on the dataset {dataset!r}. Sample sets there: {there}.")
        sets = known
    runs = [Side(_captioner(run), run) for one in sets for run in one.runs()]
    if found := [side for side in runs if side.name == text]:
        return found
    names = sorted({side.name for side in runs})
    near = difflib.get_close_matches(text, names, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise UserError(
        f"{text!r} is neither a run directory nor a captioner with a run in {results}.{hint} "
        f"There are: {', '.join(names) or 'none'}. Choose another folder with --results."
    )


def _places(sides: list[Side]) -> str:
    return " and ".join(side.place for side in sides)


def _captioner(run: Run) -> str:
    return str(run.manifest["identity"]["captioner"]["name"])


def _listed(side: Side) -> str:
    return ", ".join(side.evaluation.columns) or "none"
