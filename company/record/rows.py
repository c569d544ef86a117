"""Rows of a table as sales: every cell of a date, a name or a number is read, and what is none is said.

Letters: R rows.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from orderup.envs.foundation.errors import InputError
from orderup.envs.numerics.arrays import Floats

from ..tables.date_forms import names_a_month, names_grain
from ..tables.dates import as_dates
from ..tables.names import as_names, tidied
from ..tables.numbers import as_numbers, decimal_sign
from ..tables.options import ReadingOptions
from ..tables.table import Rows, Table, beside
from .decisions import ImportDecision, ImportDecisions
from .grouped import filled_from_above
from .keys import CleaningKeys
from .measures import in_one_measure
from .periods import Grain
from .sales import Codes, Sales
from .spelling import spelled

TOTAL = re.compile(
    r"\W*(grand |sub|sub-|sous-|zwischen|teil|end)?"
    r"(total|summe|gesamt|gesamtsumme|gesamtergebnis|ergebnis|sum|insgesamt|totale|somme)\b.*|[Σ∑]\W*|overall|all|alle|tous|todos",
    re.I,
)
OF_ANOTHER = re.compile(r"(.+?)[\s:]+(total|summe|gesamt|ergebnis|sum|totale|somme)", re.I)
SERIAL = r"[2-7]\d{4}(?:\.\d+)?"
"""What may be the number of a day in a spreadsheet."""


@dataclass(frozen=True)
class RowReader:
    """Reads the rows of one file."""

    reading: ReadingOptions
    cleaning: CleaningKeys
    decisions: ImportDecisions
    single_site: str = "store_1"
    """What the site is called, where a file has no column of sites."""

    def sales(self, table: Table, columns: Mapping[str, str]) -> Sales:
        """Rows as sales; `columns` has the column of each role. Raises InputError for what the keys refuse."""
        table, columns = self._with_years(self._of_data(table, columns), dict(columns))
        table, grain, days = self._dated(table, columns)
        (table, days), names = self._named(table, columns, days)
        quantity = self._numbers(table, columns, "quantity")
        drop = quantity.unreadable
        if drop.any():
            self._unreadable(table, columns["quantity"], drop, "a quantity", "rows whose quantity is no number")
            table, days = table.keep(~drop), days[~drop]
            names = {role: (codes[~drop], found) for role, (codes, found) in names.items()}
            quantity = self._numbers(table, columns, "quantity")
        amounts = in_one_measure(table, columns, quantity, self.cleaning.units, self.decisions)
        site, product = names["site"], names["product"]
        return Sales(
            table,
            columns,
            site[1],
            product[1],
            site[0],
            product[0],
            days,
            self._filled(table, columns, amounts),
            grain,
            out_of_stock=self._flag(table, columns, "out_of_stock", True),
            closed=self._closed(table, columns),
            price=self._price(table, columns),
        )

    def _of_data(self, table: Table, columns: Mapping[str, str]) -> Table:
        """Less rows in which nothing stands, and column names that come again."""
        used = list(dict.fromkeys(columns.values()))
        empty = np.logical_and.reduce([table[name].is_blank for name in used])
        heading = np.logical_and.reduce([_equals(table, name) for name in used])
        self._left_out(table, empty, "empty rows", "left out", changes=False)
        self._left_out(table, heading, "rows that repeat the column names", "left out", changes=False)
        table = table.keep(~(empty | heading))
        if not len(table):
            raise InputError(table.name, "no rows", "a row for each sale below the column names")
        return self._grouped(self._without_totals(table, columns), columns)

    def _grouped(self, table: Table, columns: Mapping[str, str]) -> Table:
        """With the names of their groups in rows that have none, where that is asked for."""
        if self.cleaning.nameless == "above":
            named = [columns[role] for role in ("date", "year", "site", "product") if role in columns]
            table, filled = filled_from_above(table, named)
            for name, rows in filled.items():
                self._left_out(
                    table, rows, f"rows with nothing in {name}", "above", "nameless", "they have that of the row above"
                )
        return table

    def _without_totals(self, table: Table, columns: Mapping[str, str]) -> Table:
        named = [columns[role] for role in ("date", "site", "product") if role in columns]
        said = np.logical_or.reduce([_matches(table, name) for name in named])
        total = said if self.cleaning.totals == "drop" else np.zeros(len(table), dtype=bool)
        if said.any() and self.cleaning.totals == "refuse":
            table.refuse_any(said, named[0], "totals=drop, totals=keep, or a file without totals")
        self._left_out(table, total, "rows of totals", "drop", "totals", why="they count again what other rows count")
        return table.keep(~total)

    def _with_years(self, table: Table, columns: dict[str, str]) -> tuple[Table, dict[str, str]]:
        """With weeks or months that stand beside their year in one column with it; a year beside dates says nothing new."""
        year = columns.pop("year", None)
        if year is None:
            return table, columns
        name, numbers = f"{year} and {columns['date']}", _period_numbers(table, columns["date"])
        if numbers is None:
            named = all(isinstance(value, str) and names_a_month(value) for value in table[columns["date"]].values)
            joined = beside(table[year], table[columns["date"]], "{1} {0}") if named else None
            return (table, columns) if joined is None else (table.adding(name, joined), {**columns, "date": name})
        highest = np.nanmax(numbers)
        months = names_grain(columns["date"], "month") and highest <= 12
        if not months and not (names_grain(columns["date"], "week") and highest <= 53):
            accepted = "a column of weeks or months by its name beside one of years, or one of dates"
            raise InputError(f"{table.name}, columns", f"{columns['date']} beside {year}", accepted)
        both = beside(table[year], table[columns["date"]], "{}-{:0>2}" if months else "{}-W{:0>2}")
        return table.adding(name, both), {**columns, "date": name}

    def _dated(self, table: Table, columns: Mapping[str, str]) -> tuple[Table, Grain, Any]:
        """The rows that have a day, and the day of each."""
        column = columns["date"]
        numbers = _period_numbers(table, column) if self.reading.dates is None else None
        if numbers is not None:
            blank = np.isnan(numbers)
            table = self._with_names(table, column, blank)
            return table, "number", numbers[~blank].astype(np.int64)
        dates = as_dates(table, column, self.reading.dates)
        if dates.unreadable.any():
            row = int(dates.unreadable.argmax())
            hint = "; dates=excel if it is Excel's number of a day" * bool(re.fullmatch(SERIAL, str(table.cell(row, column))))
            self._unreadable(table, column, dates.unreadable, "a date", "rows whose date is none", hint)
        kept = ~dates.unreadable
        blank = dates.blank & kept
        table = self._with_names(table, column, blank, kept)
        days = dates.days[kept & ~blank]
        self.decisions.add(ImportDecision(table.name, "rows", len(table), "", f"dates read as {dates.said}", changes=False))
        return table, dates.grain, days

    def _with_names(self, table: Table, column: str, blank: Rows, kept: Rows | None = None) -> Table:
        """Rows in which something stands in a column."""
        if blank.any() and self.cleaning.nameless == "refuse":
            table.refuse_any(
                blank, column, "something in every row, or nameless=drop, or nameless=above where it is that of the row above"
            )
        self._left_out(table, blank, f"rows with nothing in {column}", "drop", "nameless")
        return table.keep((~blank) if kept is None else kept & ~blank)

    def _named(
        self, table: Table, columns: Mapping[str, str], days: Any
    ) -> tuple[tuple[Table, Any], dict[str, tuple[Codes, tuple[str, ...]]]]:
        """The rows that have a site and a product, and which."""
        for role in ("site", "product"):
            if role in columns:
                blank = table[columns[role]].is_blank
                table, days = self._with_names(table, columns[role], blank), days[~blank]
        found: dict[str, tuple[Codes, tuple[str, ...]]] = {}
        for role, alone in (("site", self.single_site), ("product", "product")):
            if role not in columns:
                found[role] = np.zeros(len(table), dtype=np.int32), (alone,)
                done = f"all of one, called {alone}"
                self.decisions.add(
                    ImportDecision(table.name, f"rows without a column of {role}s", len(table), "", done, changes=False)
                )
                continue
            names = as_names(table, columns[role])
            self._tidied(table, columns[role], names.tidied)
            found[role] = spelled(table, columns[role], names, self.cleaning.spelling, self.decisions)
        return (table, days), found

    def _tidied(self, table: Table, column: str, rows: Rows) -> None:
        self._left_out(table, rows, f"names in {column} with spaces or signs that nobody sees", "tidied", changes=False)

    def _numbers(self, table: Table, columns: Mapping[str, str], role: str) -> Any:
        if role == "quantity":
            table.refuse_merged(columns[role])
        numeric = [columns[name] for name in ("quantity", "price") if name in columns]
        return as_numbers(table[columns[role]], decimal_sign(table, numeric, self.reading.decimal))

    def _filled(self, table: Table, columns: Mapping[str, str], amounts: Floats) -> Floats:
        blank = np.isnan(amounts)
        if blank.any() and self.cleaning.blank == "refuse":
            table.refuse_any(blank, columns["quantity"], "a quantity in every row, or blank=missing or blank=zero")
        done = self.cleaning.blank
        self._left_out(
            table, blank, "rows without a quantity", done, "blank", why="taken as not recorded" * (done == "missing")
        )
        return np.where(blank, 0.0, amounts) if done == "zero" else amounts

    def _unreadable(self, table: Table, column: str, rows: Rows, wanted: str, found: str, hint: str = "") -> None:
        if self.cleaning.unreadable == "refuse":
            table.refuse_any(rows, column, f"{wanted}, or unreadable=drop{hint}")
        self._left_out(table, rows, found, "drop", "unreadable")

    def _flag(
        self, table: Table, columns: Mapping[str, str], role: Literal["out_of_stock", "closed", "open"], when: bool
    ) -> Rows | None:
        """Where a column says yes (or with `when` false, no)."""
        if role not in columns:
            return None
        column = table[columns[role]]
        yes = np.array([_says_yes(value) for value in column.values], dtype=bool)
        return column.spread(yes == when, False)

    def _closed(self, table: Table, columns: Mapping[str, str]) -> Rows | None:
        closed = self._flag(table, columns, "closed", True)
        return closed if closed is not None else self._flag(table, columns, "open", False)

    def _price(self, table: Table, columns: Mapping[str, str]) -> Floats | None:
        if "price" not in columns:
            return None
        found = self._numbers(table, columns, "price")
        if found.unreadable.any():
            table.refuse_any(found.unreadable, columns["price"], "a price")
        money = {**columns, "quantity": columns["price"], "unit": columns.get("currency", "")}
        return in_one_measure(table, money, found, self.cleaning.currencies, self.decisions, "currencies")

    def _left_out(
        self, table: Table, rows: Rows, found: str, done: str, key: str = "", why: str = "", changes: bool = True
    ) -> None:
        if rows.any():
            first = f"row {table.rows[int(rows.argmax())]}"
            self.decisions.add(ImportDecision(table.name, found, int(rows.sum()), key, done, why, changes, first))


def _equals(table: Table, name: str) -> Rows:
    """Where a column holds its own name."""
    column = table[name]
    same = np.array([isinstance(value, str) and tidied(value) == name for value in column.values], dtype=bool)
    return column.spread(same, False)


def _matches(table: Table, name: str) -> Rows:
    column = table[name]
    names = {value.strip() for value in column.values if isinstance(value, str)}
    total = np.array([isinstance(value, str) and _is_total(value.strip(), names) for value in column.values], dtype=bool)
    return column.spread(total, False)


def _is_total(text: str, names: Collection[str]) -> bool:
    """Whether a name is that of a total, of all or of another name, as `Tea Total`."""
    of = OF_ANOTHER.fullmatch(text)
    return bool(TOTAL.fullmatch(text)) or (of is not None and of[1] in names)


def _period_numbers(table: Table, name: str) -> Floats | None:
    """A column of whole numbers that are no dates (R,); None for any other."""
    column = table[name]
    texts = [value for value in column.values if isinstance(value, (str, int, np.integer, float))]
    if len(texts) < len(column.values) or not all(re.fullmatch(r"-?\d{1,4}(\.0)?", str(value).strip()) for value in texts):
        return None
    if all(1950 <= float(value) <= 2100 for value in texts):
        return None
    return column.spread(np.array([float(value) for value in texts]), np.nan)


def _says_yes(value: Any) -> bool:
    if isinstance(value, str):
        word = value.strip().lower()
        return word not in ("", "0", "no", "n", "false", "nein", "non", "f", "0.0", "0,0")
    return bool(value)
