"""What was sold where and when, row by row, as a file has it.

Letters: R rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from orderup.envs.numerics.arrays import Floats

from ..tables.table import Rows, Table
from .periods import Grain

Codes = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Sales:
    """Rows of a demand file, all of which have a site, a product and a day."""

    table: Table
    """Where they stand, for messages."""
    columns: Mapping[str, str]
    """What the file calls the column of each role: date, site, product, quantity, …"""
    sites: tuple[str, ...]
    products: tuple[str, ...]
    site: Codes
    """(R,)"""
    product: Codes
    day: NDArray[np.int64]
    """(R,) days since 1970, or numbers of periods."""
    quantity: Floats
    """(R,), less than nothing for what was brought back; NaN where nothing is written."""
    grain: Grain
    out_of_stock: Rows | None = None
    """(R,) where the shelf was empty for a time, so that less was sold than asked for."""
    closed: Rows | None = None
    """(R,) where the site was closed."""
    price: Floats | None = None
    """(R,) [money/unit]"""

    def __len__(self) -> int:
        return len(self.site)

    def keep(self, rows: Rows) -> Sales:
        """Only some rows."""
        if rows.all():
            return self
        arrays: dict[str, Any] = {
            name: value[rows]
            for name in ("site", "product", "day", "quantity", "out_of_stock", "closed", "price")
            if (value := getattr(self, name)) is not None
        }
        return replace(self, table=self.table.keep(rows), **arrays)

    def place(self, row: int, role: str) -> str:
        """Where the cell of a role stands."""
        return self.table.place(row, self.columns.get(role))

    def first(self, rows: Rows, role: str = "quantity") -> str:
        """Where the first of some rows stands; nothing where there is none."""
        return self.place(int(rows.argmax()), role) if rows.any() else ""
