"""When a product was to be had at a site, and what is not known of the time between.

Letters: S series, T periods, N sites.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from orderup.envs.foundation.errors import InputError
from orderup.envs.numerics.arrays import Floats

from ..record.decisions import ImportDecision, ImportDecisions
from ..record.keys import CleaningKeys
from ..record.periods import CalendarPeriods

Integers = NDArray[np.int64]
Rows = NDArray[np.bool_]
HALF_A_YEAR = {"day": 183, "week": 26, "month": 6, "number": 26}
USUALLY = 3
"""Products that a site must usually sell in a period for one without any to be taken for closed."""


@dataclass(frozen=True)
class AmountGrid:
    """Amounts by series and period, and where rows tell of them."""

    site: Integers
    """(S,)"""
    amount: Floats
    """(S, T), 0 where no row tells."""
    told: Rows
    """(S, T) where a row tells of it."""
    unknown: Rows
    """(S, T) where it is not known, whatever a row tells."""


@dataclass(frozen=True)
class Lives:
    """Demand (S, T), NaN where it is not known, and from when to when a product was to be had."""

    demand: Floats
    since: Integers
    until: Integers


def lives_of(grid: AmountGrid, periods: CalendarPeriods, keys: CleaningKeys, decisions: ImportDecisions, source: str) -> Lives:
    """Gaps, launches and ends as the keys have it. Raises InputError for gaps that they refuse."""
    series, length = grid.amount.shape
    at = np.arange(length)
    sold = grid.amount > 0
    ever: Rows = np.asarray(sold.any(axis=1))
    first = np.where(ever, sold.argmax(axis=1), length)
    last = np.where(ever, length - 1 - sold[:, ::-1].argmax(axis=1), -1)
    since = np.zeros(series, dtype=np.int64) if keys.launch == "start" else first
    until = np.where(length - 1 - last > (keys.ended or HALF_A_YEAR[periods.unit]), last, length - 1)
    _tell_lives(since, until, ever, length, periods, keys, decisions, source)
    there = (at >= since[:, None]) & (at <= until[:, None])
    shut = _shut(grid) & there & ~grid.told
    gap = there & ~grid.told & ~shut
    fill = keys.gaps or ("missing" if _writes_zeros(grid) else "zero")
    _tell_gaps(gap, shut, fill, periods, keys, decisions, source)
    demand = np.where(there, grid.amount, np.nan)
    demand[grid.unknown & there] = np.nan
    if fill == "missing":
        demand[gap] = np.nan
    if keys.closed == "missing":
        demand[shut] = np.nan
    return Lives(demand, since, until)


def _writes_zeros(grid: AmountGrid) -> bool:
    """Whether the file writes down that nothing was sold."""
    return bool(((grid.amount == 0) & grid.told & ~grid.unknown).sum() > 0.005 * max(int(grid.told.sum()), 1))


def _shut(grid: AmountGrid) -> Rows:
    """Periods (S, T) in which a site that usually sells several products has no row at all, or nobody has."""
    sites = int(grid.site.max()) + 1 if len(grid.site) else 0
    count = np.zeros((sites, grid.told.shape[1]))
    np.add.at(count, grid.site, grid.told.astype(float))
    usual = np.array([np.median(row[row > 0]) if (row > 0).any() else 0.0 for row in count])
    alone = (count == 0) & (usual >= USUALLY)[:, None]
    everybody = count.sum(axis=0)
    nobody = (everybody == 0) & (np.median(everybody) >= USUALLY)
    return np.asarray((alone | nobody)[grid.site], dtype=bool)


def _tell_lives(
    since: Integers,
    until: Integers,
    ever: Rows,
    length: int,
    periods: CalendarPeriods,
    keys: CleaningKeys,
    decisions: ImportDecisions,
    source: str,
) -> None:
    late, over = ever & (since > 0), ever & (until < length - 1)
    told = f"products at a site whose first sale is later than the first {periods.word}"
    why = f"not counted before it, {int(np.where(late, since, 0).sum()):,} {periods.word}s in all"
    decisions.add(ImportDecision(source, told, int(late.sum()), "launch", keys.launch, why, changes=False))
    told = f"products at a site not sold in the last {keys.ended or HALF_A_YEAR[periods.unit]} {periods.word}s"
    decisions.add(
        ImportDecision(source, told, int(over.sum()), "ended", "no longer sold there", "left out of the network", True)
    )
    never = int((~ever).sum())
    decisions.add(ImportDecision(source, "products at a site of which nothing was ever sold", never, "", "left out", "", True))


def _tell_gaps(
    gap: Rows, shut: Rows, fill: str, periods: CalendarPeriods, keys: CleaningKeys, decisions: ImportDecisions, source: str
) -> None:
    if gap.any() and fill == "refuse":
        found = f"{int(gap.sum()):,} {periods.word}s of a product at a site without a row"
        raise InputError(f"{source}, gaps", found, "gaps=zero or gaps=missing")
    why = "the file writes down zeros" if fill == "missing" and keys.gaps is None else ""
    why = "the file has no zeros, so that what was not sold has no row" if fill == "zero" and keys.gaps is None else why
    told = f"{periods.word}s of a product at a site without a row"
    decisions.add(ImportDecision(source, told, int(gap.sum()), "gaps", fill, why, changes=False))
    told = f"{periods.word}s of a product at a site in which nothing at all is recorded there"
    decisions.add(ImportDecision(source, told, int(shut.sum()), "closed", keys.closed, "", changes=False))
