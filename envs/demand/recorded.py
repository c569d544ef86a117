"""Recorded demand: one CSV or Parquet file in long format, read and checked once however many customers share it.

Shapes: R rows, W periods of a window, N sites, K products.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pydantic import model_validator

from ..foundation.errors import InputError, UnknownName
from ..foundation.validation import Keys
from ..numerics.arrays import Floats
from .periods import Calendar, Frequency, calendar_of
from .table_file import as_names, as_numbers, as_texts, existing, read_table, refuse

if TYPE_CHECKING:
    import pandas as pd

Integers: TypeAlias = NDArray[np.int64]

VARIABLE = "ORDERUP_DATA"
"""The environment variable that names the file where a scenario does not."""
SPREAD = 100
"""How many periods there may be for each that is recorded at all, beside the ten thousand that any file may span."""


class FileColumns(Keys):
    """What the file calls its columns; promotion may be absent."""

    period: str = "period"
    site: str = "site"
    product: str = "product"
    demand: str = "demand"
    promotion: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _used(cls, given: Any) -> Any:
        if isinstance(given, Mapping) and "price" in given:
            raise InputError(
                "price", given["price"], "nothing: what customers pay is their own key `price`, not a recorded one"
            )
        return given

    @property
    def numbers(self) -> dict[str, str]:
        """The columns that hold a number for each cell."""
        named = {"demand": self.demand, "promotion": self.promotion}
        return {name: column for name, column in named.items() if column is not None}


@dataclass(frozen=True, eq=False)
class Recorded:
    """The contents of a file: what was recorded, row by row in the order of sites, products and periods."""

    path: Path
    calendar: Calendar
    first: int
    """The number of the first period."""
    last: int
    sites: tuple[str, ...]
    products: tuple[str, ...]
    starts: Integers
    """Where each site's rows begin, and where the last one's end (N+1,)."""
    product: Integers
    """Of each row (R,)."""
    period: Integers
    values: dict[str, Floats]
    """By name (R,), NaN for a blank cell."""

    def window(self, name: str, site: str, products: tuple[str, ...], periods: tuple[int, int]) -> Floats:
        """The values (W, K) of one site from the first of `periods` to the second, NaN where none was recorded."""
        if name not in self.values:
            raise InputError(f"demand.columns.{name}", None, "the column of the file that holds it")
        column, (rows, at) = self._columns(products), self._rows(site)
        inside = (self.period[rows] >= periods[0]) & (self.period[rows] <= periods[1]) & (column[at] >= 0)
        found = np.full((periods[1] - periods[0] + 1, len(products)), np.nan)
        found[self.period[rows][inside] - periods[0], column[at][inside]] = self.values[name][rows][inside]
        return found

    def lives(self, site: str, products: tuple[str, ...]) -> tuple[Floats, Floats]:
        """The first and the last period in which each product has a record of its demand at a site, each (K,)."""
        column, (rows, at) = self._columns(products), self._rows(site)
        known = ~np.isnan(self.values["demand"][rows]) & (column[at] >= 0)
        first, last = np.full(len(products), np.inf), np.full(len(products), -np.inf)
        np.minimum.at(first, column[at][known], self.period[rows][known])
        np.maximum.at(last, column[at][known], self.period[rows][known])
        return first, last

    def between(self, first: int | str, last: int | str) -> tuple[int, int]:
        """The numbers of a window's first and last period. Raises InputError for what is not within the file."""
        import pandas as pd

        numbers = self.calendar.numbers(pd.Series([str(first), str(last)]))
        span = f"periods of {self.path.name}, {self.calendar.name(self.first)} to {self.calendar.name(self.last)}"
        if np.isnan(numbers).any():
            raise InputError("demand.windows", [first, last], f"{span}, each written as {self.calendar.accepted}")
        bounds = int(np.ceil(numbers[0])), int(np.floor(numbers[1]))
        if bounds[0] < self.first or bounds[1] > self.last or bounds[1] < bounds[0]:
            raise InputError("demand.windows", [first, last], span)
        return bounds

    def _rows(self, site: str) -> tuple[slice, Integers]:
        """A site's rows, and their products."""
        if site not in self._site:
            raise UnknownName("demand.site", site, self.sites)
        rows = slice(self.starts[self._site[site]], self.starts[self._site[site] + 1])
        return rows, self.product[rows]

    def _columns(self, products: tuple[str, ...]) -> Integers:
        """The place of each product of the file among some of them, −1 for the others."""
        place = np.full(len(self.products), -1)
        for column, product in enumerate(products):
            if product not in self._product:
                raise UnknownName("products", product, self.products)
            place[self._product[product]] = column
        return place

    @cached_property
    def _site(self) -> dict[str, int]:
        return {name: number for number, name in enumerate(self.sites)}

    @cached_property
    def _product(self) -> dict[str, int]:
        return {name: number for number, name in enumerate(self.products)}


