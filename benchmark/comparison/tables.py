"""A comparison as people and programs read it: cells, remarks, Markdown, JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from benchmark.comparison import Comparison, Difference
from benchmark.comparison.samples import Disagreement
from benchmark.comparison.sides import Side
from benchmark.markdown import code, table
from benchmark.statistics import CONFIDENCE, RESAMPLES, SEED

DIGITS = 4


def title(comparison: Comparison) -> str:
    """``human against constant: openmoji, test split, 400 samples (1a2b3c4d5e6f)``."""
    return f"{comparison.b.name} against {comparison.a.name}: {comparison.a.place}"


def cells(comparison: Comparison, alpha: float) -> tuple[list[str], list[list[str]]]:
    """Header and a row for each column; wins, ties and losses are B's."""
    names = [comparison.a.name, comparison.b.name]
    header = ["metric", *names, "difference", "95 % interval", "p bootstrap", "p randomization", "wins/ties/losses", ""]
    return header, [_cells(one, alpha) for one in comparison.columns]


def _cells(one: Difference, alpha: float) -> list[str]:
    test, outcomes = one.test, one.outcomes
    return [
        one.column,
        *(f"{score:.{DIGITS}f}" for score in one.scores),
        signed(test.difference),
        f"{signed(test.low)} to {signed(test.high)}",
        f"{test.bootstrap_holm:.4f}",
        f"{test.randomization_holm:.4f}",
        f"{outcomes.wins}/{outcomes.ties}/{outcomes.losses}",
        one.verdict(alpha),
    ]


def signed(difference: float) -> str:
    """With its sign; a difference that is none to the digits shown has none."""
    text = f"{difference:+.{DIGITS}f}"
    return text[1:] if float(text) == 0 else text


def remarks(comparison: Comparison, alpha: float) -> list[str]:
    """What must be known to read the numbers."""
    a, b = comparison.a, comparison.b
    columns = ", ".join(one.column for one in comparison.columns)
    lines = [
        f"Difference: {b.name} minus {a.name}; wins: samples on which {b.name} scores higher.",
        f"p-values of paired bootstrap and approximate randomization, {RESAMPLES} resamples, seed {SEED}, corrected "
        f"after Holm over {len(comparison.columns)} scores: {columns}. Better or worse: both at most {alpha:g}.",
    ]
    lines += [f"Both said exactly the same of all {len(comparison.per_sample)} samples."] * comparison.same_captions
    lines += [line for side in (a, b) for line in _doubts(side)]
    lines += [f"Left out: {column} ({why})." for column, why in comparison.left_out.items()]
    return lines


def _doubts(side: Side) -> list[str]:
    lines = []
    if side.scores["coverage"] < 1:
        lines.append(f"{side.name} answered {side.scores['coverage']:.1%} of the samples; the others count as empty.")
    if side.scores["held_out"]:
        lines.append(f"{side.name} is scored against one reference fewer on {side.scores['held_out']} samples.")
    return lines


def markdown(comparison: Comparison, alpha: float) -> str:
    """Title, table, remarks, the samples that differ most, signatures."""
    header, rows = cells(comparison, alpha)
    names = (comparison.a.name, comparison.b.name)
    sections = [
        f"## {title(comparison)}",
        table([_cell(name) for name in header], rows),
        _list(remarks(comparison, alpha)),
        f"### Where they differ most, by {comparison.sort_by}",
        samples_table(comparison.samples, names) if comparison.samples else "Nowhere.",
        _list([f"`{one.signature}`" for one in comparison.columns]),
    ]
    return "\n\n".join(sections) + "\n"


def samples_table(samples: Sequence[Disagreement], names: tuple[str, str]) -> str:
    """A Markdown table of samples with both captions and scores; ``names`` head the two sides."""
    header = ["sample", "difference", *(_cell(name) for name in names), "references"]
    rows = [
        [
            code(one.id),
            signed(one.difference),
            *(f"{score:.{DIGITS}f} {code(said)}" for score, said in zip(one.scores, one.captions, strict=True)),
            "<br>".join(map(code, one.references)),
        ]
        for one in samples
    ]
    return table(header, rows)


def sample_lines(samples: Sequence[Disagreement], names: tuple[str, str]) -> list[str]:
    """The same for a terminal: four lines a sample."""
    width = max(map(len, names)) + 1
    return [
        line
        for one in samples
        for line in (
            f"{one.id}  {signed(one.difference)}",
            *(
                f"  {name + ':':<{width}} {score:.{DIGITS}f}  {' '.join(said.split())}"
                for name, score, said in zip(names, one.scores, one.captions, strict=True)
            ),
            f"  references: {' | '.join(one.references)}",
        )
    ]


def record(comparison: Comparison, alpha: float) -> dict[str, Any]:
    """The comparison as JSON values."""
    return {
        "a": _side(comparison.a),
        "b": _side(comparison.b),
        "samples": dict(comparison.a.data),
        "alpha": alpha,
        "confidence": CONFIDENCE,
        "resamples": RESAMPLES,
        "seed": SEED,
        "corrected_over": [one.column for one in comparison.columns],
        "scores": {
            one.column: {
                "a": one.scores[0],
                "b": one.scores[1],
                **asdict(one.test),
                **asdict(one.outcomes),
                "verdict": one.verdict(alpha),
                "signature": one.signature,
            }
            for one in comparison.columns
        },
        "sort_by": comparison.sort_by,
        "most_different": sample_records(comparison.samples),
        "remarks": remarks(comparison, alpha),
    }


def sample_records(samples: Sequence[Disagreement]) -> list[dict[str, Any]]:
    """Samples as JSON values."""
    return [{**asdict(one), "difference": one.difference} for one in samples]


def _side(side: Side) -> dict[str, str]:
    return {"name": side.name, "run": str(side.run.path), "captions_sha256": side.scores["captions_sha256"]}


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _list(lines: Sequence[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)
