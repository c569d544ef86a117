"""From rows of sales to demand by periods: all decisions, in their order.

Letters: R rows, S series, T periods.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from orderup.envs.foundation.errors import InputError
from orderup.envs.numerics.arrays import Floats

from ..record.decisions import ImportDecision, ImportDecisions
from ..record.keys import CleaningKeys
from ..record.periods import CalendarPeriods
from ..record.sales import Sales
from .cells import Cells, cells_of
from .demand_record import DemandRecord
from .lives import AmountGrid, lives_of
from .outliers import without_outliers

LARGEST = 60_000_000
"""Series times periods that are worked on at a time."""
FULL = 0.999


def cleaned(
    sales: Sales, periods: CalendarPeriods, keys: CleaningKeys, today: int, decisions: ImportDecisions, shut: Shut | None = None
) -> DemandRecord:
    """Demand by periods. `today` is the day, since 1970, after which nothing has happened yet; on `shut` days sites are closed.

    Raises InputError.
    """
    source = sales.table.name
    sales = _until_today(sales, keys, today, decisions)
    if not len(sales):
        raise InputError(source, "no rows that are left", "a row for each sale")
    price = _prices(sales)
    cells = cells_of(sales, periods, keys, decisions)
    first, last = _whole_periods(sales, periods, keys, decisions)
    site, product, grid = _grid(cells, first, last, len(sales.products), source, keys, decisions, periods)
    if shut is not None:
        grid = _less(grid, shut, first, keys, decisions)
    lives = lives_of(grid, periods, keys, decisions, source)
    demand = without_outliers(lives.demand, keys.outliers, decisions, source, periods.word)
    record = DemandRecord(
        periods,
        first,
        sales.sites,
        sales.products,
        site,
        product,
        demand,
        lives.since,
        lives.until,
        price,
        decisions,
        source,
        int(sales.day.max()),
    )
    still = (lives.until == last - first) & (grid.amount > 0).any(axis=1)
    if not still.any():
        raise InputError(
            source, f"nothing sold in the last {periods.word}s", "a file that goes on to today, or a larger `ended`"
        )
    return record.keep(still)


class Shut(Protocol):
    """Days on which sites are closed."""

    @property
    def name(self) -> str:
        """What they are told by."""
        ...

    def at(self, site: NDArray[np.int64], first: int, length: int) -> NDArray[np.bool_]:
        """Where series, each at its site (S,), are closed, over so many days from a first one on (S, T)."""
        ...


def _less(grid: AmountGrid, shut: Shut, first: int, keys: CleaningKeys, decisions: ImportDecisions) -> AmountGrid:
    """The same without days on which a site was closed and sold nothing."""
    closed = shut.at(grid.site, first, grid.told.shape[1])
    idle, sold = closed & (grid.amount == 0), closed & (grid.amount > 0)
    found = "days of a product at a site that was closed, by the file of holidays"
    decisions.add(ImportDecision(shut.name, found, int(idle.sum()), "closed", keys.closed, "", False))
    found = "days of a product at a site with sales on a holiday"
    decisions.add(ImportDecision(shut.name, found, int(sold.sum()), "", "sales like others", "", False))
    unknown = grid.unknown | (idle if keys.closed == "missing" else False)
    return replace(grid, told=grid.told | idle, unknown=unknown)


def _until_today(sales: Sales, keys: CleaningKeys, today: int, decisions: ImportDecisions) -> Sales:
    if sales.grain == "number":
        return sales
    later = sales.day > today
    if later.any() and keys.future == "refuse":
        sales.table.refuse_any(later, sales.columns["date"], "no day after today, or future=drop or future=keep")
    example = sales.first(later, "date")
    found = ImportDecision(
        sales.table.name, "rows of days after today", int(later.sum()), "future", keys.future, "", True, example
    )
    decisions.add(found)
    return sales.keep(~later) if keys.future == "drop" else sales


def _prices(sales: Sales) -> Floats:
    """The mean price of each product, weighed by what was sold at it (K,)."""
    count = len(sales.products)
    if sales.price is None:
        return np.full(count, np.nan)
    known = np.isfinite(sales.price) & (sales.quantity > 0)
    units = np.bincount(sales.product[known], sales.quantity[known], count)
    money = np.bincount(sales.product[known], (sales.quantity * sales.price)[known], count)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(units > 0, money / units, np.nan)


def _whole_periods(sales: Sales, periods: CalendarPeriods, keys: CleaningKeys, decisions: ImportDecisions) -> tuple[int, int]:
    """The first and the last period, less those of which days are missing."""
    days = np.unique(sales.day)
    of_period = periods.of_days(days)
    there, count = np.unique(of_period, return_counts=True)
    first, last = int(there[0]), int(there[-1])
    if sales.grain != "day" or periods.unit == "day" or len(there) < 4:
        return first, last
    usual = float(np.median(count[1:-1]))
    short = [period for period, found in ((first, count[0]), (last, count[-1])) if found < FULL * usual]
    named = " and ".join(str(periods.name(period)) for period in short)
    told = f"{periods.word}s at the ends of which days are missing"
    why = f"{named}, of {usual:g} days with sales usually"
    decisions.add(ImportDecision(sales.table.name, told, len(short), "partial", keys.partial, why, True))
    if keys.partial == "drop":
        first, last = first + (first in short), last - (last in short)
    return first, last


def _grid(
    cells: Cells,
    first: int,
    last: int,
    products: int,
    source: str,
    keys: CleaningKeys,
    decisions: ImportDecisions,
    periods: CalendarPeriods,
) -> tuple[NDArray[np.int64], NDArray[np.int64], AmountGrid]:
    """Site and product of each series, and amounts by series and period."""
    inside = (cells.period >= first) & (cells.period <= last)
    key, series = np.unique((cells.site * products + cells.product)[inside], return_inverse=True)
    shape = len(key), last - first + 1
    if shape[0] * shape[1] > LARGEST:
        found = f"{shape[0]:,} products at sites in {shape[1]:,} {periods.word}s"
        raise InputError(source, found, "fewer, by only_sites, only_products or top, or longer periods")
    amount, told, unknown = np.zeros(shape), np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool)
    place = series, cells.period[inside] - first
    told[place] = True
    known = ~np.isnan(cells.amount[inside])
    amount[place] = np.where(known, cells.amount[inside], 0.0)
    censored = cells.censored[inside] & (keys.censored == "missing")
    closed = cells.closed[inside] & (keys.closed == "missing")
    unknown[place] = ~known | censored | closed
    found = f"{periods.word}s of a product at a site in which its shelf was empty for a time"
    decisions.add(ImportDecision(source, found, int(cells.censored[inside].sum()), "censored", keys.censored, "", False))
    found = f"{periods.word}s of a product at a site that was closed"
    decisions.add(ImportDecision(source, found, int(cells.closed[inside].sum()), "closed", keys.closed, "", False))
    return key // products, key % products, AmountGrid(key // products, amount, told, unknown)
