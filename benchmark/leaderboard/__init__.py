"""Leaderboards of all sample sets on disk, as CSV, Markdown, LaTeX and JSON.

``python -m benchmark leaderboard --columns`` prints what the columns of the CSV hold; the ranks are explained in
:mod:`benchmark.ranking.table`.
"""

from benchmark.leaderboard.export import FORMATS, Written, document, write
from benchmark.leaderboard.records import frame, read_leaderboard, records

__all__ = ["FORMATS", "Written", "document", "frame", "read_leaderboard", "records", "write"]
