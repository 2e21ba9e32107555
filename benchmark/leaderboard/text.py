"""Leaderboards as people read them: cells for the terminal and Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from benchmark.ranking import Row, Table
from benchmark.statistics import SIGNIFICANCE

# What a paper's table holds; the CSV has every column.
MAIN_COLUMNS = (
    *("BLEU-4", "ROUGE-L", "METEOR", "CIDEr", "CLIPScore", "RefCLIPScore"),
    *("BLEU-4 (nltk)", "ROUGE-L (nltk)", "METEOR (nltk)"),
)


def title(table: Table) -> str:
    """``openmoji, test split, 400 samples (1a2b3c4d5e6f), ranked by CIDEr, 95 % intervals in brackets``."""
    about = table.sample_set.description
    return (
        f"{about['dataset']}, {about['split']} split, "
        + (f"{table.subset}, {table.n} of {about['n']}" if table.subset else str(table.n))
        + f" samples ({about['fingerprint'][:12]}), "
        + (f"ranked by {table.ranked_by}, " if table.ranked_by else "")
        + "95 % intervals in brackets"
    )


def cells(table: Table) -> tuple[list[str], list[list[str]]]:
    """Header and cells of the rows with scores: the same for the terminal, Markdown and LaTeX."""
    common = flags_of_all(table)
    columns = shown_columns(table)
    header = ["rank", "captioner", *columns, "coverage", "invalid", "words", "s/sample", "flags"]
    return header, [
        [
            "" if row.rank is None else str(row.rank),
            f"{row.captioner} (reported)" if row.status == "reported" else row.captioner,
            *("" if row.status == "reported" and c not in row.scores else cell(row.scores.get(c)) for c in columns),
            _fact(row, "coverage", "{:.1%}"),
            _fact(row, "invalid", "{}"),
            _fact(row, "caption_words", "{:.1f}"),
            _fact(row, "seconds_per_sample", "{:.4f}"),
            "; ".join(flag for flag in row.flags if flag not in common),
        ]
        for row in scored(table)
    ]


def remarks(table: Table) -> list[str]:
    """What must be known beside the cells: what the ranks mean, flags of all rows, who is not in the table and why."""
    ranks = [row.rank for row in table.rows if row.rank is not None]
    tests = f"approximate randomization on the same samples, corrected after Holm over {len(table.pairs)} pairs"
    lines = [f"not comparable with the first table of these samples: {table.apart}"] if table.apart else []
    if table.pairs:
        lines.append(f"rank: 1 + captioners that are significantly better (p < {SIGNIFICANCE}, {tests})")
    if table.pairs and 2 / 2**table.n * len(table.pairs) >= SIGNIFICANCE:  # two of all ways to swap are extreme
        lines.append(f"too few samples: with {table.n} samples and {len(table.pairs)} pairs no rank but 1 is possible")
    if len(set(ranks)) < len(ranks):
        lines.append("rows that share a rank: the samples do not tell which of them is better")
    lines += [f"every row: {flag}" for flag in flags_of_all(table)]
    if "composite" in table.columns:
        composite = table.columns["composite"]
        lines.append(f"composite: {composite.unit}; {composite.scale()}")
    others: dict[str, list[str]] = {}
    for row in table.rows:
        if row.status != "ok":
            others.setdefault(f"{row.status}: {row.reason}", []).append(row.captioner)
    return [*lines, *(f"{', '.join(names)}: {why}" for why, names in others.items())]


def warnings(tables: Sequence[Table]) -> list[str]:
    """One line when there is more than one table of whole sample sets, as no two of them may be compared."""
    whole = [table for table in tables if not table.subset]
    if len(whole) < 2:
        return []
    abouts = [table.sample_set.description for table in whole]
    names = [
        f"{about['dataset']} {about['split']} {table.n} ({about['fingerprint'][:8]})"
        + (f" {table.apart}" if table.apart else "")
        for table, about in zip(whole, abouts, strict=True)
    ]
    return [f"{len(whole)} tables; no number of one may be compared with another one's: {' | '.join(names)}"]


def markdown(table: Table) -> str:
    """One section: title, aligned table, remarks, signatures, source and licence of the data."""
    header, body = cells(table)
    body = [[_in_a_cell(value) for value in row] for row in body]
    widths = [max(map(len, column)) for column in zip(header, *body, strict=True)]

    def line(values: Sequence[str]) -> str:
        return "| " + " | ".join(value.ljust(width) for value, width in zip(values, widths, strict=True)) + " |"

    sections = [
        [f"## {title(table)}"],
        [line(header), line(["-" * width for width in widths]), *map(line, body)],
        [f"- {remark}" for remark in remarks(table)],
        [f"- {signature}" for signature in signatures(table)],
        [f"- {key}: {value}" for key, value in table.sample_set.description["notes"].items()],
    ]
    return "\n\n".join("\n".join(lines) for lines in sections if lines) + "\n"


def scored(table: Table) -> list[Row]:
    """The rows that have scores."""
    return [row for row in table.rows if row.scores]


def flags_of_all(table: Table) -> list[str]:
    """The flags that every measured row has: what is said of the data is said once."""
    measured = [row for row in scored(table) if row.status == "ok"]
    if len(measured) < 2:
        return []
    return [flag for flag in measured[0].flags if all(flag in row.flags for row in measured)]


def shown_columns(table: Table) -> list[str]:
    """The columns that a reader compares by, the one that ranks among them; all where none of the usual is there."""
    there = dict.fromkeys(column for row in table.rows for column in row.scores)
    chosen = (*MAIN_COLUMNS, table.ranked_by, "composite")
    return [column for column in dict.fromkeys(chosen) if column in there] or list(there)


def cell(score: Mapping[str, Any] | None) -> str:
    """``0.163 [0.112, 0.208]``, or why there is no number."""
    if score is None:
        return "not asked for"
    if "unavailable" in score:
        return f"n/a: {score['unavailable']}"
    return f"{score['score']:.3f}" + (f" [{score['low']:.3f}, {score['high']:.3f}]" if "low" in score else "")


def signatures(table: Table) -> list[str]:
    """How each column was computed, with the captioners it holds for where they differ."""
    measured = [row for row in scored(table) if row.status == "ok"]
    lines = []
    for column in shown_columns(table):
        captioners: dict[str, list[str]] = {}
        for row in measured:
            if column in row.scores:
                captioners.setdefault(row.scores[column]["signature"], []).append(row.captioner)
        alike = len(captioners) == 1
        lines += [f"`{text}`" + ("" if alike else f" ({', '.join(names)})") for text, names in captioners.items()]
    return lines


def _fact(row: Row, name: str, form: str) -> str:
    return form.format(row.facts[name]) if row.facts.get(name) is not None else ""


def _in_a_cell(value: str) -> str:
    return " ".join(value.split()).replace("|", "\\|")
