"""Names that stand in the first row of their group alone, as pivot tables and reports write them.

Letters: R rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ..tables.table import Rows, Table


def filled_from_above(table: Table, columns: Sequence[str]) -> tuple[Table, dict[str, Rows]]:
    """The table with the name above in cells of these columns that have none, and where that was done (R,), by column.

    Raises InputError for a cell with nothing above it, and for one beside which a wider group begins: that may be a subtotal.
    """
    blank = {name: table[name].is_blank for name in columns}
    widest_first = sorted((name for name in columns if blank[name].any()), key=lambda name: -int(blank[name].sum()))
    for place, name in enumerate(widest_first):
        begins = np.logical_or.reduce([~blank[other] for other in widest_first[:place]] or [np.zeros(len(table), dtype=bool)])
        accepted = "a name where a group begins: as it is, it may be the group's total"
        table.refuse_any(blank[name] & begins, name, accepted)
    for name in widest_first:
        column = table[name]
        last = np.maximum.accumulate(np.where(column.is_blank, -1, np.arange(len(table))))
        table.refuse_any(last < 0, name, "a name in the first row, which the rows below it can have")
        table = table.adding(name, replace(column, codes=column.codes[last]))
    return table, {name: blank[name] for name in widest_first}
