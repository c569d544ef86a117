"""The M5 competition's table of sales: a column for each day, numbered from the first one on."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping

import numpy as np

from orderup.envs.foundation.errors import InputError

from ..record.rows import RowReader
from ..record.sales import Sales
from ..tables.reading import TableFile
from ..tables.table import Column
from .layout import Layout, layouts
from .wide import AMOUNT, HEADING, below_one_another

FIRST = dt.date(2011, 1, 29)
"""What d_1 is."""


@layouts.register("m5")
class M5(Layout):
    """M5 Forecasting (Walmart): `item_id`, `store_id`, and the days d_1, d_2, … from 29 January 2011 on."""

    known_by = ("item_id", "store_id", "d_1", "d_2")

    def sales(self, file: TableFile, reader: RowReader, given: Mapping[str, str]) -> Sales:
        days = [name for name in file.header if re.fullmatch(r"d_\d+", name)]
        if not days:
            raise InputError(f"{file.name}, columns", ", ".join(file.header[:20]), "columns d_1, d_2, …")
        keys = {"site": "store_id", "product": "item_id", **given}
        table = below_one_another(file.table([*keys.values(), *days]), list(keys.values()), days)
        dates = np.empty(len(days), dtype=object)
        dates[:] = [FIRST + dt.timedelta(days=int(name[2:]) - 1) for name in days]
        table = table.adding(HEADING, Column(table[HEADING].codes, dates))
        return reader.sales(table, {**keys, "date": HEADING, "quantity": AMOUNT})
