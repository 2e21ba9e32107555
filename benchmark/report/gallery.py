"""The samples as the page's script reads them: JSON values, one object per sample."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from benchmark.metrics.validity import KINDS
from benchmark.predictions import Prediction
from benchmark.report.content import Captioner, Content
from benchmark.report.pictures import Picture
from benchmark.samples import Sample


def document(content: Content, pictures: Sequence[Picture]) -> dict[str, Any]:
    """All that the gallery and the scatter plots show.

    ``columns`` and ``captioners`` name what ``scores`` and ``answers`` hold, in this order; a score is null where
    there is none. ``flags`` are all that a sample of the gallery has, problems of captions first.
    """
    answers = zip(*(_answers(captioner, content) for captioner in content.captioners), strict=True)
    samples = [_sample(*one) for one in zip(content.shown, pictures, answers, strict=True)]
    used = {flag for sample in samples for answer in sample["answers"] for flag in answer.get("flags", ())}
    drawings = {kind for sample in samples for kind in sample["drawing"]}
    return {
        "columns": list(content.sample_columns),
        "mainColumns": list(content.main_columns),
        "rankedBy": content.ranked_by,
        "captioners": [captioner.name for captioner in content.captioners],
        "flags": [kind for kind in KINDS if kind in used] + sorted(used.difference(KINDS)) + sorted(drawings),
        "groups": sorted({sample.group for sample in content.shown}),
        "samples": samples,
    }


def _sample(sample: Sample, picture: Picture, answers: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": sample.id,
        "group": sample.group,
        "references": sample.references,
        "picture": picture.source,
        "drawing": picture.notes,
        "answers": answers,
    }


def _answers(captioner: Captioner, content: Content) -> list[dict[str, Any]]:
    """What one captioner said of each sample of the gallery."""
    ids = [sample.id for sample in content.shown]
    table = captioner.evaluation.per_sample.reindex(index=ids, columns=list(content.sample_columns))
    return [_answer(captioner, id, scores) for id, scores in zip(ids, table.to_numpy().tolist(), strict=True)]


def _answer(captioner: Captioner, id: str, scores: Sequence[float]) -> dict[str, Any]:
    """One answer; keys whose value would be nothing are left out."""
    prediction = captioner.predictions.get(id) or Prediction(id, "", "", "failed", "there is no caption")
    more = {
        "raw": prediction.raw if prediction.raw.strip() != prediction.caption.strip() else "",
        "error": prediction.error,
        "flags": [*captioner.problems.get(id, ()), *captioner.flags.get(id, ())],
        "heldOut": prediction.held_out,
    }
    kept = {key: value for key, value in more.items() if value not in ("", [], None)}
    rounded = [round(score, 4) if math.isfinite(score) else None for score in scores]
    return {"caption": prediction.caption, "scores": rounded, **kept}
