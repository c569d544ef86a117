"""Rows of one site, product and day put together, and days to periods.

Letters: R rows, C cells (a site, a product and a day or period that rows tell of).
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from orderup.envs.foundation.errors import InputError
from orderup.envs.numerics.arrays import Floats

from ..record.decisions import ImportDecision, ImportDecisions
from ..record.keys import CleaningKeys
from ..record.periods import CalendarPeriods
from ..record.sales import Sales

Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Cells:
    """What was sold of a product at a site in a period, where rows tell of it."""

    site: Integers
    """(C,)"""
    product: Integers
    period: Integers
    amount: Floats
    """(C,) [units], NaN where rows tell of it and not how much."""
    censored: NDArray[np.bool_]
    """(C,) where the shelf was empty for a time."""
    closed: NDArray[np.bool_]

    def beside(self, other: Cells) -> Cells:
        """These and others."""
        return Cells(*(np.concatenate([getattr(self, name.name), getattr(other, name.name)]) for name in fields(self)))


def cells_of(sales: Sales, periods: CalendarPeriods, keys: CleaningKeys, decisions: ImportDecisions) -> Cells:
    """Sales by periods: returns and duplicates as the keys have it. Raises InputError for what they refuse."""
    back = sales.quantity < 0
    _tell_returns(sales, back, keys, decisions)
    sold = _days_of(sales.keep(~back), keys.duplicates, keys, decisions)
    if keys.returns == "drop" or not back.any():
        return _by_period(sold, periods, sales.table.name, decisions)
    returned = _days_of(sales.keep(back), "sum", keys, decisions)
    return _by_period(sold.beside(returned), periods, sales.table.name, decisions)


def _days_of(sales: Sales, how: str, keys: CleaningKeys, decisions: ImportDecisions) -> Cells:
    """Rows as cells of days: one for each site, product and day."""
    series = sales.site.astype(np.int64) * len(sales.products) + sales.product
    day = sales.day - (sales.day.min() if len(sales) else 0)
    span = int(day.max()) + 1 if len(sales) else 1
    order, starts = _groups(series * span + day)
    if not (sales.quantity < 0).any():
        _tell_duplicates(sales, order, starts, keys, decisions)
    amount, first = _put_together(sales.quantity[order], starts, how), order[starts]
    censored, closed = (_any(flag, order, starts) for flag in (sales.out_of_stock, sales.closed))
    site, product = sales.site[first].astype(np.int64), sales.product[first].astype(np.int64)
    return Cells(site, product, sales.day[first], amount, censored, closed)


def _groups(key: Integers) -> tuple[Integers, Integers]:
    """An order (R,) in which rows of the same key follow each other as they did, and where each key begins in it."""
    order = np.argsort(key, kind="stable")
    ordered = key[order]
    starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1])) if len(key) else np.zeros(0, np.int64)
    return order, starts


def _tell_returns(sales: Sales, back: NDArray[np.bool_], keys: CleaningKeys, decisions: ImportDecisions) -> None:
    if not back.any():
        return
    if keys.returns == "refuse":
        sales.table.refuse_any(back, sales.columns["quantity"], "a quantity ≥ 0, or returns=net or returns=drop")
    why = f"{-float(sales.quantity[back].sum()):,.10g} units came back or were cancelled"
    example = sales.first(back).partition(", ")[2]
    found = "rows of less than nothing"
    decisions.add(ImportDecision(sales.table.name, found, int(back.sum()), "returns", keys.returns, why, True, example))


def _tell_duplicates(sales: Sales, order: Integers, starts: Integers, keys: CleaningKeys, decisions: ImportDecisions) -> None:
    again = np.ones(len(order), dtype=bool)
    again[starts] = False
    if not again.any():
        return
    second = int(order[again][0])
    if keys.duplicates == "refuse":
        what = f"{sales.products[sales.product[second]]} at {sales.sites[sales.site[second]]} again on the same day"
        accepted = "one row for each site, product and day, or duplicates=sum, first, last or mean"
        raise InputError(sales.place(second, "date"), what, accepted)
    same = again & (np.append(np.nan, sales.quantity[order][:-1]) == sales.quantity[order])
    why = f"{int(same.sum()):,} of them with the quantity of the row before" if same.any() else ""
    found = "rows of a site, product and day that has one already"
    example = sales.place(second, "date").partition(", ")[2]
    decisions.add(ImportDecision(sales.table.name, found, int(again.sum()), "duplicates", keys.duplicates, why, True, example))


def _put_together(amount: Floats, starts: Integers, how: str) -> Floats:
    """Rows (R,) in groups as one amount each (C,); NaN only where nothing is known."""
    if not len(starts):
        return amount
    if how in ("first", "last", "refuse"):
        ends = np.append(starts[1:], len(amount)) - 1
        return amount[ends if how == "last" else starts]
    known = ~np.isnan(amount)
    total = np.add.reduceat(np.where(known, amount, 0.0), starts)
    count = np.add.reduceat(known.astype(float), starts)
    found = total / np.maximum(count, 1) if how == "mean" else total
    return np.where(count > 0, found, np.nan)


def _any(flag: NDArray[np.bool_] | None, order: Integers, starts: Integers) -> NDArray[np.bool_]:
    if flag is None or not len(starts):
        return np.zeros(len(starts), dtype=bool)
    return np.logical_or.reduceat(flag[order], starts)


def _by_period(days: Cells, periods: CalendarPeriods, source: str, decisions: ImportDecisions) -> Cells:
    """Cells of days as those of periods, in which what came back is taken off."""
    period = periods.of_days(days.period)
    low, span = (int(period.min()), int(period.max() - period.min()) + 1) if len(period) else (0, 1)
    width = int(days.product.max()) + 1 if len(period) else 1
    order, starts = _groups((days.site * width + days.product) * span + period - low)
    total = _put_together(days.amount[order], starts, "sum")
    unknown = np.isnan(days.amount[order])
    total = np.where(_any(np.isnan(days.amount), order, starts), np.nan, total) if unknown.any() else total
    below = total < 0
    found = f"{periods.word}s in which more came back than was sold"
    decisions.add(ImportDecision(source, found, int(below.sum()), "returns", "nothing sold in them", "", True))
    at = order[starts]
    censored, closed = (_any(flag, order, starts) for flag in (days.censored, days.closed))
    return Cells(days.site[at], days.product[at], period[at], np.where(below, 0.0, total), censored, closed)
