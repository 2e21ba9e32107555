"""Leaderboards for papers: a booktabs tabular, the best score bold, the second underlined."""

from __future__ import annotations

from collections.abc import Sequence

from benchmark.leaderboard.text import cells, remarks, scored, shown_columns, signatures, title
from benchmark.ranking import Row, Table

_ESCAPES = {c: f"\\{c}" for c in "&%$#_{}"} | {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}


def latex(table: Table) -> str:
    """The rows with scores, without the flags; needs ``\\usepackage{booktabs}``.

    Equal best scores are all bold, and equal second ones all underlined. Reported scores are neither: nobody knows what
    they were computed on. What must be known besides stands in comments.
    """
    header, body = cells(table)
    columns = shown_columns(table)
    marks = {column: _marks(scored(table), column) for column in columns}
    comments = [title(table), *remarks(table), *signatures(table)]
    lines = [f"% {' '.join(comment.split())}" for comment in comments]
    heads = [rf"{escaped(name)} $\uparrow$" if name in columns else escaped(name) for name in header[:-1]]
    lines += [rf"\begin{{tabular}}{{rl{'r' * (len(header) - 3)}}}", r"\toprule", _line(heads), r"\midrule"]
    for row, values in zip(scored(table), body, strict=True):
        cooked = [
            _marked(row, name, marks[name]) if name in columns and row.score(name) is not None else escaped(value)
            for name, value in zip(header, values, strict=True)
        ]
        lines.append(_line(cooked[:-1]))
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}", ""])


def escaped(text: str) -> str:
    """``text`` with what LaTeX takes for commands written out."""
    return "".join(_ESCAPES.get(c, c) for c in " ".join(text.split()))


def _marks(rows: Sequence[Row], column: str) -> tuple[str, ...]:
    """The best and the second best score that was measured, as it is printed; of fewer than two rows none."""
    scores = {f"{score:.3f}" for row in rows if row.status == "ok" and (score := row.score(column)) is not None}
    return tuple(sorted(scores, key=float, reverse=True)[:2]) if len(rows) > 1 else ()


def _marked(row: Row, column: str, marks: tuple[str, ...]) -> str:
    score = row.scores[column]
    text = f"{score['score']:.3f}"
    if row.status == "ok" and text in marks:
        text = rf"\{'textbf' if text == marks[0] else 'underline'}{{{text}}}"
    return text + (rf" {{\scriptsize [{score['low']:.3f}, {score['high']:.3f}]}}" if "low" in score else "")


def _line(values: Sequence[str]) -> str:
    return " & ".join(values) + r" \\"
