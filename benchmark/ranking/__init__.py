"""From runs on disk to ranked, flagged tables of comparable rows.

:func:`rows` gives the rows of a sample set; :func:`tables` the same as the tables they stand in, with options.
"""

from benchmark.ranking.assembly import Ranking, rows, tables
from benchmark.ranking.row import Row
from benchmark.ranking.table import Table, ranking_column

__all__ = ["Ranking", "Row", "Table", "ranking_column", "rows", "tables"]
