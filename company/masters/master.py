"""A file beside the demand file, role by role; small enough to be read as a whole.

Letters: R rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from orderup.envs.foundation.errors import InputError
from orderup.envs.numerics.arrays import Floats

from ..record.decisions import ImportDecision, ImportDecisions
from ..record.headings import columns_of
from ..record.measures import BOXES, PIECES
from ..tables.date_forms import NONE, Days
from ..tables.dates import as_dates
from ..tables.names import as_names
from ..tables.numbers import Parsed, as_numbers, decimal_sign
from ..tables.options import ReadingOptions
from ..tables.reading import TableFile, opened
from ..tables.table import Rows, Table


@dataclass(frozen=True)
class Master:
    """The table, and what its columns are."""

    table: Table
    columns: Mapping[str, str]
    reading: ReadingOptions

    def __len__(self) -> int:
        return len(self.table)

    def __contains__(self, role: str) -> bool:
        return role in self.columns

    @property
    def name(self) -> str:
        """What the file is called."""
        return self.table.name

    def keep(self, rows: Rows) -> Master:
        """Only some rows."""
        return Master(self.table.keep(rows), self.columns, self.reading)

    def names(self, role: str) -> list[str | None]:
        """What stands in each row; None for nothing, or where there is no such column."""
        if role not in self.columns:
            return [None] * len(self)
        found = as_names(self.table, self.columns[role])
        return [None if code < 0 else found.names[code] for code in found.codes]

    def numbers(self, role: str, least: float | None = 0.0) -> Floats:
        """The numbers of each row, NaN for nothing. Raises InputError for what is none, or less than the least."""
        if role not in self.columns:
            return np.full(len(self), np.nan)
        column = self.columns[role]
        if role in UNITS:
            self.table.refuse_merged(column)
        found = self._parsed(role)
        self.table.refuse_any(found.unreadable, column, "a number")
        values = self._measured(role, found)
        if least is not None:
            self.table.refuse_any(values < least, column, f"a number ≥ {least:g}")
        return values

    def _parsed(self, role: str) -> Parsed:
        numeric = [name for other, name in self.columns.items() if other in NUMERIC or other.startswith(QUANTILE)]
        return as_numbers(self.table[self.columns[role]], decimal_sign(self.table, numeric, self.reading.decimal))

    def _measured(self, role: str, found: Parsed) -> Floats:
        """Numbers (R,) in one measure: per cents as shares, money in one currency, pieces; times are looked at elsewhere."""
        column, words = self.columns[role], dict(found.of_words)
        share = words.pop("%", None)
        if share is not None and role not in SHARES:
            self.table.refuse_any(share, column, "an amount, and no per cent")
        if role in TIMES:
            return found.values
        if role not in MONEY:
            words = {word: rows for word, rows in words.items() if word.casefold().rstrip(".") not in PIECES}
            for word in words if role in UNITS else ():
                if word.casefold().rstrip(".") in BOXES:
                    self.table.refuse_any(words[word], column, f"a number of the units in which demand is, and not of {word}")
        if len(words) > 1:
            several = f"one unit or currency, and not {' and '.join(words)}"
            self.table.refuse_any(list(words.values())[1], column, several)
        return found.values if share is None else np.where(share, found.values / 100.0, found.values)

    def words(self, role: str) -> list[str | None]:
        """What stands beside the number of each row; None for nothing."""
        if role not in self.columns:
            return [None] * len(self)
        found: list[str | None] = [None] * len(self)
        for word, rows in self._parsed(role).of_words.items():
            for row in np.flatnonzero(rows):
                found[row] = word
        return found

    def days(self, role: str) -> Days:
        """Days since 1970 of each row, NONE for nothing. Raises InputError for what is none."""
        if role not in self.columns:
            return np.full(len(self), NONE, dtype=np.int64)
        found = as_dates(self.table, self.columns[role], self.reading.dates)
        self.table.refuse_any(found.unreadable, self.columns[role], "a date")
        return found.days

    def place(self, row: int, role: str) -> str:
        """Where a cell stands."""
        return self.table.place(row, self.columns.get(role))

    def refuse(self, row: int, role: str, found: Any, accepted: str) -> InputError:
        """The complaint about a cell."""
        return InputError(self.place(row, role), found, accepted)


SHARES = frozenset({"service", "holding_rate", "level"})
"""Roles that may be written in per cents."""
TIMES = frozenset({"lead_time", "order_delay"})
MONEY = frozenset({"unit_cost", "fixed_cost", "holding", "value", "price", "shortage"})
UNITS = frozenset(
    {"on_hand", "backlog", "on_order", "quantity", "minimum", "multiple", "reorder_level", "order_up_to", "reorder_quantity"}
)
"""Roles that count what demand counts."""
QUANTILE = "q"
"""What roles of quantiles begin with, before their level: q0.9."""
NUMERIC = frozenset(
    {
        "lead_time",
        "lead_time_sd",
        "order_delay",
        "unit_cost",
        "fixed_cost",
        "minimum",
        "multiple",
        "capacity",
        "storage",
        "throughput",
        "holding",
        "holding_rate",
        "on_hand",
        "backlog",
        "on_order",
        "quantity",
        "value",
        "level",
        "amount",
        "error",
        "price",
        "shortage",
        "service",
        "reorder_level",
        "order_up_to",
        "reorder_quantity",
    }
)
"""Roles whose columns hold numbers."""


def read_master(
    source: Any,
    key: str,
    roles: Sequence[str],
    needed: Sequence[str],
    given: Mapping[str, str],
    reading: ReadingOptions,
    decisions: ImportDecisions,
) -> Master:
    """A file's table with the columns that are known. Raises InputError for a needed one that is not there, and for no rows."""
    file = opened(source, reading, key)
    return master_of(file, columns_of(file.header, roles, needed, given, key, file.name), reading, decisions)


def master_of(file: TableFile, columns: Mapping[str, str], reading: ReadingOptions, decisions: ImportDecisions) -> Master:
    """The rows of a file that are not empty in these columns, by role. Raises InputError where there are none."""
    table = file.table(list(dict.fromkeys(columns.values())))
    empty = np.logical_and.reduce([table[name].is_blank for name in columns.values()])
    table = table.keep(~empty)
    decisions.add(ImportDecision(file.name, "empty rows", int(empty.sum()), "", "left out", changes=False))
    if not len(table):
        raise InputError(file.name, "no rows", "a row for each entry below the column names")
    unused = [name for name in file.header if name not in columns.values() and not name.startswith("column ")]
    read = ", ".join(f"{role.replace('_', ' ')} from {name}" for role, name in columns.items())
    beside = f"; not used: {', '.join(unused)}" if unused else ""
    decisions.add(ImportDecision(file.name, "rows", len(table), "", f"{read}{beside}", changes=False))
    return Master(table, columns, reading)
