"""The differences of all samples as one picture."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np

from benchmark.comparison import Comparison
from benchmark.errors import UserError
from benchmark.files import write_atomic

FORMATS = ("png", "svg", "pdf")
# Blue and orange of Okabe and Ito (2008), which people with colour vision deficiencies tell apart.
_BETTER, _WORSE = "#0072B2", "#D55E00"


def write(path: Path, comparison: Comparison) -> None:
    """Draw every sample's difference in the column that samples are listed by, in order, to a PNG, SVG or PDF file.

    The same comparison gives the same bytes. Raises UserError when matplotlib is not installed, the file's name ends
    otherwise, or the file cannot be written.
    """
    kind = path.suffix.lstrip(".").lower()
    if kind not in FORMATS:
        raise UserError(f"--plot {path}: the name ends in .{', .'.join(FORMATS[:-1])} or .{FORMATS[-1]}.")
    try:
        from matplotlib import rc_context
        from matplotlib.figure import Figure
    except ImportError as error:
        raise UserError("--plot needs matplotlib: pip install matplotlib") from error
    main, differences = comparison.main, np.sort(comparison.per_sample)
    edges, outcomes = np.arange(len(differences) + 1) + 0.5, main.outcomes
    # Names of captioners are no mathematics, and a hash of random numbers is in no SVG.
    with rc_context({"svg.hashsalt": "svg-caption-bench", "text.parse_math": False}):
        figure = Figure(figsize=(8, 4.5), layout="constrained")
        axes = figure.subplots()
        axes.stairs(np.maximum(differences, 0), edges, fill=True, color=_BETTER)
        axes.stairs(np.minimum(differences, 0), edges, fill=True, color=_WORSE)
        axes.axhspan(main.test.low, main.test.high, color="black", alpha=0.15, linewidth=0, label="95 % interval")
        axes.axhline(main.test.difference, color="black", linewidth=1, label=f"corpus: {main.test.difference:+.4f}")
        axes.axhline(0, color="black", linewidth=0.5)
        axes.set_xlim(edges[0], edges[-1])
        axes.set_xlabel(f"samples in the order of their difference; {comparison.a.place}")
        axes.set_ylabel(f"{main.column}: {comparison.b.name} minus {comparison.a.name}")
        axes.set_title(
            f"{comparison.b.name} against {comparison.a.name}: "
            f"better on {outcomes.wins}, equal on {outcomes.ties}, worse on {outcomes.losses}"
        )
        axes.legend(loc="upper left", frameon=False)
        content = io.BytesIO()
        dateless = {"png": {"Software": None}, "svg": {"Date": None}, "pdf": {"CreationDate": None}}
        figure.savefig(content, format=kind, dpi=150, metadata=dateless[kind])
    write_atomic(path, content.getvalue())
