"""From run directories to rows: what each run of a sample set says of itself, and its flags."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from benchmark.errors import UserError
from benchmark.metrics.base import METRICS
from benchmark.metrics.evaluation import Evaluation
from benchmark.ranking.row import Row
from benchmark.store import Run, SampleSet

# What two numbers of one column may differ in and still be compared: how many references a sample has, which a held out
# one changes, and how the interval was drawn.
_NOT_THE_WAY = re.compile(r"\|(?:refs|ci|bs|seed):[^|]*")


@dataclass(frozen=True)
class Entry:
    """A row and the statistics behind it; None where there are none that belong to it."""

    row: Row
    run: Run | None = None
    evaluation: Evaluation | None = None


def entries(sample_set: SampleSet) -> list[Entry]:
    """The runs of a sample set, by name, then the captioners that could not run."""
    about = sample_set.description
    unavailable = sample_set.unavailable
    found = [_entry(run, unavailable, about) for run in sample_set.runs()]
    names = {entry.row.captioner for entry in found}
    return _in_one_order(found) + [
        Entry(Row(name, "unavailable", reason)) for name, reason in unavailable.items() if name not in names
    ]


def scored_row(
    manifest: Mapping[str, Any], scores: Mapping[str, Any], *, n: int, subset: str = "", data: tuple[str, ...] = ()
) -> Row:
    """The row of a scored run.

    Args:
        manifest: the content of manifest.json.
        scores: the content of scores.json.
        n: samples of the set, or of the part of it that ``scores`` are of.
        subset: which part.
        data: flags of the data.
    """
    identity, inputs = manifest["identity"], scores["inputs"]
    renderer, pictures = identity.get("renderer", {}), inputs.get("images", {})
    facts = {
        "n": n,
        "coverage": scores["coverage"],
        "invalid": scores.get("invalid_captions", sum(scores["invalid"].values())),  # older scores: one kind each
        "caption_words": scores["caption_words"],
        "seconds_per_sample": scores["seconds_per_sample"],
        "captioner_fingerprint": manifest["fingerprint"],
        "predictions_sha256": inputs["predictions"],
        "renderer": _listed(renderer),
    }
    ways = {
        column: _NOT_THE_WAY.sub("", score["signature"])
        for column, score in scores["scores"].items()
        if "unavailable" not in score
    }
    # Every captioner, and CLIP, has pictures of its own size.
    drawn = {"renderer": _listed(renderer, "width", "height"), "CLIP's pictures": _listed(pictures, "width", "height")}
    return Row(
        identity["captioner"]["name"],
        "ok",
        scores=scores["scores"],
        facts=facts,
        flags=(*_flags(scores, n), *data),
        problems=scores["invalid"],
        captions=scores["captions_sha256"],
        tokenizer=inputs["tokenizer"],
        way={"tokenizer": inputs["tokenizer"], **{key: said for key, said in drawn.items() if said}, **ways},
        subset=subset,
    )


def _entry(run: Run, unavailable: Mapping[str, str], about: Mapping[str, Any]) -> Entry:
    manifest, scores = run.manifest, run.scores
    name = manifest["identity"]["captioner"]["name"]
    if scores is None:
        if name in unavailable:
            return Entry(Row(name, "unavailable", unavailable[name]))
        reason = "no scores of the captions on disk: captioning was not finished, or files were changed"
        return Entry(Row(name, "incomplete", f"{reason}; run the same command again"))
    data = tuple(f"{finding['count']} {finding['what']}" for finding in about.get("findings", ()))
    row = scored_row(manifest, scores, n=about["n"], data=data)
    evaluation, doubt = _statistics(run, row, scores, about)
    return Entry(row.flagged(f"not ranked: {doubt}") if doubt else row, run, evaluation)


def _statistics(
    run: Run, row: Row, scores: Mapping[str, Any], about: Mapping[str, Any]
) -> tuple[Evaluation | None, str]:
    """The statistics behind a row's scores, or None and why there are none that belong to it."""
    n, dataset = about["n"], scores["inputs"].get("dataset", about["fingerprint"])
    if scores["n"] != n:
        return None, f"scored on {scores['n']} of {n} samples"
    if dataset != about["fingerprint"]:
        return None, "scored on other samples"
    try:
        evaluation = run.evaluation
    except UserError:
        return None, "no statistics beside its scores; run the same command again"
    known = evaluation.only([metric for metric in evaluation.statistics if metric in METRICS])
    changed = [
        column
        for column, score in known.corpus.items()
        if not math.isclose(score, row.score(column) or 0.0, rel_tol=1e-6, abs_tol=1e-9)
    ]
    if len(known.ids) != n or changed:
        return None, f"{', '.join(changed) or 'scores'} not what the statistics say; run the same command again"
    return known, ""


def _in_one_order(found: Sequence[Entry]) -> list[Entry]:
    """The entries with their samples in the order of the first: a sample set may be read in any order."""
    ids = next((entry.evaluation.ids for entry in found if entry.evaluation), ())
    return [replace(entry, evaluation=entry.evaluation.of(ids)) if entry.evaluation else entry for entry in found]


def _flags(scores: Mapping[str, Any], n: int) -> tuple[str, ...]:
    backends, blank, repaired = (scores["renderings"][key] for key in ("backends", "blank", "repaired"))
    doubtful = scores["renderings"].get("flagged", 0)  # older scores have none
    answered = round(scores["coverage"] * n)
    flags = [f"coverage {scores['coverage']:.1%}: {answered} of {n} samples"] if scores["coverage"] < 1 else []
    flags += [f"{count} {kind} ({count / n:.1%})" for kind, count in scores["invalid"].items()]
    flags += [f"{count} {what}" for what, count in scores.get("flags", {}).items()]
    flags += [f"{blank} blank renders"] if blank else []
    flags += [f"{repaired} repaired drawings"] if repaired else []
    flags += [f"{doubtful} doubtful drawings"] if doubtful else []
    flags += [f"{count} drawn by {name}" for name, count in backends.items()] if len(backends) > 1 else []
    flags += ["one reference fewer"] if scores["held_out"] else []
    return tuple(flags)


def _listed(facts: Mapping[str, Any], *without: str) -> str:
    return "; ".join(f"{key}={value}" for key, value in facts.items() if key not in without)
