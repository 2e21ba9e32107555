"""Leaderboards as people read them: cells for the terminal, Markdown, LaTeX."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from benchmark.ranking import Row, ranking_column
from benchmark.store import SampleSet

# What a paper's table holds; the CSV has every column.
MAIN_COLUMNS = (
    *("BLEU-4", "ROUGE-L", "METEOR", "CIDEr", "CLIPScore", "RefCLIPScore"),
    *("BLEU-4 (nltk)", "ROUGE-L (nltk)", "METEOR (nltk)"),
)

_LATEX = {c: f"\\{c}" for c in "&%$#_{}"} | {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}


def title(sample_set: SampleSet, rows: Sequence[Row]) -> str:
    """``openmoji, test split, 400 samples (1a2b3c4d5e6f), ranked by CIDEr, 95 % intervals in brackets``."""
    about = sample_set.description
    return (
        f"{about['dataset']}, {about['split']} split, {about['n']} samples ({about['fingerprint'][:12]}), "
        f"ranked by {ranking_column(rows)}, 95 % intervals in brackets"
    )


def cells(rows: Sequence[Row]) -> tuple[list[str], list[list[str]]]:
    """Header and cells of the scored rows: the same for the terminal, Markdown and LaTeX."""
    scored = [row for row in rows if row.scores]
    columns = _shown_columns(rows)
    header = ["rank", "captioner", *columns, "coverage", "invalid", "words", "s/sample", "flags"]
    return header, [
        [
            "" if row.rank is None else str(row.rank),
            row.captioner,
            *(_cell(row.scores.get(column)) for column in columns),
            f"{row.facts['coverage']:.1%}",
            str(row.facts["invalid"]),
            f"{row.facts['caption_words']:.1f}",
            f"{row.facts['seconds_per_sample']:.4f}",
            "; ".join(row.flags),
        ]
        for row in scored
    ]


def markdown(sample_set: SampleSet, rows: Sequence[Row]) -> str:
    """One section: title, aligned table, what did not run, signatures, source and licence of the data."""
    header, body = cells(rows)
    body = [[" ".join(value.split()).replace("|", "\\|") for value in row] for row in body]
    widths = [max(map(len, column)) for column in zip(header, *body, strict=True)]

    def line(values: Sequence[str]) -> str:
        return "| " + " | ".join(value.ljust(width) for value, width in zip(values, widths, strict=True)) + " |"

    sections = [
        [f"## {title(sample_set, rows)}"],
        [line(header), line(["-" * width for width in widths]), *map(line, body)],
        [f"- {row.captioner}: {row.status}: {row.reason}" for row in rows if row.status != "ok"],
        [f"- {signature}" for signature in _signatures(rows)],
        [f"- {key}: {value}" for key, value in sample_set.description["notes"].items()],
    ]
    return "\n\n".join("\n".join(lines) for lines in sections if lines) + "\n"


def latex(sample_set: SampleSet, rows: Sequence[Row]) -> str:
    """A ``booktabs`` tabular without the flags; the best score of each metric is bold."""
    header, body = cells(rows)
    scored = [row for row in rows if row.scores]
    best = {
        column: max(scores)
        for column in header
        if (scores := [score for row in scored if (score := row.score(column)) is not None])
    }
    lines = [f"% {title(sample_set, rows)}", *(f"% {signature}" for signature in _signatures(rows))]
    lines += [
        rf"\begin{{tabular}}{{rl{'r' * (len(header) - 3)}}}",
        r"\toprule",
        _latex_line(header[:-1]),
        r"\midrule",
    ]
    for row, values in zip(scored, body, strict=True):
        bold = [column in best and row.score(column) == best[column] for column in header]
        lines.append(_latex_line(values[:-1], bold))
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}", ""])


def _shown_columns(rows: Sequence[Row]) -> list[str]:
    there = dict.fromkeys(column for row in rows for column in row.scores)
    return [column for column in MAIN_COLUMNS if column in there] or list(there)


def _latex_line(values: Sequence[str], bold: Sequence[bool] | None = None) -> str:
    escaped = ["".join(_LATEX.get(c, c) for c in value) for value in values]
    marked = [rf"\textbf{{{value}}}" if bold and bold[i] else value for i, value in enumerate(escaped)]
    return " & ".join(marked) + r" \\"


def _cell(score: Mapping[str, Any] | None) -> str:
    if score is None:
        return "not asked for"
    if "unavailable" in score:
        return f"n/a: {score['unavailable']}"
    return f"{score['score']:.3f} [{score['low']:.3f}, {score['high']:.3f}]"


def _signatures(rows: Sequence[Row]) -> list[str]:
    """How each column was computed, with the captioners it holds for where they differ."""
    scored = [row for row in rows if row.scores]
    lines = []
    for column in _shown_columns(rows):
        captioners: dict[str, list[str]] = {}
        for row in scored:
            if column in row.scores:
                captioners.setdefault(row.scores[column]["signature"], []).append(row.captioner)
        alike = len(captioners) == 1
        lines += [f"`{text}`" + ("" if alike else f" ({', '.join(names)})") for text, names in captioners.items()]
    return lines
