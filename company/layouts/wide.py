"""Tables with a column for each period, or for each product or site: every cell becomes a row.

Letters: R rows, P columns that hold amounts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from orderup.envs.foundation.errors import InputError, listed

from ..record.decisions import ImportDecision
from ..record.headings import columns_of, plain
from ..record.rows import RowReader
from ..record.sales import Sales
from ..tables.date_forms import names_a_date
from ..tables.reading import TableFile
from ..tables.table import Column, Table
from .layout import Layout, layouts

HEADING, AMOUNT = "column", "cell"
"""What the heading of each cell's column, and the cell itself, are called once they are columns."""
LARGEST = 80_000_000
"""Cells that are put below one another."""


@layouts.register("wide")
class Wide(Layout):
    """A row for each product and site, a column for each day, week or month."""

    def fits(self, header: Sequence[str]) -> bool:
        return sum(map(names_a_date, header)) >= 3

    def sales(self, file: TableFile, reader: RowReader, given: Mapping[str, str]) -> Sales:
        amounts = [name for name in file.header if names_a_date(name)]
        if not amounts:
            raise InputError(
                f"{file.name}, columns", ", ".join(file.header), "columns that are called by dates, weeks or months"
            )
        beside = [name for name in file.header if name not in amounts]
        _refuse_twice(file, beside, amounts)
        keys = columns_of(beside, ("site", "product", "unit"), (), given, "demand", file.name)
        left = [name for name in beside if name not in keys.values() and not name.startswith("column ")]
        reader.decisions.add(
            ImportDecision(file.name, "columns that are no dates", len(left), "", f"not used: {listed(left)}", changes=False)
        )
        table = below_one_another(file.table([*keys.values(), *amounts]), list(keys.values()), amounts)
        return reader.sales(table, {**keys, "date": HEADING, "quantity": AMOUNT})


def _refuse_twice(file: TableFile, beside: Sequence[str], amounts: Sequence[str]) -> None:
    """Raise InputError for a date that two columns are called by."""
    for name in beside:
        if (first := re.sub(r" \(\d+\)$", "", name)) != name and first in amounts:
            raise InputError(f"{file.name}, columns", f"{first} twice", "each date, week or month once")


class _Across(Layout):
    """A row for each day, a column for each of something."""

    role = ""

    def sales(self, file: TableFile, reader: RowReader, given: Mapping[str, str]) -> Sales:
        roles = ("date", "product" if self.role == "site" else "site")
        keys = columns_of(file.header, roles, ("date",), given, "demand", file.name)
        amounts = [name for name in file.header if name not in keys.values() and not plain(name).startswith("column_")]
        table = below_one_another(file.table([*keys.values(), *amounts]), list(keys.values()), amounts)
        return reader.sales(table, {**keys, self.role: HEADING, "quantity": AMOUNT})


@layouts.register("wide_products")
class WideProducts(_Across):
    """A row for each day (and site), a column for each product."""

    role = "product"


@layouts.register("wide_sites")
class WideSites(_Across):
    """A row for each day (and product), a column for each site."""

    role = "site"


def below_one_another(table: Table, keys: Sequence[str], amounts: Sequence[str]) -> Table:
    """The cells (R·P) of the columns `amounts`, with the `keys` of their rows and their column's name."""
    rows, width = len(table), len(amounts)
    if rows * width > LARGEST:
        accepted = f"at most {LARGEST:,}: only_sites=[…] or only_products=[…] take some of them"
        raise InputError(table.name, f"{rows * width:,} cells", accepted)
    for name in amounts:
        table.refuse_merged(name)
    headings = np.empty(width, dtype=object)
    headings[:] = amounts
    columns = {name: Column(np.repeat(table[name].codes, width), table[name].values) for name in keys}
    columns[HEADING] = Column(np.tile(np.arange(width, dtype=np.int32), rows), headings)
    columns[AMOUNT] = _joined([table[name] for name in amounts])
    merged = {name: np.repeat(parts, width) for name, parts in table.merged.items()}
    return replace(table, columns=columns, rows=np.repeat(table.rows, width), cells_of={AMOUNT: HEADING}, merged=merged)


def _joined(columns: Sequence[Column]) -> Column:
    """Columns (R,) side by side as one (R·P,), row by row."""
    place: dict[object, int] = {}
    codes = [_renumbered(column, place) for column in columns]
    values = np.empty(len(place), dtype=object)
    values[:] = list(place)
    return Column(np.stack(codes, axis=1).reshape(-1), values)


def _renumbered(column: Column, place: dict[object, int]) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    numbers = np.fromiter((place.setdefault(value, len(place)) for value in column.values), np.int32, len(column.values))
    found: np.ndarray[tuple[int], np.dtype[np.int32]] = np.append(numbers, np.int32(-1))[column.codes].astype(np.int32)
    return found