def read(path: str | None, columns: FileColumns, source: str, frequency: Frequency | None = None) -> Recorded:
    """The contents of the file at `path`, or at the environment variable's; read again only if it changes.

    Raises InputError when there is none (telling the `source` of the data) or it cannot be used.
    """
    given = path or os.environ.get(VARIABLE)
    where = f"; {source}" if source else ""
    if not given:
        raise InputError("demand.path", path, f"a CSV or Parquet file, here or in the environment variable {VARIABLE}{where}")
    return _read(*existing(given, "demand", where), columns, frequency)


@lru_cache(maxsize=4)
def _read(path: Path, changed: int, columns: FileColumns, frequency: Frequency | None) -> Recorded:
    texts = (columns.period, columns.site, columns.product)
    frame = read_table(path, texts, tuple(columns.numbers.values()))
    values = {"demand": as_numbers(frame, path, columns.demand)}
    refuse(frame, path, columns.demand, np.isinf(values["demand"]) | (values["demand"] < 0), "a finite number ≥ 0, or a blank")
    if columns.promotion is not None:
        values["promotion"] = as_numbers(frame, path, columns.promotion, truths=True)
        refuse(frame, path, columns.promotion, np.isinf(values["promotion"]), "a finite number")
    (site, sites), (product, products) = (as_names(frame, path, name) for name in (columns.site, columns.product))
    calendar, period = _periods(frame, path, columns.period, frequency)
    order = np.lexsort((period, product, site))
    site, product, period = site[order], product[order], period[order]
    _refuse_doubles(frame, path, columns, order, (np.diff(site) == 0) & (np.diff(product) == 0) & (np.diff(period) == 0))
    starts = np.searchsorted(site, np.arange(len(sites) + 1))
    sorted_values = {name: value[order] for name, value in values.items()}
    first, last = int(period.min()), int(period.max())
    return Recorded(path, calendar, first, last, sites, products, starts, product, period, sorted_values)


def _periods(frame: pd.DataFrame, path: Path, column: str, frequency: Frequency | None) -> tuple[Calendar, Integers]:
    """The file's calendar, and the number of each row's period (R,)."""
    import pandas as pd

    texts = as_texts(frame[column])
    refuse(frame, path, column, texts.isna().to_numpy(), "a period")
    which, names = pd.factorize(texts)
    named = pd.Series(names, dtype=str)
    calendar = calendar_of(named, frequency)
    number = calendar.numbers(named)
    refuse(frame, path, column, (np.isnan(number) | (number % 1 != 0))[which], calendar.accepted)
    there = np.unique(number)
    if there[-1] - there[0] > SPREAD * len(there) + 10_000:
        gap = int(np.diff(there).argmax())
        far = there[: gap + 1] if gap + 1 < len(there) / 2 else there[gap + 1 :]
        refuse(frame, path, column, np.isin(number, far)[which], "periods numbered one by one, which this is far from")
    return calendar, number.astype(np.int64)[which]


def _refuse_doubles(frame: pd.DataFrame, path: Path, columns: FileColumns, order: Integers, again: NDArray[np.bool_]) -> None:
    """Raise InputError for a cell that two rows have; `again` says which row in `order` has that of the one before it."""
    if again.any():
        at = int(np.flatnonzero(again)[order[:-1][again].argmin()])
        first, second = int(order[at]), int(order[at + 1])
        found = ", ".join(str(frame[name].iloc[second]) for name in (columns.period, columns.site, columns.product))
        raise InputError(
            f"{path}, row {second + 1}", found, f"one row for each period, site and product; row {first + 1} has it"
        )
