"""One site that pays for every order: the best (s, S) and (r, nQ) policies with full backlogging.

Letters: s reorder point, S order-up-to level, r and Q reorder point and lot, y inventory position after ordering, all in units.
G(y) is the expected holding and shortage cost of the period that an order placed now reaches, the newsvendor's cost over ℓ+1
periods.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from orderup.envs.demand.distribution import Distribution
from orderup.envs.foundation.errors import InputError
from orderup.envs.numerics.arrays import Floats

from .lattice import Lattice, never_negative, on_lattice
from .newsvendor import critical_ratio

MOST_LEVELS = 8000
"""Levels that are looked at; on a lattice that makes more of them, neighbours are taken together."""
NEAR = 1e-9
"""How far off a point of a lattice a position may be by rounding, in steps."""
TIE = 1e-12
"""Costs closer than this (relative) are equal."""


@dataclass(frozen=True)
class ReorderOptimum:
    """A site orders up to `up_to` once its position is at or below `reorder` [units], which costs `cost` per period."""

    reorder: float
    up_to: float
    cost: float


@dataclass(frozen=True)
class LotOptimum:
    """A site orders the fewest lots of `lot` that bring its position above `reorder` [units], at `cost` per period."""

    reorder: float
    lot: float
    cost: float


def s_s_cost(
    holding: float, shortage: float, fixed: float, lead_time: int, demand: Distribution, reorder: float, up_to: float
) -> float:
    """Long-run cost per period of an (s, S) policy: arguments as in zheng_federgruen, `reorder` and `up_to` on its points.

    With m(j) how often in a cycle the position stands j below S, c(s, S) = (K + Σ_{j<S−s} m(j)·G(S−j)) / Σ_{j<S−s} m(j).

    >>> from scipy import stats
    >>> round(s_s_cost(1, 9, 64, 0, stats.poisson(10), 6, 40), 4)
    35.0216
    """
    site = _Site.of(holding, shortage, fixed, lead_time, demand)
    low, high = (round(level / site.step) for level in (reorder, up_to))
    if high <= low:
        raise InputError("up_to", up_to, f"a level above the reorder point, {reorder:g}")
    return site.cost(low, high)


def zheng_federgruen(
    holding: float,
    shortage: float,
    fixed: float,
    lead_time: int,
    demand: Distribution,
    step: float | None = None,
    cover: Lattice | None = None,
) -> ReorderOptimum:
    """The best (s, S) policy of one site with backlogging, over all policies.

    `holding` h and `shortage` b [money per unit and period], `fixed` K [money per order], `lead_time` ℓ [periods], `demand` of
    one period, none negative, independent from period to period: on the integers, or put on a grid of `step` [units]
    (on_lattice). `cover` is the demand that an order protects, on the same lattice, where that is not the one of ℓ+1 periods.
    The search lowers s as long as that pays, then raises S as far as G(S) is below the best cost so far. Raises InputError for
    demand that is sometimes negative or always nothing. Source: Zheng & Federgruen 1991 (Operations Research 39), whose Poisson
    instances of table I have h = 1, b = 9, K = 64.

    >>> from scipy import stats
    >>> best = zheng_federgruen(1, 9, 64, 0, stats.poisson(10))
    >>> (best.reorder, best.up_to, round(best.cost, 4))
    (6.0, 40.0, 35.0216)
    """
    site = _Site.of(holding, shortage, fixed, lead_time, demand, step, cover)
    top = site.cheapest
    low = top - 1
    while site.cost(low, top) > site.expected(low):
        low -= 1
    best, high = site.cost(low, top), top + 1
    while site.expected(high) <= best:
        if site.cost(low, high) < best * (1 - TIE):
            top, best = high, site.cost(low, high)
            while site.cost(low, top) <= site.expected(low + 1):
                low += 1
            best = site.cost(low, top)
        high += 1
    return ReorderOptimum(low * site.step, top * site.step, best)


def best_lots(
    holding: float,
    shortage: float,
    fixed: float,
    lead_time: int,
    demand: Distribution,
    lot: float | None = None,
    step: float | None = None,
    cover: Lattice | None = None,
    start: float = 0.0,
) -> LotOptimum:
    """The best (r, nQ) policy of one site with backlogging; with `lot` the best r for that Q. Arguments as in zheng_federgruen.

    Whole lots never bring a position back on the points of demand's lattice: it stays as far above them as it was at the
    `start` [units], and r lies there too.

    Positions after ordering are spread evenly over r+1 … r+Q, and a period begins with an order as often as the last one's
    demand fills what is left of a lot, so the cost is (K·E min(D, Q) + Σ_{y=r+1}^{r+Q} G(y)) / Q: the Q cheapest neighbours.
    Source: Zheng & Chen 1992 (Naval Research Logistics 39); for one unit at a time Federgruen & Zheng 1992 (Operations
    Research 40).

    >>> from scipy import stats
    >>> best = best_lots(1, 9, 64, 0, stats.poisson(10))
    >>> (best.reorder, best.lot, round(best.cost, 4))
    (6.0, 39.0, 35.1871)
    """
    site = _Site.of(holding, shortage, fixed, lead_time, demand, step, cover, start)
    size = 1 if lot is None else max(round(lot / site.step), 1)
    low, total = site.cheapest - 1, site.expected(site.cheapest)
    for count in range(2, size + 1):
        low, total = site.widened(low, count, total)
    best = LotOptimum(low * site.step + site.above, size * site.step, site.lot_cost(size, total))
    while lot is None:
        low, total = site.widened(low, size + 1, total)
        size += 1
        if total / size >= best.cost:  # holding and shortage alone, which only rise from here
            break
        if site.lot_cost(size, total) < best.cost:
            best = LotOptimum(low * site.step + site.above, size * site.step, site.lot_cost(size, total))
    return best


class _Site:
    """One site's cost by inventory position, counted in steps of its demand's lattice."""

    def __init__(self, fixed: float, one: Lattice, first: int, costs: Floats, rates: tuple[float, float], above: float) -> None:
        self.step, self.above, self._fixed, self._one = one.step, above, fixed, one
        self._first, self._costs, self._rates = first, costs, rates
        self.cheapest = first + int(np.argmin(costs))
        self._least = max(one.first, 1)
        """The smallest demand that changes anything, with the chances of it and all larger ones."""
        self._chance = one.probability[self._least - one.first :]
        self._some = 1.0 - (float(one.probability[0]) if one.first == 0 else 0.0)
        self._visits, self._known = np.array([1.0 / self._some]), 1

    @classmethod
    def of(
        cls,
        holding: float,
        shortage: float,
        fixed: float,
        lead_time: int,
        demand: Distribution,
        step: float | None = None,
        cover: Lattice | None = None,
        start: float = 0.0,
    ) -> _Site:
        """The site, its positions as far above the lattice's points as the one at the `start` is [units]."""
        critical_ratio(holding, shortage)
        one = _one_period(fixed, lead_time, demand, step)
        if step is None and cover is None:
            one = of_a_size(one, fixed * (1 / holding + 1 / shortage), lead_time)
        cover = one.sum(lead_time + 1) if cover is None else cover
        levels = np.arange(cover.first - 1, cover.last + 2)
        surplus = one.step * np.concatenate([[0.0, 0.0], np.cumsum(cover.probability).cumsum()])
        costs = holding * surplus + shortage * (surplus - (levels * one.step - cover.mean()))
        above = start / one.step % 1.0
        above = 0.0 if min(above, 1.0 - above) < NEAR else above
        costs = costs + above * np.diff(costs, append=costs[-1] + holding * one.step)  # straight from point to point
        return cls(fixed, one, int(levels[0]), costs, (shortage * one.step, holding * one.step), above * one.step)

    def expected(self, level: int) -> float:
        """G(y)."""
        return float(self._at(np.array([level]))[0])

    def _at(self, level: NDArray[np.int64]) -> Floats:
        """G of each level, a straight line beyond all the demand there can be."""
        place, last = level - self._first, len(self._costs) - 1
        beyond = self._rates[0] * np.maximum(-place, 0) + self._rates[1] * np.maximum(place - last, 0)
        return np.asarray(self._costs[np.clip(place, 0, last)] + beyond)

    def cost(self, low: int, high: int) -> float:
        """c(s, S)."""
        visits = self._visited(high - low)
        return float((self._fixed + visits @ self._at(high - np.arange(high - low))) / visits.sum())

    def lot_cost(self, size: int, total: float) -> float:
        """Of lots of a size whose levels' costs add up to `total`."""
        demand = self._least + np.arange(len(self._chance))
        return float((self._fixed * (self._chance @ np.minimum(demand, size)) + total) / size)

    def widened(self, low: int, count: int, total: float) -> tuple[int, float]:
        """The best `count` neighbouring levels from the best `count` − 1 above `low`: that much lower, or higher."""
        below, above = self.expected(low), self.expected(low + count)
        return (low - 1, total + below) if below < above else (low, total + above)

    def _visited(self, count: int) -> Floats:
        """m(0) … m(count − 1), the renewal density of demand."""
        if count > len(self._visits):
            self._visits = np.append(self._visits, np.zeros(count))
        for known in range(self._known, count):
            reach = min(max(known - self._least + 1, 0), len(self._chance))
            recent = (
                self._visits[known - self._least + 1 - reach : known - self._least + 1][::-1] if reach else self._visits[:0]
            )
            self._visits[known] = self._chance[:reach] @ recent / self._some
        self._known = max(self._known, count)
        return self._visits[:count]


def of_a_size(one: Lattice, reach: float, lead_time: int) -> Lattice:
    """The same on as coarse a lattice as makes at most MOST_LEVELS of all levels that are looked at.

    They are those within all the demand that an order covers, and `reach` (what an order costs over what a unit does) or some
    of the economic order quantity beyond it.
    """
    wide = (lead_time + 1) ** 0.5 * 14 * one.std() + min(reach, 3 * (2 * reach * one.mean()) ** 0.5)
    coarsest = wide / MOST_LEVELS
    if one.step >= coarsest or one.std() == 0:
        return one
    return one.coarsened(one.step * math.ceil(coarsest / one.step))


def _one_period(fixed: float, lead_time: int, demand: Distribution, step: float | None) -> Lattice:
    if fixed < 0:
        raise InputError("fixed", fixed, "a cost ≥ 0 per order")
    if lead_time < 0:
        raise InputError("lead_time", lead_time, "whole periods from 0")
    one = never_negative(on_lattice(demand, step))
    if one.last == 0:
        raise InputError("demand", demand, "demand that is never negative, and sometimes positive")
    return one
